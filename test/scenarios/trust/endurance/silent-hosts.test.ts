/** A host that stops answering anywhere in a run ends it: a run that goes on beyond its limit fails its test. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import type { FaultMatch } from '../../../support/wire/wire.ts';
import { errorOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

const forever = Number.POSITIVE_INFINITY;

/** From which request on the target's host is silent. */
const places: Readonly<Record<string, FaultMatch>> = {
  'from the start': {},
  'from the first config on': { method: 'GET', path: /\/blobs\// },
  'at the look for signatures': { method: 'GET', path: /\/referrers\// },
  'from the first upload on': { method: 'POST' },
  'at the bytes of a blob': { method: 'PUT', path: /\/blobs\// },
  'at the list': { method: 'PUT', path: /\/manifests\/sha256:/ },
  'at the first tag': { method: 'PUT', path: /\/manifests\/one$/ },
  'at the last tag': { method: 'PUT', path: /\/manifests\/two$/ },
  'at the look at a tag after its push': { method: 'GET', path: /\/manifests\/one$/ },
  'at every look at a tag': { method: 'HEAD' },
};

/** The first request of a kind and all that follow are not answered. */
function silence(registry: TestRegistry, on: FaultMatch): void {
  registry.inject({
    fault: 'custom',
    apply: async () => {
      registry.inject({ fault: 'never-answer', on: { times: forever } });
      return { outcome: 'silence', act: () => undefined };
    },
    on: { ...on, times: 1 },
  });
}

async function staged(t: Scenario<TestRegistry>) {
  await t.push('staging:amd64', amd64);
  await t.push('staging:arm64', arm64);
  await t.push('app:one', makeIndex([makeImage('linux/amd64', { name: 'before' })]));
  const tags = ['one', 'two', 'three'].map((tag) => t.ref(`app:${tag}`)).join('\n');
  return { tags, sources: `${t.ref('staging:amd64')}\n${t.ref('staging:arm64')}` };
}

for (const [place, on] of Object.entries(places)) {
  scenario(`a registry that is silent ${place} ends the run`, { registry: { mount: false } }, async (t) => {
    const inputs = await staged(t);
    silence(t.registry, on);
    const run = await t.publish(inputs, { manner: 'process', pace: 'hurried', limit: 60_000 });
    // A silence after the push was confirmed is no failure.
    if (run.exitCode === 0) return assert.ok((await t.served('app:one')) !== undefined);
    assert.match(errorOf(run).join('\n'), /\[[A-Z_]+\]/);
  });
}

scenario('a token server that is silent ends the run', { auth: 'bearer' }, async (t) => {
  const inputs = await staged(t);
  t.registry.inject({ fault: 'never-answer', on: { path: /^\/token/, times: forever } });
  const options = { manner: 'process', pace: 'hurried', limit: 60_000 } as const;
  const run = await t.publish({ ...inputs, 'registry-auth': t.registryAuth }, options);
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[TOKEN_SERVER\]/);
});

scenario('a silent host of one source among many ends the run', { registries: 2 }, async (t) => {
  const [own, silent] = t.registries;
  assert.ok(own !== undefined && silent !== undefined);
  await t.push('app:amd64', amd64, own);
  for (const at of Array.from({ length: 40 }, (_, number) => number))
    await t.push(`base:${at}`, makeImage({ os: 'linux', architecture: `cpu${at}` }), silent);
  silent.inject({ fault: 'never-answer', on: { times: forever } });
  const others = Array.from({ length: 40 }, (_, at) => t.ref(`base:${at}`, silent));
  const inputs = { tags: t.ref('app:1', own), sources: [t.ref('app:amd64', own), ...others].join('\n') };
  const run = await t.publish(inputs, { manner: 'process', pace: 'hurried', limit: 60_000 });
  assert.equal(run.exitCode, 1, run.stdout);
});
