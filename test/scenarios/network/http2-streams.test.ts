/** How many requests run at once: HTTP/2 carries more of them on one connection than HTTP/1.1 on all of its own. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { countWaves } from '../../support/wire/waves.ts';
import { store } from '../stock.ts';

const tls = serverTls();
const numbers = Array.from({ length: 120 }, (_, at) => at);

/** Publishes so many images that the registry has. */
async function publishMany(t: Scenario<TestRegistry>, count: number, tags = ['1']) {
  const chosen = numbers.slice(0, count);
  for (const at of chosen)
    store(t.registry, 'app', `image-${at}`, makeImage({ os: 'linux', architecture: `cpu${at}` }));
  const run = await t.publish({
    tags: tags.map((tag) => t.ref(`app:${tag}`)).join('\n'),
    sources: chosen.map((at) => t.ref(`app:image-${at}`)).join('\n'),
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  for (const tag of tags) assert.equal(t.registry.tags('app')[tag], run.outputs['digest']);
  return run;
}

const tags = ['1', '2', '3', '4', '5', '6', '7', '8'];

scenario('64 sources are read at once on one connection', { registry: { tls, http2: true } }, async (t) => {
  const waves = countWaves(t.registry);
  await publishMany(t, 64, tags);
  assert.equal(t.registry.connections, 1);
  assert.ok(Math.max(...waves.sizes) >= 64, waves.sizes.join(' '));
  // Manifests, configs, the list by digest, its tags, the tags again.
  assert.ok(waves.count <= 6, waves.sizes.join(' '));
});

scenario('no more than 100 requests run at once', { registry: { tls, http2: true } }, async (t) => {
  const waves = countWaves(t.registry);
  await publishMany(t, 120);
  assert.equal(t.registry.connections, 1);
  assert.equal(Math.max(...waves.sizes), 100);
});

scenario(
  'a server that allows ten streams gets more connections',
  { registry: { tls, http2: { maxStreams: 10 }, latency: 20 } },
  async (t) => {
    await publishMany(t, 64);
    assert.ok(t.registry.connections <= 7, `${t.registry.connections} connections`);
  },
);

scenario('HTTP/1.1 over TLS gets no more than 32 connections', { registry: { tls } }, async (t) => {
  const waves = countWaves(t.registry);
  await publishMany(t, 64);
  assert.ok(t.registry.connections <= 32, `${t.registry.connections} connections`);
  assert.equal(Math.max(...waves.sizes), 32);
});

for (const fault of ['refused-stream', 'rate-limit'] as const) {
  scenario(`each ${fault} halves the requests at once`, { registry: { tls, http2: true } }, async (t) => {
    // A stream that was refused is asked for once more at once.
    const on = { method: 'GET', path: /\/manifests\/image-/, times: 128 };
    t.registry.inject(fault === 'rate-limit' ? { fault, form: 'bare', on } : { fault, on });
    const waves = countWaves(t.registry);
    await publishMany(t, 64);
    assert.match(waves.sizes.join(' '), /^1 1 (1 )?2 4 8 16 32 /);
  });
}
