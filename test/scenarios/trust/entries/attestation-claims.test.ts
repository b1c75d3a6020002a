/** An entry is an attestation by its platform and its content; its annotations alone prove nothing. */
import assert from 'node:assert/strict';
import {
  describe,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../../support/images/images.ts';
import { type DescriptorDocument, manifestTypes } from '../../../support/images/manifest-document.ts';
import { blobOf, digestText } from '../../../support/registry/registry-store.ts';
import { layoutOf } from '../../../support/rigs/layout-writer.ts';
import type { Files } from '../../../support/run/run-directory.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

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

function digestsOf(entries: readonly DescriptorDocument[]): readonly string[] {
  return entries.map(({ digest }) => digest);
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

scenario('an image annotated as an attestation does not ride along with another platform', {}, async (t) => {
  const list = makeIndex([arm64, { content: impostor, annotations: claims(arm64) }]);
  await t.push('app:built', list);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), platforms: 'linux/arm64' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(digestsOf(entriesOf(run)), [arm64.digest]);
});

scenario('an image annotated as an attestation is a second image of its platform', {}, async (t) => {
  const list = makeIndex([arm64, { content: impostor, annotations: claims(arm64) }]);
  await t.push('app:built', list);
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /linux\/amd64.*\[DUPLICATE_PLATFORM\]/s);
});

scenario('an image annotated as an attestation counts among the platforms', {}, async (t) => {
  const list = makeIndex([arm64, { content: impostor, annotations: claims(arm64) }]);
  await t.push('app:built', list);
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const sources = `${t.ref('app:built')}\n${t.ref('app:riscv64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, attestations: 'drop' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/arm64,linux/amd64,linux/riscv64');
});

scenario('an image of no platform with the claims of an attestation is refused', {}, async (t) => {
  // The entry's platform contradicts the config of an image, which is an error like any other.
  const list = makeIndex([arm64, { content: impostor, platform: unknown, annotations: claims(arm64) }]);
  await t.push('app:built', list);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /unknown\/unknown.*linux\/amd64.*\[PLATFORM_MISMATCH\]/s);
});

for (const [form, make] of [
  ['with an image config', makeAttestation],
  ['with an empty config', makeEmptyConfigAttestation],
] as const) {
  scenario(`an attestation ${form} goes along with its image, and only with it`, {}, async (t) => {
    const attestation = make(arm64);
    const entries = [
      arm64,
      amd64,
      { content: attestation, platform: unknown, annotations: claims(arm64) },
    ] as const;
    await t.push('app:built', makeIndex(entries));
    const inputs = { sources: t.ref('app:built'), attestations: 'keep' };
    const both = await t.publish({ ...inputs, tags: t.ref('app:1'), platforms: 'linux/arm64' });
    assert.deepEqual(digestsOf(entriesOf(both)), [arm64.digest, attestation.digest], both.stdout);
    const other = await t.publish({ ...inputs, tags: t.ref('app:2'), platforms: 'linux/amd64' });
    assert.deepEqual(digestsOf(entriesOf(other)), [amd64.digest], other.stdout);
  });

  scenario(`an attestation ${form} and no platform is written as of an unknown one`, {}, async (t) => {
    const attestation = make(arm64);
    const built = makeIndex([arm64, { content: attestation, platform: null, annotations: claims(arm64) }]);
    await t.push('app:built', built);
    await t.push('app:amd64', amd64);
    const sources = `${t.ref('app:built')}\n${t.ref('app:amd64')}`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    const entry = entriesOf(run).find(({ digest }) => digest === attestation.digest);
    assert.deepEqual(entry?.platform, { architecture: 'unknown', os: 'unknown' });
  });
}

/** A layout as files of the workspace, with these entries in its index.json. */
async function layout(contents: readonly TestContent[], entries: readonly object[]): Promise<Files> {
  const files = await layoutOf(contents, entries);
  return Object.fromEntries([...files].map(([name, bytes]) => [`build/${name}`, bytes]));
}

scenario('a true attestation in a layout goes along', {}, async (t) => {
  const attestation = makeAttestation(arm64);
  const entries = [
    { ...describe(arm64), platform: arm64.platform },
    { ...describe(attestation), platform: unknown, annotations: claims(arm64) },
  ];
  const workspace = await layout([arm64, attestation], entries);
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:build' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(digestsOf(entriesOf(run)), [arm64.digest, attestation.digest]);
});

scenario('an image in a layout that is annotated as an attestation is an image', {}, async (t) => {
  const entries = [
    { ...describe(arm64), platform: arm64.platform },
    { ...describe(impostor), platform: impostor.platform, annotations: claims(arm64) },
  ];
  const workspace = await layout([arm64, impostor], entries);
  const inputs = { tags: t.ref('app:1'), sources: 'oci:build', attestations: 'drop' };
  const run = await t.publish(inputs, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/arm64,linux/amd64');
});
