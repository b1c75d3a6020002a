import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Look, pollUntil } from '../../../src/run/poll.ts';

const cases: readonly { name: string; appears: number; until: number; out: string; looks: number[] }[] = [
  { name: 'what is there at once is looked at once', appears: 0, until: 100, out: 'found', looks: [0] },
  {
    name: 'pauses double up to the longest',
    appears: 70,
    until: 100,
    out: 'found',
    looks: [0, 10, 30, 60, 90],
  },
  {
    name: 'the last look is when time is up',
    appears: 200,
    until: 70,
    out: 'gave up',
    looks: [0, 10, 30, 60, 70],
  },
  { name: 'without time there is one look', appears: 1, until: 0, out: 'gave up', looks: [0] },
];

for (const { name, appears, until, out, looks } of cases)
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
