import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormatError, hasControlCharacter, quote, unquoted } from '../../../src/oci/format-error.ts';

describe('FormatError', () => {
  it('keeps the legal form beside the message', () => {
    const error = new FormatError('tag "" is empty', 'a tag');
    assert.ok(error instanceof Error);
    assert.deepEqual(
      [error.name, error.message, error.expected],
      ['FormatError', 'tag "" is empty', 'a tag'],
    );
  });
});

describe('quoted text in messages', () => {
  const table = [
    { name: 'plain', in: 'linux/amd64', out: '"linux/amd64"' },
    { name: 'quotes and backslashes', in: 'a"b\\c', out: '"a\\"b\\\\c"' },
    { name: 'line breaks', in: 'a\r\n::error::x', out: '"a\\r\\n::error::x"' },
    { name: 'an escape sequence', in: '\u001b[31mred', out: '"\\u001b[31mred"' },
    { name: 'DEL and C1', in: '\u007f\u009b', out: '"\\u007f\\u009b"' },
    { name: 'bidi and zero-width characters', in: '\u202ea\u200b\u2066', out: '"\\u202ea\\u200b\\u2066"' },
    { name: 'line and paragraph separators', in: '\u2028\u2029', out: '"\\u2028\\u2029"' },
    { name: 'invisible tag characters', in: '\u{e0041}', out: '"\\udb40\\udc41"' },
    { name: 'a lone surrogate', in: '\ud800', out: '"\\ud800"' },
    { name: 'letters of any script', in: 'größe 漢字 😀', out: '"größe 漢字 😀"' },
    { name: 'exactly 80 characters', in: 'a'.repeat(80), out: `"${'a'.repeat(80)}"` },
    { name: 'a megabyte', in: 'a'.repeat(1_000_000), out: `"${'a'.repeat(80)}…"` },
    { name: 'a cut that would halve a character', in: `${'a'.repeat(79)}😀b`, out: `"${'a'.repeat(79)}…"` },
  ];
  for (const row of table) it(row.name, () => assert.equal(quote(row.in), row.out));
});

describe('messages without quoted text', () => {
  for (const [text, out] of [
    [`the value ${quote('secret "x"')} is not a digest`, 'the value "***" is not a digest'],
    ['it has neither "manifests" nor "config" and "layers"', undefined],
    [
      `the keys ${quote('a')} and "layers" of ${quote('layers, secret')}`,
      'the keys "***" and "layers" of "***"',
    ],
  ] as const)
    it(text, () => assert.equal(unquoted(text), out ?? text));
});

describe('control characters', () => {
  for (const text of ['\0', 'a\n', '\rb', 'a\tb', '\u001f', '\u007f', '\u0080', '\u009f'])
    it(`${quote(text)} holds one`, () => assert.equal(hasControlCharacter(text), true));
  it('text does not', () => assert.equal(hasControlCharacter('a b~\u00a0é😀'), false));
});
