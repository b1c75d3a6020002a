/** `format: docker` with OCI images: the bytes that `docker manifest push` writes, and a word about it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { makeImage } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { warningsOf } from '../../evidence.ts';

// Decided for the same bytes as `docker manifest push`, which writes an OCI index there: a Docker manifest list of
// OCI images would be refused by some registries, and a move to this action changes no digest.
scenario('OCI images alone become an OCI index in the form of docker, with a warning', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64'));
  await t.push('app:arm64', makeImage('linux/arm64'));
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, format: 'docker' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['media-type'], manifestTypes.ociIndex);
  assert.match((await t.served('app:1'))?.bytes.toString() ?? '', /^\{\n {3}"schemaVersion": 2/);
  const warnings = warningsOf(run).filter(
    (text) => /format: docker/.test(text) && /OCI (?:image )?index/.test(text),
  );
  assert.equal(warnings.length, 1, run.stdout);
  assert.match(run.summary, /OCI (?:image )?index/);
});

scenario('Docker images alone get no warning', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64', { types: 'docker' }));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), format: 'docker' };
  const run = await t.publish(inputs);
  assert.equal(run.outputs['media-type'], manifestTypes.dockerList, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

test('action.yml says what format: docker gives for OCI images', () => {
  const definition = parse(readFileSync(new URL('../../../../action.yml', import.meta.url), 'utf8')) as {
    readonly inputs: { readonly format: { readonly description: string } };
  };
  assert.match(definition.inputs.format.description, /OCI images/);
});
