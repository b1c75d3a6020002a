/** Every class of faults at every request of the main job: the right list, or a clear error and no moved tag. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcomings } from './expectations.ts';
import { mainJobs } from './job.ts';
import { sweep } from './sweep.ts';

for (const job of mainJobs) {
  test(job.name, async () => {
    const swept = await sweep(job);
    assert.deepEqual(shortcomings(swept), []);
  });
}
