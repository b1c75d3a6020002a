/** Eight legs at once on the test clock, with many seeds: slow answers, tags that are shown late, a leg that is lost. */
import assert from 'node:assert/strict';
import {
  completeOf,
  digestsOf,
  type LegsOptions,
  platforms,
  randomFrom,
  runLegs,
} from '../../matrix/legs.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { registryError } from '../../support/registry/registry-errors.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import {
  holdRequest,
  onTestClock,
  serverNow,
  serverPause,
  testClock,
} from '../../support/wire/test-clock.ts';

const seeds = Number(process.env['MATRIX_SEEDS'] ?? 4);
const round = '1';

interface Weather {
  readonly random: () => number;
  /** Milliseconds for which reads do not show a new staging tag. */
  readonly lag: number;
}

/** Makes every request take its time, and hides new staging tags; gives every content that the tag is given. */
function disturb(t: Scenario<TestRegistry>, { random, lag }: Weather): readonly (readonly string[])[] {
  const history: (readonly string[])[] = [];
  const pushed = new Map<string, number>();
  t.registry.inject({
    on: { path: /\/manifests\//, times: 100_000 },
    fault: 'custom',
    apply: async ({ request: { method, url }, proceed }) => {
      await holdRequest(serverPause(random() * 80));
      const name = url.pathname.split('/').at(-1) ?? '';
      if (method === 'GET' && serverNow() - (pushed.get(name) ?? 0) < lag)
        return registryError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      const answer = await proceed();
      if (method === 'PUT' && name.startsWith('run-')) pushed.set(name, serverNow());
      const held = method === 'PUT' && name === round && t.registry.manifest('app', round);
      if (held) history.push(digestsOf(held.bytes));
      return answer;
    },
  });
  return history;
}

function legs(
  t: Scenario<TestRegistry>,
  options: Pick<LegsOptions, 'mode' | 'random'> & Partial<LegsOptions>,
) {
  return onTestClock(() =>
    runLegs(t, { round, sleep: (pause) => testClock.sleep(pause), pause: 2_000, ...options }),
  );
}

function assertGreen(runs: readonly ActionRun[]): void {
  for (const run of runs) assert.equal(run.exitCode, 0, run.stdout);
}

for (const mode of ['defer', 'ignore'] as const) {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const lag = seed % 2 === 0 ? 6_000 : 0;
    scenario(`${mode}: ends complete (seed ${seed}, new tags hidden for ${lag} ms)`, {}, async (t) => {
      const random = randomFrom(seed);
      const history = disturb(t, { random, lag });
      const runs = await legs(t, { mode, random });
      assertGreen(runs);
      assert.deepEqual(history.at(-1), completeOf(round));
      if (mode === 'defer') for (const content of history) assert.deepEqual(content, completeOf(round));
      const { digest } = t.registry.manifest('app', round) ?? {};
      assert.ok(runs.some(({ outputs }) => outputs['published'] === 'true' && outputs['digest'] === digest));
    });
  }
}

scenario('defer: a leg that is lost before its step, and run again', {}, async (t) => {
  const random = randomFrom(99);
  const history = disturb(t, { random, lag: 0 });
  const [lost = ''] = platforms;
  const first = await legs(t, { mode: 'defer', random, lost });
  assertGreen(first);
  for (const content of history) assert.deepEqual(content, completeOf(round));
  assertGreen(await legs(t, { mode: 'defer', random, only: [lost] }));
  assert.deepEqual(history.at(-1), completeOf(round));
});

for (const mode of ['defer', 'ignore'] as const) {
  scenario(`${mode}: all legs are run again, with new content, which the tag ends with`, {}, async (t) => {
    const random = randomFrom(7);
    const history = disturb(t, { random, lag: 0 });
    assertGreen(await legs(t, { mode, random }));
    assertGreen(await legs(t, { mode, random, content: 'again' }));
    assert.deepEqual(history.at(-1), completeOf('again'));
  });
}

scenario('legs whose lists differ in an annotation, as with a date', {}, async (t) => {
  const random = randomFrom(3);
  const history = disturb(t, { random, lag: 0 });
  const inputsFor = (platform: string) => ({ annotations: `org.example.leg=${platform}` });
  const runs = await legs(t, { mode: 'defer', random, inputsFor, pause: 50 });
  assertGreen(runs);
  assert.ok(history.length > 0);
  for (const content of history) assert.deepEqual(content, completeOf(round));
});
