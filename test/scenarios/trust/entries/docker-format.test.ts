/** `format: docker` writes the bytes of `docker manifest push`, and warns where these are an OCI index. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { makeImage } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import { rows } from '../../rows.ts';

rows({
  // `docker manifest push` writes an OCI index here too: some registries refuse a Docker list of OCI images.
  'OCI images alone become an OCI index in the form of docker, with a warning': {
    held: { 'app:amd64': makeImage('linux/amd64'), 'app:arm64': makeImage('linux/arm64') },
    inputs: { format: 'docker' },
    outputs: { 'media-type': manifestTypes.ociIndex },
    warnings: [/format: docker.*OCI (?:image )?index|OCI (?:image )?index.*format: docker/],
    check: async (run, t) => {
      assert.match((await t.served('app:1'))?.bytes.toString() ?? '', /^\{\n {3}"schemaVersion": 2/);
      assert.match(run.summary, /OCI (?:image )?index/);
    },
  },
  'Docker images alone get no warning': {
    held: { 'app:amd64': makeImage('linux/amd64', { types: 'docker' }) },
    inputs: { format: 'docker' },
    outputs: { 'media-type': manifestTypes.dockerList },
    warnings: [],
  },
});

test('action.yml says what format: docker gives for OCI images', () => {
  const definition = parse(readFileSync(new URL('../../../../action.yml', import.meta.url), 'utf8')) as {
    readonly inputs: { readonly format: { readonly description: string } };
  };
  assert.match(definition.inputs.format.description, /OCI images/);
});
