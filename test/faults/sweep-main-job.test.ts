/** Every class of faults at every request of the main job: the right list, or a clear error and no moved tag. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startRegistry } from '../support/registry/registry.ts';
import { publish } from '../support/run/run-action.ts';
import { shortcomings } from './expectations.ts';
import { mainJobs } from './job.ts';
import { sweep } from './sweep.ts';

suite('at the same time', { concurrency: true }, () => {
  suite('every fault at every request', { concurrency: 1 }, () => {
    for (const job of mainJobs) {
      test(job.name, async () => {
        assert.deepEqual(shortcomings(await sweep(job)), []);
      });
    }
  });

  // It takes as long as it takes: a minute and a half, during which nothing happens.
  test('a host that never answers ends a run of the usual patience within 100 seconds', async (t) => {
    const registry = await startRegistry();
    t.after(() => registry.close());
    registry.inject({ fault: 'never-answer', on: { times: 999 } });
    const run = await publish({ tags: `${registry.host}/app:1`, sources: `${registry.host}/app:amd64` });
    assert.equal(run.exitCode, 1);
    assert.match(run.stdout, /did not answer in time .* tried 3 times \[TIMEOUT\]/);
    assert.ok(run.durationMs > 60_000 && run.durationMs < 100_000, `${run.durationMs} ms`);
    t.diagnostic(`${(run.durationMs / 1000).toFixed(1)} s`);
  });
});
