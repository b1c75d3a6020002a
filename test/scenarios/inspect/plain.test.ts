/** The inspect action reports lists and images in a registry, and refuses other content. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeArtifact, makeAttestation, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads, errorOf, everywhere, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('a list is reported as the registry serves it', everywhere, async (t) => {
  const list = makeIndex([amd64, arm64], { attestations: true, annotations: { 'org.example.a': 'b' } });
  await t.push('app:1', list);
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['digest'], list.digest);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.equal(run.outputs['image'], `${t.ref('app')}@${list.digest}`);
  assert.equal(run.outputs['json'], JSON.stringify(list.document));
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
});

scenario('an image is reported with the platform of its config', everywhere, async (t) => {
  const image = makeImage('linux/arm/v7', { types: 'docker' });
  await t.push('app:1-armv7', image);
  const run = await t.inspect({ image: t.ref(`app:1-armv7@${image.digest}`) });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['platforms'], 'linux/arm/v7');
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), image.bytes);
});

scenario('an artifact has no platform', everywhere, async (t) => {
  await t.push('app:sig', makeArtifact({ artifactType: 'application/vnd.example' }));
  const run = await t.inspect({ image: t.ref('app:sig') });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['platforms'], '');
});

scenario('lists within a list are shown with what they list', everywhere, async (t) => {
  await t.push('app:1', makeIndex([makeIndex([amd64]), makeIndex([arm64])]));
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('verbose has reference, descriptor and manifest of each image', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64]));
  const run = await t.inspect({ image: t.ref('app:1'), verbose: 'true', summary: 'false' });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.summary, '');
});

scenario('an image of the list that is gone is a warning; verbose fails without it', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64, { content: makeAttestation(amd64), platform: null }]));
  t.registry.inject({
    fault: 'status',
    status: 404,
    on: { method: 'GET', path: new RegExp(arm64.digest), times: 100 },
  });
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(warningsOf(run).length, 1);
  const verbose = await t.inspect({ image: t.ref('app:1'), verbose: 'true' });
  t.snapshot(verbose, { wire: 'none' });
  assert.equal(verbose.exitCode, 1);
  const expected = await t.inspect({ image: t.ref('app:1'), 'expect-platforms': 'linux/arm64' });
  assert.match(
    errorOf(expected).join('\n'),
    /linux\/arm64 is listed, but broken: .+ did not find .+EXPECTATION/s,
  );
});

scenario('an image that does not exist fails the step', everywhere, async (t) => {
  await t.push('app:1.2.3', amd64);
  const run = await t.inspect({ image: t.ref('app:1.2.4') });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assert.match(errorOf(run).join('\n'), /\[NOT_FOUND\]\nDid you mean 1\.2\.3\?/);
  assertOnlyReads(t as never);
});

scenario(
  'an image that needs a login fails the step',
  { on: ['in-process', 'real'], auth: 'basic' },
  async (t) => {
    await t.push('app:1', amd64);
    const run = await t.inspect({ image: t.ref('app:1') });
    t.snapshot(run);
    assert.equal(run.exitCode, 1);
    const login = await t.inspect({ image: t.ref('app:1'), 'registry-auth': t.registryAuth });
    assert.equal(login.exitCode, 0);
  },
);

scenario('the same with a token, over TLS', { auth: 'bearer', tls: true }, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64]));
  const run = await t.inspect({ image: t.ref('app:1'), 'registry-auth': t.registryAuth });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
});

scenario('wrong inputs are reported all at once', {}, async (t) => {
  const run = await t.inspect({
    image: 'ghcr.io/Acme/app:1',
    verbose: 'yes',
    platform: 'amd64',
    'expect-platforms': 'linux/amd64, arm64',
    'expect-digest': 'sha256:123',
    'compare-with': 'digests:out',
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('entries without a platform have that of their config', everywhere, async (t) => {
  await t.push('app:1', makeIndex([{ content: amd64, platform: null }, arm64]));
  const run = await t.inspect({ image: t.ref('app:1') });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('a document that is no manifest fails the step', {}, async (t) => {
  await t.push('app:1', amd64);
  t.registry.inject({ fault: 'status', status: 200, body: '{"hello": 1}', on: { times: 9 } });
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('no image at all is a list, too', everywhere, async (t) => {
  await t.push('app:1', makeIndex([]));
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
});
