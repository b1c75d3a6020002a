/** `HttpHeaders` of config.json go to the registries that are published to, and say nothing that is not theirs to say. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { configFile } from '../../../support/tokens/handed-logins.ts';

const image = makeImage('linux/amd64');

function valuesOf(registry: TestRegistry, header: string): readonly (string | undefined)[] {
  return [...new Set(registry.wire.map(({ headers }) => headers[header]?.toString()))];
}

scenario(
  'HttpHeaders go to the registries of tags, and not to those of sources',
  { registries: 2 },
  async (t) => {
    const [own, stranger] = t.registries;
    assert.ok(own !== undefined && stranger !== undefined);
    await t.push('base:1', image, stranger);
    const handing = configFile({ HttpHeaders: { 'X-Meta-Team': 'the-release-team' } });
    const inputs = { tags: t.ref('app:1', own), sources: t.ref('base:1', stranger) };
    const run = await t.publish(inputs, handing);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(valuesOf(own, 'x-meta-team'), ['the-release-team']);
    assert.deepEqual(valuesOf(stranger, 'x-meta-team'), [undefined]);
  },
);

scenario('HttpHeaders go to a registry that is both', {}, async (t) => {
  await t.push('app:amd64', image);
  const handing = configFile({ HttpHeaders: { 'X-Meta-Team': 'the-release-team' } });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') }, handing);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(valuesOf(t.registry, 'x-meta-team'), ['the-release-team']);
});

for (const name of ['Authorization', 'Proxy-Authorization', 'Cookie', 'Host']) {
  scenario(`HttpHeaders set no ${name}`, {}, async (t) => {
    await t.push('app:amd64', image);
    const handing = configFile({ HttpHeaders: { [name]: 'value-of-config' } });
    const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') }, handing);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.ok(!valuesOf(t.registry, name.toLowerCase()).includes('value-of-config'));
  });
}

scenario('HttpHeaders do not go where a registry redirects to', { registries: 2 }, async (t) => {
  const [own, storage] = t.registries;
  assert.ok(own !== undefined && storage !== undefined);
  for (const registry of [own, storage]) await t.push('app:amd64', image, registry);
  own.inject({
    fault: 'redirect',
    to: { origin: storage.url },
    on: { method: 'GET', path: /\/blobs\//, times: 9 },
  });
  const handing = configFile({ HttpHeaders: { 'X-Meta-Team': 'the-release-team' } });
  const inputs = { tags: t.ref('app:1', own), sources: t.ref('app:amd64', own) };
  const run = await t.publish(inputs, handing);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(valuesOf(storage, 'x-meta-team'), [undefined]);
});
