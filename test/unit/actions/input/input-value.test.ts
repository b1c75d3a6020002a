import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitList } from '../../../../src/actions/input/input-list.ts';
import { parseChoice, parseDuration, parseFlag } from '../../../../src/actions/input/input-value.ts';
import { FormatError } from '../../../../src/oci/format-error.ts';

const durations: readonly { in: string; out: number | undefined }[] = [
  { in: '0', out: 0 },
  { in: '0s', out: 0 },
  { in: '500ms', out: 500 },
  { in: '15s', out: 15_000 },
  { in: '2m', out: 120_000 },
  { in: '60m', out: 3_600_000 },
  { in: '3600s', out: 3_600_000 },
  ...[...'61m 3601s 15 00 -1s 1.5s 1h s 1S 9999999999s 1e3s'.split(' '), '', ' 1s', '1s ', '1 s', '1s\n'].map(
    (text) => ({ in: text, out: undefined }),
  ),
];

for (const { in: text, out } of durations)
  test(`duration ${JSON.stringify(text)}: ${out}`, () => {
    if (out === undefined) assert.throws(() => parseDuration(text), FormatError);
    else assert.equal(parseDuration(text), out);
  });

test('flags are those of YAML’s core schema', () => {
  for (const text of ['true', 'True', 'TRUE']) assert.equal(parseFlag(text), 'true');
  for (const text of ['false', 'False', 'FALSE']) assert.equal(parseFlag(text), 'false');
  for (const text of ['', 'yes', 'no', 'on', '1', '0', 'tRUE', 'true\n'])
    assert.throws(() => parseFlag(text), FormatError);
});

test('choices are compared exactly', () => {
  assert.equal(parseChoice('b', ['a', 'b']), 'b');
  for (const text of ['', 'B', 'c', 'toString'])
    assert.throws(() => parseChoice(text, ['a', 'b']), FormatError);
});

const lists: readonly (readonly [
  name: string,
  given: string,
  out: readonly [string, number][],
  commas?: true | undefined,
])[] = [
  ['nothing', '', []],
  [
    'lines are counted as they are written',
    '\n\na\n\nb',
    [
      ['a', 3],
      ['b', 5],
    ],
  ],
  ['commas stay where they do not separate', 'a,b', [['a,b', 1]]],
  [
    'commas separate',
    'a, b\n,c',
    [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ],
    true,
  ],
  ['a comment takes its whole line', '# a, b\nc # d', [['c # d', 2]], true],
  [
    'CRLF',
    'a\r\nb',
    [
      ['a', 1],
      ['b', 2],
    ],
  ],
];

for (const [name, text, out, commas] of lists)
  test(`list: ${name}`, () => {
    const items = splitList(text, commas === true ? { commas: 'separate' } : {});
    const found = items.map((item) => [item.text, item.line]);
    assert.deepEqual(found, out);
  });
