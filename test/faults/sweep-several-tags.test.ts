/** Every class of faults at every write of jobs of several repositories, and of several lists: all tags move, or none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcomings } from './expectations.ts';
import { severalLists, severalRepositories } from './job.ts';
import { sweep } from './sweep.ts';

for (const job of [severalRepositories, severalLists]) {
  test(job.name, async () => {
    const swept = await sweep(job);
    assert.deepEqual(shortcomings(swept), []);
  });
}
