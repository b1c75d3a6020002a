import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Look, pollUntil } from '../../../src/run/poll.ts';

const cases: readonly (readonly [
  name: string,
  appears: number,
  until: number,
  out: string,
  looks: number[],
])[] = [
  ['what is there at once is looked at once', 0, 100, 'found', [0]],
  ['pauses double up to the longest', 70, 100, 'found', [0, 10, 30, 60, 90]],
  ['the last look is when time is up', 200, 70, 'gave up', [0, 10, 30, 60, 70]],
  ['without time there is one look', 1, 0, 'gave up', [0]],
];

for (const [name, appears, until, out, looks] of cases)
  test(name, async () => {
    let time = 0;
    const seen: number[] = [];
    const clock = {
      now: () => time,
      sleep: async (milliseconds: number) => {
        time += milliseconds;
      },
    };
    const look = async (): Promise<Look<string>> => {
      seen.push(time);
      return time >= appears ? { result: 'found' } : { retryUntil: until, otherwise: () => 'gave up' };
    };
    assert.equal(await pollUntil(clock, { first: 10, max: 30 }, look), out);
    assert.deepEqual(seen, looks);
  });
