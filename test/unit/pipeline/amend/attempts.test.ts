import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amendUntilHeld, movedError } from '../../../../src/pipeline/amend/attempts.ts';
import { VerifyError } from '../../../../src/run/errors.ts';

const clock = { sleep: async () => undefined, random: () => 0.5 };

/** Each attempt: `moved`, `overtaken`, `lost` a moment later, or `held`. */
async function attempt(...fates: readonly string[]): Promise<number> {
  let last = 0;
  return amendUntilHeld(clock, {
    write: async (at) => {
      last = at;
      if (fates[at - 1] === 'moved') throw movedError();
      if (fates[at - 1] === 'overtaken') throw new VerifyError('OVERTAKEN', 'overtaken');
      if (fates[at - 1] === 'broken') throw new VerifyError('NOT_SERVED', 'not served');
      return at;
    },
    isHeld: async () => fates[last - 1] === 'held',
  });
}

test('the first attempt holds', async () => assert.equal(await attempt('held'), 1));
test('tries again whatever another job did', async () =>
  assert.equal(await attempt('moved', 'overtaken', 'lost', 'lost', 'held'), 5));
test('gives up after five', async () => {
  await assert.rejects(attempt('lost', 'lost', 'moved', 'lost', 'lost', 'held'), { code: 'AMEND_CONFLICT' });
});
test('another failure is none of its own', async () => {
  await assert.rejects(attempt('broken', 'held'), { code: 'NOT_SERVED' });
});
