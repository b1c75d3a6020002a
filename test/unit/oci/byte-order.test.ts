import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareUtf8 } from '../../../src/oci/go-json.ts';

describe('the order of UTF-8 bytes', () => {
  const sorted = [
    ...['', 'A', 'B', 'a', 'aa', 'ab', 'b', '\u007f', '\u0080', 'é', '\ud7ff', '\ue000', '\uffff'],
    ...['\u{10000}', '\u{1f600}', '\u{1f600}a'],
  ];
  it('is kept by a sorted list', () => assert.deepEqual([...sorted].reverse().sort(compareUtf8), sorted));
  it('is the order of the bytes', () => {
    for (const a of sorted)
      for (const b of sorted)
        assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
  });
});
