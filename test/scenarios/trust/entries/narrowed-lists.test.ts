/** A sole list that is narrowed loses nothing but the entries that were not asked for. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import { digestText } from '../../../support/registry/registry-store.ts';
import { listOf } from '../../evidence.ts';
import { type Check, rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const base = makeImage('linux/amd64', { name: 'base' });
const made = makeIndex([amd64, arm64], { attestations: true });

/** A list that carries all a list can carry, in the order and indent of Go's encoder. */
const list: TestContent = (() => {
  const document = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociIndex,
    artifactType: 'application/vnd.example.release',
    manifests: made.document.manifests ?? [],
    subject: { mediaType: base.mediaType, digest: base.digest, size: base.size },
    annotations: {
      'org.opencontainers.image.description': 'Two words & <more>',
      'org.opencontainers.image.version': '1.4.0',
    },
  };
  return contentOf(document);
})();

function contentOf(document: TestContent['document']): TestContent {
  // Go's encoder escapes these three in every string.
  const text = JSON.stringify(document, null, 2).replace(
    /[<>&]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const bytes = Buffer.from(text);
  return { ...made, bytes, digest: digestText(bytes), size: bytes.length, document };
}

/** The list with only the entries of these positions. */
function narrowed(...positions: readonly number[]): TestContent {
  const { manifests = [] } = list.document;
  return contentOf({ ...list.document, manifests: manifests.filter((_, at) => positions.includes(at)) });
}

const held = { app: base, 'app:built': list };
const riscv64 = makeImage('linux/riscv64');
const docker = ['amd64', 'arm64'].map((architecture) =>
  makeImage({ os: 'linux', architecture }, { types: 'docker' }),
);
const annotations = { 'org.example.note': 'x' };

/** The bytes that imagetools create --platform writes: the list itself with fewer entries. */
function serves(left: TestContent): Check {
  return async (_, t) => assert.equal((await t.served('app:1'))?.bytes.toString(), left.bytes.toString());
}

rows({
  'a list narrowed by platforms keeps what it says of itself, byte for byte': {
    held,
    inputs: { platforms: 'linux/arm64' },
    check: serves(narrowed(1, 3)),
  },
  'a list narrowed by a platform on the line keeps what it says of itself, byte for byte': {
    held,
    sources: '~/app:built linux/amd64',
    check: serves(narrowed(0, 2)),
  },
  'a list narrowed by attestations: drop keeps what it says of itself, byte for byte': {
    held,
    inputs: { attestations: 'drop' },
    check: serves(narrowed(0, 1)),
  },
  'an annotation is added to those of a narrowed list': {
    held,
    inputs: { platforms: 'linux/arm64', annotations: 'org.example.new=x' },
    check: (run) =>
      assert.deepEqual(listOf(run).annotations, { ...list.document.annotations, 'org.example.new': 'x' }),
  },
  // A list that is only annotated is still that list.
  'an annotation is added to those of a sole list': {
    held,
    inputs: { annotations: 'org.opencontainers.image.version=2' },
    check: (run) => {
      const version = { 'org.opencontainers.image.version': '2' };
      assert.deepEqual(listOf(run).annotations, { ...list.document.annotations, ...version });
      assert.deepEqual(listOf(run).subject, list.document.subject);
    },
  },
  'a list joined with another source is a new list': {
    held: { ...held, 'app:riscv64': riscv64 },
    check: (run) => assert.deepEqual(Object.keys(listOf(run)), ['schemaVersion', 'mediaType', 'manifests']),
  },
  'a narrowed Docker list keeps the form of docker': {
    held: { 'app:built': makeIndex(docker, { types: 'docker', indent: 3 }) },
    inputs: { platforms: 'linux/arm64' },
    outputs: { 'media-type': manifestTypes.dockerList },
    check: async (_, t) =>
      assert.match((await t.served('app:1'))?.bytes.toString() ?? '', /^\{\n {3}"schemaVersion": 2/),
  },
  'format: docker refuses annotations on the list of a source': {
    held: { 'app:built': makeIndex(docker, { annotations }) },
    inputs: { platforms: 'linux/amd64', format: 'docker' },
    fails: [/org\.example\.note/, /app:built/],
  },
  'format: docker refuses annotations on an entry of a source': {
    held: { 'app:built': makeIndex(docker.map((content) => ({ content, annotations }))) },
    inputs: { platforms: 'linux/amd64', format: 'docker' },
    fails: [/org\.example\.note/, /app:built/],
  },
});
