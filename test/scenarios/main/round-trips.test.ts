/** How many requests a run waits for one after the other: each takes 100 ms here, and nothing else takes time. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { store } from '../stock.ts';

const variants = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `v${at + 1}`);
const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);

/** The sources of a list of so many platforms, which are put there. */
function sourcesOf(t: Scenario<TestRegistry>, repository: string, count: number): readonly string[] {
  return variants(count).map((variant) => {
    store(t.registry, repository, variant, makeImage(`linux/riscv64/${variant}`, { name: repository }));
    return t.ref(`${repository}:${variant}`);
  });
}

/**
 * A new connection takes one more round trip than this, and so does a token. The least of a few runs counts: on a busy
 * machine requests that belong together may drift apart.
 */
async function depthOf(
  t: Scenario<TestRegistry>,
  publish: (attempt: number) => Promise<ActionRun>,
): Promise<number> {
  t.registry.inject({ fault: 'delay', milliseconds: 100, on: { times: Number.POSITIVE_INFINITY } });
  const depths: number[] = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const run = await publish(attempt);
    assert.equal(run.exitCode, 0, run.stdout);
    depths.push(Math.round(run.durationMs / 100));
  }
  return Math.min(...depths);
}

const single: readonly { platforms: number; tags: number; held: 'held' | 'new'; depth: number }[] = [
  { platforms: 7, tags: 1, held: 'new', depth: 4 },
  { platforms: 7, tags: 1, held: 'held', depth: 4 },
  { platforms: 7, tags: 8, held: 'held', depth: 5 },
  { platforms: 64, tags: 8, held: 'new', depth: 7 },
  { platforms: 64, tags: 8, held: 'held', depth: 7 },
];

for (const { platforms, tags, held, depth } of single) {
  scenario(
    `${platforms} platforms and tags that are ${held} (${tags}): ${depth} requests in a row`,
    {},
    async (t) => {
      const sources = sourcesOf(t, 'app', platforms).join('\n');
      const least = await depthOf(t, (attempt) => {
        const names = variants(tags).map((name) => `tag-${name}-${attempt}`);
        if (held === 'held') for (const name of names) store(t.registry, 'app', name, before);
        return t.publish({ tags: names.map((name) => t.ref(`app:${name}`)).join('\n'), sources });
      });
      assert.equal(least, depth);
    },
  );
}

scenario('twenty lists of five platforms: at most eleven requests in a row', {}, async (t) => {
  const least = await depthOf(t, (attempt) => {
    const spec = Array.from({ length: 20 }, (_, at) => {
      const repository = `app-${at}`;
      store(t.registry, repository, `latest-${attempt}`, before);
      return { tags: [t.ref(`${repository}:latest-${attempt}`)], sources: sourcesOf(t, repository, 5) };
    });
    return t.publish({ spec: JSON.stringify(spec) });
  });
  assert.ok(least <= 11, `${least} requests in a row`);
});
