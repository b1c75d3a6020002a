/** What a publish costs, by counting: requests, connections and the waves of requests that wait for each other. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { AuthOptions, Challenge } from '../../support/registry/registry-options.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { startNamed } from '../../support/tokens/named-registry.ts';
import { countWaves } from '../../support/wire/waves.ts';

const onTestClock = { registries: 0 } as const;

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
  {
    name: 'Basic',
    start: named('registry.test', 'basic'),
    extraRequests: 1,
    before: [1, 1],
    early: 1,
  },
];

const works = [
  // Manifests with the tag's HEAD, configs, the tag, the read-back.
  { sources: 7, tags: 1, http2: [8, 7, 1, 1], http1Waves: 4 },
  // The same with the index by digest before the tags. 136 requests share 32 connections of HTTP/1.1.
  { sources: 64, tags: 8, http2: [72, 64, 1, 8, 8], http1Waves: 7 },
];

for (const cost of costs) {
  const { name, start, extraRequests } = cost;
  for (const { sources, tags, http2, http1Waves } of works) {
    scenario(`${sources} sources and ${tags} tags: ${name}`, onTestClock, async (t) => {
      const host = await start(t);
      const waves = countWaves(host.registry);
      await publish(t, host, sources, tags);
      const { wire, connections } = host.registry;
      const writes = tags === 1 ? 1 : tags + 1;
      assert.equal(wire.length, sources * 2 + tags * 2 + writes + extraRequests);
      if (name === 'plain HTTP') {
        assert.ok(waves.count <= http1Waves, `waves of ${waves.sizes.join(', ')} requests`);
        assert.ok(connections <= 32, `${connections} connections`);
      } else {
        assert.deepEqual(waves.sizes, expectedSizes(cost, http2));
        assert.equal(connections, 1);
      }
    });
  }
}

function expectedSizes({ before, early = 0 }: Cost, after: readonly number[]): readonly number[] {
  const [manifests = 0, configs = 0, ...rest] = after;
  return [...before, manifests, configs - early, ...rest];
}

async function publish(t: Scenario, { registry, name, env }: Host, count: number, tagCount: number) {
  const sources = Array.from({ length: count }, (_, index) => `app:source-${index}`);
  for (const [index, source] of sources.entries())
    await t.push(source, makeImage(`linux/cpu${index}`), registry);
  const tags = Array.from({ length: tagCount }, (_, index) => `${name}/app:${index}`);
  const { username, password } = defaultAccount;
  const login = JSON.stringify([{ registry: name, username, password }]);
  const run = await t.publish(
    {
      tags: tags.join('\n'),
      sources: sources.map((source) => `${name}/${source}`).join('\n'),
      'registry-auth': env === undefined ? '' : login,
    },
    { env: { ...env } },
  );
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
}
