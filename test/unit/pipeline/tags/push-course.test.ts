import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TagContent } from '../../../../src/pipeline/tag.ts';
import { PushCourse } from '../../../../src/pipeline/tags/push-course.ts';
import { Cancellation } from '../../../../src/run/cancellation.ts';
import { before } from '../../../support/rigs/push-rig.ts';
import { FakeClock } from '../../../support/rigs/wire-rig.ts';

const old = before.digest as TagContent;

/** What tags that were written go back to, and whether the others are still written after a cancellation. */
const table: readonly (readonly [readonly TagContent[], 'restore' | 'finish', 'goes on' | 'is over'])[] = [
  [[], 'restore', 'is over'],
  [[], 'finish', 'is over'],
  [[old, old], 'restore', 'is over'],
  [[old, old], 'finish', 'goes on'],
  [[old, undefined], 'restore', 'goes on'],
  [['unknown', old], 'restore', 'goes on'],
];

for (const [written, afterCancel, out] of table) {
  test(`a push that is to ${afterCancel} and has written ${written.length} tags ${out}`, async () => {
    const cancellation = new Cancellation(new FakeClock());
    const course = new PushCourse(cancellation, afterCancel);
    for (const restorable of written) course.begin(restorable);
    assert.equal(course.isOver, false);
    await cancellation.cancel();
    assert.equal(course.isOver, out === 'is over');
    const answers = [course.answer(Promise.resolve(1)), course.answer(new Promise(() => {}))];
    assert.equal(await answers[0], 1);
    const read = course.reading(Promise.resolve(2));
    if (out === 'goes on') return assert.equal(await read, 2);
    assert.equal(await answers[1], 'unanswered');
    assert.throws(() => course.begin(old), { code: 'STOPPED' });
  });
}
