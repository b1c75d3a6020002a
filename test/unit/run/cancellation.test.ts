import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cancellation } from '../../../src/run/cancellation.ts';
import { FakeClock, outcomeOf } from '../../support/rigs/wire-rig.ts';

const endless = (): Promise<never> => new Promise(() => {});
const stopped = { class: 'ActionError', code: 'STOPPED' };

describe('a cancellation', () => {
  it('ends within six seconds, whatever is under way', async () => {
    const clock = new FakeClock();
    const cancellation = new Cancellation(clock);
    void cancellation.during(endless);
    const began = clock.now();
    assert.deepEqual(await cancellation.cancel(), []);
    assert.ok(clock.now() - began <= 6000);
  });

  it('does not wait when nothing is under way', async () => {
    const clock = new FakeClock();
    const cancellation = new Cancellation(clock);
    assert.deepEqual(await cancellation.cancel(), []);
    assert.deepEqual(clock.slept, []);
  });

  it('waits for work and returns its error, and lets nothing come after it', async () => {
    const cancellation = new Cancellation({ now: () => 0, sleep: endless });
    let end = (_error: Error): void => {};
    const work = new Promise<never>((_, reject) => {
      end = reject;
    });
    let isOver = false;
    const after = (): void => {
      isOver = true;
    };
    void cancellation.during(() => work).then(after, after);
    const errors = cancellation.cancel();
    end(new Error('half done'));
    assert.deepEqual(await errors, [new Error('half done')]);
    assert.equal(isOver, false);
  });

  it('ends reads at once, and writes a little later', async () => {
    const clock = new FakeClock();
    const cancellation = new Cancellation(clock);
    const [read, write] = [cancellation.reading(endless()), cancellation.writing(endless())];
    await cancellation.cancel();
    assert.deepEqual([await outcomeOf(read), await outcomeOf(write)], [stopped, stopped]);
    assert.deepEqual(clock.slept, [2500]);
    assert.throws(() => cancellation.checkGoingOn(), { code: 'STOPPED' });
    cancellation.unstoppable().checkGoingOn();
  });
});
