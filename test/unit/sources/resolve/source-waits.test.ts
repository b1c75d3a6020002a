import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceWaits } from '../../../../src/sources/resolve/registry-store.ts';
import { Told } from '../../../support/rigs/wire-rig.ts';

/** The lines of `act`, with a clock that it sets. */
function linesOf(act: (waits: SourceWaits, at: (time: number) => void) => void): readonly string[] {
  const told = new Told();
  let now = 1_000_000;
  act(new SourceWaits(told, { now: () => now }), (time) => {
    now = 1_000_000 + time;
  });
  return told.infos;
}

const until = (time: number): number => 1_000_000 + time;

test('a source is named once, and again every 30 seconds while it is missing', () => {
  const lines = linesOf((waits, at) => {
    for (const time of [0, 500, 29_999, 30_000, 34_000, 59_999, 61_000]) {
      at(time);
      waits.missing('app:1', 300_000, until(300_000));
    }
  });
  assert.deepEqual(lines, [
    'Waiting up to 300 s for app:1',
    'Still waiting, up to 270 s more, for app:1',
    'Still waiting, up to 239 s more, for app:1',
  ]);
});

test('many sources share a line that names some of them, without those that ended', () => {
  const lines = linesOf((waits, at) => {
    for (let n = 0; n < 8; n += 1) waits.missing(`app:${n}`, 60_000, until(60_000));
    waits.ended('app:0');
    at(31_000);
    waits.missing('app:1', 60_000, until(60_000));
    waits.missing('app:2', 60_000, until(60_000));
  });
  assert.equal(lines.length, 9);
  assert.equal(lines[8], 'Still waiting, up to 29 s more, for app:1, app:2, app:3, app:4, app:5 and 2 more');
});
