import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatRate } from '../../../../src/pipeline/byte-size.ts';
import { CopyProgress } from '../../../../src/pipeline/copy/progress.ts';
import { FakeClock, Told } from '../../../support/rigs/wire-rig.ts';

/** What progress needs of a run. */
function contextOn({ now, sleep }: FakeClock, observer: Told) {
  return { observer, clock: { now, sleep, random: () => 0 } };
}

test('logs the first line after 5 seconds, then one every 15, however many chunks move', async () => {
  const clock = new FakeClock();
  const told = new Told();
  const progress = new CopyProgress('Copying to ghcr.io/acme/app', contextOn(clock, told));
  progress.addExpected(60_000_000);
  progress.addExpected(6_000_000);
  for (let tenth = 0; tenth < 410; tenth += 1) {
    await clock.sleep(100);
    progress.moved(100_000);
    if (tenth === 100) progress.done();
  }
  assert.deepEqual(told.infos, [
    'Copying to ghcr.io/acme/app: 0 of 2 blobs, 5.0 MB of 66.0 MB, 1.0 MB/s',
    'Copying to ghcr.io/acme/app: 1 of 2 blobs, 20.0 MB of 66.0 MB, 1.0 MB/s',
    'Copying to ghcr.io/acme/app: 1 of 2 blobs, 35.0 MB of 66.0 MB, 1.0 MB/s',
  ]);
  assert.equal(progress.elapsed, 41_000);
});

test('logs nothing for a short copy', () => {
  const clock = new FakeClock();
  const told = new Told();
  const progress = new CopyProgress('Copying', contextOn(clock, told));
  progress.addExpected(10);
  progress.moved(10);
  progress.done();
  assert.deepEqual(told.infos, []);
});

test('subtracts the bytes of a blob that starts over', async () => {
  const clock = new FakeClock();
  const told = new Told();
  const progress = new CopyProgress('Copying', contextOn(clock, told));
  progress.addExpected(1000);
  progress.moved(900);
  progress.moved(-900);
  await clock.sleep(5000);
  progress.moved(500);
  assert.deepEqual(told.infos, ['Copying: 0 of 1 blobs, 500 bytes of 1.0 kB, 100 bytes/s']);
});

test('formats bytes and rates for people', () => {
  const table: readonly [number, string][] = [
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [48_200_000, '48.2 MB'],
    [999_999, '1000.0 kB'],
    [3_500_000_000, '3.5 GB'],
    [7e15, '7000.0 TB'],
  ];
  for (const [bytes, text] of table) assert.equal(formatBytes(bytes), text);
  assert.equal(formatRate(1_000_000, 0), '1.0 GB/s');
  assert.equal(formatRate(0, 1000), '0 bytes/s');
});
