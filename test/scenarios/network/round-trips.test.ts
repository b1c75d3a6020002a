/** The cost of a publish: its requests, its connections, and the waves of requests that wait for each other's answers. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { AuthOptions, Challenge } from '../../support/registry/registry-options.ts';
import type { ActionInputs } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { startNamed } from '../../support/tokens/named-registry.ts';
import { countWaves } from '../../support/wire/waves.ts';
import { store } from '../stock.ts';

const alone = { registries: 0 };

interface Host {
  readonly registry: TestRegistry;
  /** As references spell it. */
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

const bearer = (name: string) => ({
  kind: 'bearer' as const,
  service: name,
  challenge: ({ scope = '' }: Challenge) => [
    `Bearer realm="https://${name}/token",service="${name}",scope="${scope}"`,
  ],
});

async function plain(t: Scenario): Promise<Host> {
  const registry = await startRegistry();
  t.test.after(() => registry.close());
  return { registry, name: registry.host };
}

/** A registry that speaks TLS and HTTP/2 under a public name. */
const named = (name: string, auth: AuthOptions) => async (t: Scenario) => ({
  ...(await startNamed(t, name, auth)),
  name,
});

interface Cost {
  readonly name: string;
  readonly start: (t: Scenario) => Promise<Host>;
  /** Beside manifests, configs, and tags looked at, written and read back: a refused request, and a token's. */
  readonly extraRequests: number;
  /** Requests of the waves before those of the sources. */
  readonly before: readonly number[];
  /** Configs that are read one wave before the others. */
  readonly early?: number;
}

const costs: readonly Cost[] = [
  { name: 'plain HTTP', start: plain, extraRequests: 0, before: [] },
  {
    name: 'bearer tokens',
    start: named('registry.test', bearer('registry.test')),
    extraRequests: 2,
    before: [1, 1],
  },
  {
    name: 'bearer tokens of a known server',
    start: named('ghcr.io', bearer('ghcr.io')),
    extraRequests: 2,
    before: [2],
  },
  // The read of one manifest tries the password, and its config comes with the other manifests.
  { name: 'Basic', start: named('registry.test', 'basic'), extraRequests: 1, before: [1, 1], early: 1 },
];

interface Work {
  readonly sources: number;
  readonly tags: number;
  /** Sizes of the waves of HTTP/2: manifests with the tags' HEADs, configs, the list by digest, tags, read-back. */
  readonly http2: readonly number[];
  /** 136 requests share 32 connections of HTTP/1.1. */
  readonly http1Waves: number;
}

const works: readonly Work[] = [
  { sources: 7, tags: 1, http2: [8, 7, 1, 1], http1Waves: 4 },
  { sources: 64, tags: 8, http2: [72, 64, 1, 8, 8], http1Waves: 7 },
];

for (const cost of costs) {
  for (const work of works) {
    const { sources, tags } = work;
    scenario(`${sources} sources and ${tags} tags: ${cost.name}`, alone, async (t) => {
      const host = await cost.start(t);
      const waves = await wavesOf(t, host, jobOf(host, work));
      const { wire, connections } = host.registry;
      const writes = tags === 1 ? 1 : tags + 1;
      assert.equal(wire.length, sources * 2 + tags * 2 + writes + cost.extraRequests);
      if (cost.start === plain) {
        assert.equal(waves.length, work.http1Waves, waves.join(' '));
        assert.ok(connections <= 32, `${connections} connections`);
      } else {
        assert.deepEqual(waves, expectedSizes(cost, work.http2));
        assert.equal(connections, 1);
      }
    });
  }
}

// The HEADs of the tags share waves with other reads. They cost no wave of their own, whatever the tags hold.
for (const { sources, tags, waves } of [
  { sources: 7, tags: 1, waves: 4 },
  { sources: 7, tags: 8, waves: 5 },
  { sources: 64, tags: 8, waves: 7 },
]) {
  scenario(`${sources} sources and ${tags} tags that exist: ${waves} waves`, alone, async (t) => {
    const host = await plain(t);
    const job = jobOf(host, { sources, tags });
    for (let tag = 0; tag < tags; tag += 1) store(host.registry, 'app', `${tag}`, before);
    assert.equal((await wavesOf(t, host, job)).length, waves);
  });
}

scenario('twenty lists of five platforms: at most eleven waves', alone, async (t) => {
  const host = await plain(t);
  const spec = Array.from({ length: 20 }, (_, at) => {
    store(host.registry, `app-${at}`, '0', before);
    const { tags, sources } = jobOf(host, { sources: 5, tags: 1 }, `app-${at}`);
    return { tags: [tags], sources: `${sources}`.split('\n') };
  });
  const waves = await wavesOf(t, host, { spec: JSON.stringify(spec) });
  assert.ok(waves.length <= 11, waves.join(' '));
});

const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);

/** The inputs for so many images, which the registry holds, and tags. */
function jobOf(
  { registry, name, env }: Host,
  { sources, tags }: Pick<Work, 'sources' | 'tags'>,
  repository = 'app',
): ActionInputs {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  for (const index of numbers(sources))
    store(registry, repository, `source-${index}`, makeImage(`linux/cpu${index}`, { name: repository }));
  const { username, password } = defaultAccount;
  return {
    tags: numbers(tags)
      .map((index) => `${name}/${repository}:${index}`)
      .join('\n'),
    sources: numbers(sources)
      .map((index) => `${name}/${repository}:source-${index}`)
      .join('\n'),
    'registry-auth': env === undefined ? '' : JSON.stringify([{ registry: name, username, password }]),
  };
}

/** The sizes of the waves in which a job sends its requests. */
async function wavesOf(t: Scenario, { registry, env }: Host, inputs: ActionInputs) {
  const { sizes } = countWaves(registry);
  const run = await t.publish(inputs, { env: { ...env } });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  return sizes;
}

function expectedSizes({ before: first, early = 0 }: Cost, after: readonly number[]): readonly number[] {
  const [manifests = 0, configs = 0, ...rest] = after;
  return [...first, manifests, configs - early, ...rest];
}
