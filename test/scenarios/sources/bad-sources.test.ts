/** Sources that cannot be used: one headline names the source, and no tag moves. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import type { PlantedManifest, TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, errorOf, everywhere } from '../evidence.ts';

const onWindows = process.platform === 'win32' && 'Windows connects to no 0.0.0.0';
const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('one of three sources is missing', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  await t.push('app:latest', amd64);
  const run = await t.publish({
    tags: `${t.ref('app:latest')}\n${t.ref('app:1')}`,
    sources: ['amd64', 'armv7', 'arm64'].map((tag) => t.ref(`app:${tag}`)).join('\n'),
    'wait-for-sources': '0',
  });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.equal((await t.served('app:latest'))?.digest, amd64.digest);
  assert.match(errorOf(run)[0] ?? '', /^sources line 2: \S+\/app:armv7 does not exist \[SOURCE_MISSING\]$/);
});

scenario('a source that asks for a login', { ...everywhere, auth: 'basic' }, async (t) => {
  await t.push('app:amd64', amd64);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /^sources line 1: \S+\/app:amd64: /);
});

const reader = { username: 'reader', password: 'reads-only-app-4711', access: { app: ['pull', 'push'] } };
const limited = { registry: { auth: { kind: 'bearer', accounts: [reader], denied: 403 } } } as const;

scenario('a source that the login may not read', limited, async (t) => {
  await t.push('app:amd64', amd64);
  await t.push('private/app:arm64', arm64);
  const sources = `${t.ref('app:amd64')}\n${t.ref('private/app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'registry-auth': t.registryAuth });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /^sources line 2: \S+\/private\/app:arm64: .+ denied .+\[DENIED\]$/);
});

/** A source planted in the registry, whatever it is. */
function unusable(
  name: string,
  make: (t: Scenario<TestRegistry>) => PlantedManifest,
  expected: RegExp,
): void {
  scenario(name, {}, async (t) => {
    await t.push('app:arm64', arm64);
    t.registry.plant('app', 'bad', make(t));
    const run = await t.publish({
      tags: t.ref('app:1'),
      sources: `${t.ref('app:arm64')}\n${t.ref('app:bad')}`,
    });
    t.snapshot(run, { wire: 'none' });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run)[0] ?? '', expected);
    assert.match(errorOf(run)[0] ?? '', /^sources line 2: \S+\/app:bad/);
    if (run.peakRssBytes !== undefined) assert.ok(run.peakRssBytes < 150e6, `${run.peakRssBytes} bytes`);
  });
}

const { dockerManifest, ociManifest, ociIndex } = manifestTypes;

unusable(
  'an image of schema 1',
  ({ registry }) => {
    const mediaType = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    registry.inject({ on: { path: /\/bad$/ }, fault: 'content-type', value: mediaType });
    const fsLayers = [{ blobSum: arm64.document.config?.digest }];
    const old = { schemaVersion: 1, name: 'app', tag: 'bad', architecture: 'amd64', fsLayers, history: [] };
    return { mediaType: dockerManifest, bytes: JSON.stringify(old) };
  },
  /schema 1/,
);

unusable(
  'a manifest of more than 4 MiB',
  () => {
    const annotations = { 'org.example.long': 'x'.repeat(4 * 1024 * 1024) };
    return { mediaType: ociManifest, bytes: JSON.stringify({ ...amd64.document, annotations }) };
  },
  /4 MiB|4194304/,
);

unusable(
  'a manifest that is an index as well',
  () => ({
    mediaType: ociManifest,
    bytes: JSON.stringify({ ...amd64.document, manifests: [] }),
  }),
  /also has "manifests"/,
);

unusable(
  'a manifest delivered as something else',
  () => ({ mediaType: ociIndex, bytes: amd64.bytes }),
  /has the media type/,
);

unusable(
  'a manifest of an unknown type',
  () => ({
    mediaType: ociManifest,
    bytes: JSON.stringify({ ...amd64.document, mediaType: 'application/vnd.example.thing+json' }),
  }),
  /application\/vnd\.example\.thing\+json/,
);

unusable(
  'a manifest whose keys repeat',
  () => ({
    mediaType: ociManifest,
    bytes: amd64.bytes.toString().replace('"layers"', '"Layers":[],"layers"'),
  }),
  /Layers/,
);

unusable('a manifest that is no JSON', () => ({ mediaType: ociManifest, bytes: 'hello' }), /JSON/);

unusable(
  'a manifest with a digest that would lead elsewhere',
  () => ({
    mediaType: ociManifest,
    bytes: amd64.bytes.toString().replace(/"digest":"sha256:\w+"/, '"digest":"../../other/manifests/latest"'),
  }),
  /digest/,
);

scenario(
  'plain HTTP is spoken to loopback hosts, and to those that are listed',
  { skip: onWindows },
  async (t) => {
    // An address that leads to this machine and is no loopback address.
    const elsewhere = `0.0.0.0:${t.registry.host.split(':')[1]}`;
    await t.push('app:amd64', amd64);
    const inputs = { tags: `${elsewhere}/app:1`, sources: `${elsewhere}/app:amd64` };
    const run = await t.publish(inputs);
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run)[0] ?? '', /^sources line 1: 0\.0\.0\.0:\d+\/app:amd64: .+TLS/);
    assert.deepEqual(t.registry.wire, []);
    const listed = await t.publish({ ...inputs, 'insecure-registries': elsewhere });
    assert.equal(listed.exitCode, 0, listed.stdout);
  },
);
