/** Every class of faults at every request of the job that copies from another registry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcomings } from './expectations.ts';
import { copyFromRegistry } from './job.ts';
import { sweep } from './sweep.ts';

test(copyFromRegistry.name, async () => {
  const swept = await sweep(copyFromRegistry);
  assert.deepEqual(shortcomings(swept), []);
});
