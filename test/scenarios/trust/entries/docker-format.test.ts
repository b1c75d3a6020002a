/** `format: docker` writes the bytes of `docker manifest push`, and warns where these are an OCI index. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
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

const zstd = { layerType: 'application/vnd.docker.image.rootfs.diff.tar.zstd', types: 'docker' } as const;
const compressed = makeImage('linux/amd64', zstd);
const ociZstd = makeImage('linux/amd64', { layerType: 'application/vnd.oci.image.layer.v1.tar+zstd' });
const dockerArm64 = makeImage('linux/arm64', { types: 'docker' });

rows({
  'a Docker image with zstd layers is a warning that names it': {
    held: { 'app:amd64': compressed, 'app:arm64': dockerArm64 },
    entries: [compressed, dockerArm64],
    warnings: [/^Docker images with zstd layers: \S+app:amd64\. .*`oci-mediatypes=true`/],
  },
  'an entry of a list that is published as it is': {
    held: { 'app:list': makeIndex([compressed, dockerArm64], { types: 'docker' }) },
    entries: [compressed, dockerArm64],
    warnings: [/^Docker images with zstd layers: \S+app:list\. /],
  },
  'an OCI image with zstd layers is none': {
    held: { 'app:amd64': ociZstd },
    entries: [ociZstd],
    warnings: [],
  },
});
