/** HTTP/2, where a registry offers it. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { startRealRegistry } from '../../support/registry/real-registry.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../../support/run/scenario.ts';
import { secret, secretOf } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { startHttp2Front } from '../../support/wire/http2-front.ts';
import { skipWithout } from '../../support/wire/programs.ts';

const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/386',
  'linux/s390x',
  'linux/ppc64le',
  'linux/riscv64',
];
const front = { registries: 0, skip: skipWithout('nghttpx', 'docker-registry') };
const offered: ScenarioOptions = { registry: { http2: true, tls: serverTls() } };

scenario('CNCF distribution behind nghttpx is spoken to by HTTP/2', front, async (t) => {
  const registry = await startRealRegistry();
  const nghttpx = await startHttp2Front(registry);
  for (const server of [nghttpx, registry]) t.test.after(() => server.close());
  const names = platforms.map((platform) => `app:1-${platform.replaceAll('/', '-')}`);
  for (const [index, platform] of platforms.entries())
    await t.push(names[index] ?? '', makeImage(platform), registry);
  const run = await t.publish(
    {
      tags: `${t.ref('app:1', nghttpx)}\n${t.ref('copy:1', nghttpx)}`,
      sources: names.map((name) => t.ref(name, nghttpx)).join('\n'),
    },
    { env: { NODE_EXTRA_CA_CERTS: nghttpx.caFile } },
  );
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  for (const name of ['app:1', 'copy:1'])
    assert.equal((await t.served(name, registry))?.digest, run.outputs['digest']);
  const manifests = (await nghttpx.requests()).filter((line) => line.includes('/manifests/'));
  assert.ok(manifests.length > platforms.length);
  assert.deepEqual(
    manifests.filter((line) => !line.startsWith('HTTP/2 ')),
    [],
  );
});

/** Seven images, published under two tags. */
async function publishSeven(t: Scenario) {
  const names = platforms.map((platform) => `app:1-${platform.replaceAll('/', '-')}`);
  for (const [index, platform] of platforms.entries()) await t.push(names[index] ?? '', makeImage(platform));
  const tags = `${t.ref('app:1')}\n${t.ref('app:2')}`;
  return () => t.publish({ tags, sources: names.map((name) => t.ref(name)).join('\n') });
}

scenario('parallel requests share a connection', offered, async (t) => {
  const publish = await publishSeven(t);
  const run = await publish();
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  t.test.diagnostic(
    `${t.registry.wire.length} requests on ${t.registry.connections} connections, ${t.registry.maxConcurrent} at once`,
  );
  assert.ok(t.registry.connections < t.registry.wire.length / 2);
});

const reads = [
  { name: 'a read of a manifest', on: { method: 'GET', path: /\/manifests\/1-linux-arm64/ } },
  { name: 'a look at a tag', on: { method: 'HEAD', path: /\/manifests\/1$/ } },
  { name: 'a read of a config', on: { method: 'GET', path: /\/blobs\//, nth: 3 } },
  { name: 'the read back', on: { method: 'GET', path: /\/manifests\/2$/ } },
] as const;

const writes = [
  { name: 'the push by digest', on: { method: 'PUT', path: /\/manifests\/sha256:/ } },
  { name: 'the push of a tag', on: { method: 'PUT', path: /\/manifests\/2$/ } },
] as const;

const faults = [
  ...(['goaway', 'refused-stream', 'reset'] as const).map((fault) => ({
    fault,
    moments: [...reads, ...writes],
  })),
  { fault: 'reset-after-store', moments: writes },
] as const;

for (const { fault, moments } of faults)
  for (const { name, on } of moments) {
    scenario(`${fault} at ${name}: the request is sent again`, offered, async (t) => {
      const publish = await publishSeven(t);
      t.registry.inject({ fault, on });
      const run = await publish();
      assert.equal(run.exitCode, 0, run.stdout + run.stderr);
      assert.ok(t.registry.wire.some((entry) => entry.fault === fault));
      for (const tag of ['1', '2']) assert.equal(t.registry.tags('app')[tag], run.outputs['digest']);
    });
  }

scenario(
  'a token is asked for and shown by HTTP/2 too',
  { registry: { ...offered.registry, auth: 'bearer' } },
  async (t) => {
    const { username = '', password = '' } = t.registry.credentials ?? {};
    secret(secretOf(username, password));
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    t.registry.inject({ fault: 'goaway', on: { path: /^\/token/ } });
    const run = await t.publish({
      tags: t.ref('app:1'),
      sources: t.ref('app:1-amd64'),
      'registry-auth': t.registryAuth,
    });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    assert.equal(t.registry.tokens?.records.length, 1);
  },
);
