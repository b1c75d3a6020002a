/** Every class of faults at every request of the job that copies from another repository. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcomings } from './expectations.ts';
import { copyFromRepository } from './job.ts';
import { sweep } from './sweep.ts';

test(copyFromRepository.name, async () => {
  const swept = await sweep(copyFromRepository);
  assert.deepEqual(shortcomings(swept), []);
});
