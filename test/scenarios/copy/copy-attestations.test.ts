/** Attestations as OCI artifacts: copied after their images, listed once, and left out where they are not wanted. */
import assert from 'node:assert/strict';
import {
  attestationEntry,
  makeArtifact,
  makeArtifactAttestation,
  makeImage,
  makeIndex,
} from '../../support/images/images.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryOptions } from '../../support/registry/registry-options.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { assertHolds, bothOf, largeBlobOf, largeImage, requestsOf } from './copy-cases.ts';

const image = largeImage();
const attestation = makeArtifactAttestation(image);
// BuildKit lists the image first, but no specification says so.
const attested = makeIndex([attestationEntry({ content: image }, attestation), image]);
const arm64 = makeImage('linux/arm64');
const signature = makeArtifact({
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: image,
});

async function started(t: Scenario, options: RegistryOptions): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  t.test.after(() => registry.close());
  return registry;
}

const lists = { 'a list that is published as it is': ['1'], 'entries of a new list': ['1', 'arm64'] };

for (const [name, sources] of Object.entries(lists)) {
  scenario(`${name}: attestations are pushed after their images, however long those take`, {}, async (t) => {
    const to = await started(t, { subjects: 'required' });
    await t.push('staging:1', attested);
    await t.push('staging:arm64', arm64);
    const path = new RegExp(`/blobs/${largeBlobOf(image)}`);
    t.registry.inject({ fault: 'delay', milliseconds: 61_000, on: { method: 'GET', path } });
    const run = await t.publish({
      tags: t.ref('app:1', to),
      sources: sources.map((tag) => t.ref(`staging:${tag}`)).join('\n'),
    });
    assert.equal(run.exitCode, 0, run.stdout);
    for (const content of [image, attestation]) assertHolds(to, 'app', content);
    const refused = requestsOf(to, 'PUT', '/manifests/').filter(({ outcome }) => outcome !== 201);
    assert.deepEqual(refused, []);
  });
}

scenario('an attestation that its list names gets no tag; a signature of the image does', {}, async (t) => {
  const to = await started(t, { referrers: false });
  await t.push('staging:1', attested);
  await t.push('staging', signature);
  for (const _ of ['first run', 'again']) {
    const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1') });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(warningsOf(run), []);
    assertHolds(to, 'app', attested);
    const listed = to.manifest('app', image.digest.replace(':', '-'))?.document.manifests ?? [];
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [signature.digest],
    );
  }
});

/** A signed attestation that no list names. */
const referring = makeArtifactAttestation(image, ['application/vnd.in-toto.provenance+dsse']);
const signedAttestation = makeArtifact({
  artifactType: 'application/vnd.example.signature',
  subject: referring,
});

scenario('attestations: drop copies no attestations, and copies signatures', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  const attestations = [attestation, referring, signedAttestation];
  await t.push(
    'staging:1',
    makeIndex([image, arm64, attestationEntry({ content: image }, attestation)]),
    from,
  );
  for (const each of [referring, signedAttestation, signature]) await t.push('staging', each, from);
  const inputs = { tags: t.ref('app:1', to), sources: t.ref('staging:1', from) };
  const run = await t.publish({ ...inputs, attestations: 'drop' });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', signature);
  for (const each of attestations) assert.equal(to.manifest('app', each.digest), undefined);
  assert.equal((await t.publish(inputs)).exitCode, 0);
  for (const each of attestations) assertHolds(to, 'app', each);
});

scenario(
  'a list that keeps attestations gets them, beside one that does not',
  { registries: 2 },
  async (t) => {
    const [from, to] = bothOf(t);
    const other = makeImage('linux/arm64', { name: 'other' });
    const dropped = makeArtifactAttestation(other);
    for (const [tag, content] of Object.entries({ shared: image, other }))
      await t.push(`staging:${tag}`, content, from);
    for (const each of [referring, dropped]) await t.push('staging', each, from);
    const [shared, second] = ['shared', 'other'].map((tag) => t.ref(`staging:${tag}`, from));
    const spec = [
      { tags: t.ref('app:small', to), sources: `${shared}\n${second}`, attestations: 'drop' },
      { tags: t.ref('app:whole', to), sources: shared },
    ];
    const run = await t.publish({ spec: JSON.stringify(spec) });
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', referring);
    assert.equal(to.manifest('app', dropped.digest), undefined);
  },
);
