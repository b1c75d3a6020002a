/** A target's cosign signatures are never replaced by poorer ones: whole descriptors are compared. */
import assert from 'node:assert/strict';
import { makeImage, type TestContent } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { blobOf, digestText } from '../../../support/registry/registry-store.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { warningsOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');
const signatureTag = `${image.digest.replace(':', '-')}.sig`;
const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json';

interface Signature {
  readonly payload: string;
  /** The signature proper, which cosign keeps in an annotation of the layer. */
  readonly by: string;
}

/** cosign's signature manifest has a layer for each signature. Two people who sign one payload make equal layers. */
function signatures(...signed: readonly Signature[]): TestContent {
  const config = Buffer.from('{}');
  const blobs = new Map([[digestText(config), blobOf(config)]]);
  const layers = signed.map(({ payload, by }) => {
    const bytes = Buffer.from(payload);
    blobs.set(digestText(bytes), blobOf(bytes));
    const annotations = { 'dev.cosignproject.cosign/signature': by };
    return { mediaType: simpleSigning, digest: digestText(bytes), size: bytes.length, annotations };
  });
  const document = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociManifest,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: digestText(config),
      size: config.length,
    },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestText(bytes);
  return { mediaType: document.mediaType, bytes, digest, size: bytes.length, document, blobs, children: [] };
}

const ours = { payload: 'claim', by: 'MEUCIQDours' };
const theirs = { payload: 'claim', by: 'MEQCIHtheirs' };
const more = { payload: 'another claim', by: 'MEYCIQmore' };

interface Signed {
  readonly held: TestContent;
  readonly copied: TestContent;
}

/** Publishes a signed image to a registry where it is signed too; returns the signature the target then holds. */
async function publishSigned(t: Scenario<TestRegistry>, { held, copied }: Signed) {
  const [from, to] = t.registries;
  assert.ok(from !== undefined && to !== undefined);
  await t.push('staging:1', image, from);
  await t.push(`staging:${signatureTag}`, copied, from);
  await t.push(`app:${signatureTag}`, held, to);
  const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 0, run.stdout);
  return { run, now: to.tags('app')[signatureTag] };
}

const kept: Readonly<Record<string, Signed>> = {
  'the same payload signed by somebody else': { held: signatures(ours), copied: signatures(theirs) },
  'the same payload signed by somebody else, and one more': {
    held: signatures(ours),
    copied: signatures(theirs, more),
  },
  'fewer signatures of the same payload': { held: signatures(ours, theirs), copied: signatures(theirs) },
};

for (const [name, signed] of Object.entries(kept)) {
  scenario(`a signature stays when the source has ${name}`, { registries: 2 }, async (t) => {
    const { now } = await publishSigned(t, signed);
    assert.equal(now, signed.held.digest);
  });
}

scenario(
  'a source whose signature is not among those of the target is named',
  { registries: 2 },
  async (t) => {
    const { run } = await publishSigned(t, { held: signatures(ours), copied: signatures(theirs) });
    assert.match(warningsOf(run).join('\n'), /cosign/);
  },
);

scenario(
  'a signature of the target that is among those of the source makes room',
  { registries: 2 },
  async (t) => {
    const copied = signatures(ours, theirs);
    const { run, now } = await publishSigned(t, { held: signatures(ours), copied });
    assert.equal(now, copied.digest);
    assert.deepEqual(warningsOf(run), []);
  },
);
