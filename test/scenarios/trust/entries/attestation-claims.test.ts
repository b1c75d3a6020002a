/** An entry is an attestation by its platform and its content; its annotations alone prove nothing. */
import assert from 'node:assert/strict';
import {
  describe,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import { blobOf, digestText } from '../../../support/registry/registry-store.ts';
import { layoutOf } from '../../../support/rigs/layout-writer.ts';
import type { Files } from '../../../support/run/run-directory.ts';
import { entriesOf } from '../../evidence.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const impostor = makeImage('linux/amd64', { name: 'impostor' });
const unknown = { os: 'unknown', architecture: 'unknown' };

/** The annotations that BuildKit writes beside an attestation of this image. */
function claims(subject: TestContent): Readonly<Record<string, string>> {
  return {
    'vnd.docker.reference.digest': subject.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
}

/** The newer form of an attestation: an empty config, and an artifactType that says what it is. */
function makeEmptyConfigAttestation(subject: TestContent): TestContent {
  const attestation = makeAttestation(subject);
  const empty = Buffer.from('{}');
  const document = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociManifest,
    artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: digestText(empty),
      size: empty.length,
    },
    layers: attestation.document.layers ?? [],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const blobs = new Map([...attestation.blobs, [digestText(empty), blobOf(empty)]]);
  return {
    mediaType: manifestTypes.ociManifest,
    bytes,
    digest: digestText(bytes),
    size: bytes.length,
    document,
    blobs,
    children: [],
  };
}

const claimed = makeIndex([arm64, { content: impostor, annotations: claims(arm64) }]);
const disguised = makeIndex([arm64, { content: impostor, platform: unknown, annotations: claims(arm64) }]);
const riscv64 = makeImage('linux/riscv64');

rows({
  'an image annotated as an attestation is left out with its platform': {
    held: { 'app:built': claimed },
    inputs: { platforms: 'linux/arm64' },
    entries: [arm64],
  },
  'an image annotated as an attestation is a second image of its platform': {
    held: { 'app:built': claimed, 'app:amd64': amd64 },
    fails: /linux\/amd64.*\[DUPLICATE_PLATFORM\]/s,
  },
  'an image annotated as an attestation counts among the platforms': {
    held: { 'app:built': claimed, 'app:riscv64': riscv64 },
    inputs: { attestations: 'drop' },
    outputs: { platforms: 'linux/arm64,linux/amd64,linux/riscv64' },
  },
  // No client ever pulls an entry whose platform is written unknown/unknown.
  'an image listed as unknown/unknown with the annotations of an attestation stays one, and is no platform': {
    held: { 'app:built': disguised },
    entries: [arm64, impostor],
    outputs: { platforms: 'linux/arm64' },
  },
});

for (const [form, attestation] of [
  ['with an image config', makeAttestation(arm64)],
  ['with an empty config', makeEmptyConfigAttestation(arm64)],
] as const) {
  const entry = { content: attestation, annotations: claims(arm64) };
  const built = makeIndex([arm64, amd64, { ...entry, platform: unknown }]);
  const nameless = makeIndex([arm64, { ...entry, platform: null }]);

  rows({
    [`an attestation ${form} goes along with its image`]: {
      held: { 'app:built': built },
      inputs: { platforms: 'linux/arm64' },
      entries: [arm64, attestation],
    },
    [`an attestation ${form} goes along with no other image`]: {
      held: { 'app:built': built },
      inputs: { platforms: 'linux/amd64' },
      entries: [amd64],
    },
    [`an attestation ${form} and no platform gets the unknown platform`]: {
      held: { 'app:built': nameless, 'app:amd64': amd64 },
      check: (run) => {
        const written = entriesOf(run).find(({ digest }) => digest === attestation.digest);
        assert.deepEqual(written?.platform, { architecture: 'unknown', os: 'unknown' });
      },
    },
  });
}

/** A layout as files of the workspace, with these entries in its index.json. */
async function layout(contents: readonly TestContent[], entries: readonly object[]): Promise<Files> {
  const files = await layoutOf(contents, entries);
  return Object.fromEntries([...files].map(([name, bytes]) => [`build/${name}`, bytes]));
}

const attestation = makeAttestation(arm64);
const image = { ...describe(arm64), platform: arm64.platform };

rows({
  'an attestation in a layout goes along': {
    sources: 'oci:build',
    options: {
      workspace: await layout(
        [arm64, attestation],
        [image, { ...describe(attestation), platform: unknown, annotations: claims(arm64) }],
      ),
    },
    entries: [arm64, attestation],
  },
  'an image in a layout that is annotated as an attestation is an image': {
    sources: 'oci:build',
    inputs: { attestations: 'drop' },
    options: {
      workspace: await layout(
        [arm64, impostor],
        [image, { ...describe(impostor), platform: impostor.platform, annotations: claims(arm64) }],
      ),
    },
    outputs: { platforms: 'linux/arm64,linux/amd64' },
  },
});
