/** Build metadata that names a repository none of the tags is in. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { warningsOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');

function build(name: string | undefined): string {
  return JSON.stringify({ 'containerimage.digest': image.digest, ...(name && { 'image.name': name }) });
}

scenario('an image that was pushed to another repository is published with a warning', {}, async (t) => {
  // The file may be another build's, or tampered with: what is published comes from where nobody here publishes.
  await t.push('stranger', image);
  const workspace = { 'build.json': build(t.ref('stranger:1')) };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:build.json' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  const warnings = warningsOf(run).filter(
    (text) => /build\.json/.test(text) && text.includes(t.ref('stranger')),
  );
  assert.equal(warnings.length, 1, run.stdout);
});

scenario('an image that was pushed to the repository of a tag needs no warning', {}, async (t) => {
  await t.push('app', image);
  const workspace = { 'build.json': build(`${t.ref('stranger:1')},${t.ref('app:build-1')}`) };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:build.json' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

scenario('metadata that names no repository means that of the tags', {}, async (t) => {
  await t.push('app', image);
  const workspace = { 'build.json': build(undefined) };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:build.json' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});
