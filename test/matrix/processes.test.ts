/** Eight legs as eight processes against CNCF distribution, in random order and with random delays. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Scenario, scenario } from '../support/run/scenario.ts';
import { completeOf, digestsOf, randomFrom, runLegs } from './legs.ts';

const rounds = Number(process.env['MATRIX_ROUNDS'] ?? 3);
const seed = Number(process.env['MATRIX_SEED'] ?? Date.now() % 1_000_000);

/** Reads a tag all the time until it is stopped; gives every content that it saw. */
function watch(t: Scenario, name: string): { stop(): Promise<readonly (readonly string[])[]> } {
  const seen = new Map<string, readonly string[]>();
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      // The registry answers 500 to a read in the middle of a write.
      const served = await t.served(name).catch(() => undefined);
      if (served?.digest !== undefined) seen.set(served.digest, digestsOf(served.bytes));
      await sleep(5);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      return [...seen.values()];
    },
  };
}

for (const mode of ['defer', 'ignore'] as const) {
  for (let round = 1; round <= rounds; round += 1) {
    scenario(`${mode}, round ${round} of ${rounds}, seed ${seed}`, { on: ['real'] }, async (t) => {
      const name = `${mode}-${round}`;
      const watcher = watch(t, `app:${name}`);
      const runs = await runLegs(t, {
        mode,
        round: name,
        random: randomFrom(seed + round),
        sleep,
        pause: 1500,
        inputs: { 'wait-for-sources': '500ms' },
        run: { manner: 'process' },
      });
      const seen = await watcher.stop();
      const served = await t.served(`app:${name}`);
      for (const run of runs) assert.equal(run.exitCode, 0, run.stdout);
      assert.deepEqual(served && digestsOf(served.bytes), completeOf(name));
      const published = runs.filter(({ outputs }) => outputs['published'] === 'true');
      assert.ok(published.some(({ outputs }) => outputs['digest'] === served?.digest));
      if (mode === 'defer') for (const content of seen) assert.deepEqual(content, completeOf(name));
    });
  }
}
