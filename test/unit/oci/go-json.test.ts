import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marshalIndent, RawJson, sortedMap } from '../../../src/oci/go-json.ts';

describe('JSON as Go writes it', () => {
  const table = [
    ['empty object', {}, '{}'],
    ['empty array', [], '[]'],
    ['empty values inside', { a: [], b: {} }, '{\n  "a": [],\n  "b": {}\n}'],
    ['nesting', { a: [1, { b: null }] }, '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}'],
    ['undefined fields', { a: undefined, b: true }, '{\n  "b": true\n}'],
    ['only undefined fields', { a: undefined }, '{}'],
    ['HTML', '<a href="x">&amp;</a>', '"\\u003ca href=\\"x\\"\\u003e\\u0026amp;\\u003c/a\\u003e"'],
    ['HTML in keys', { '<&>': 1 }, '{\n  "\\u003c\\u0026\\u003e": 1\n}'],
    ['line separators', '\u2028\u2029', '"\\u2028\\u2029"'],
    ['control characters', '\b\f\n\r\t\0\u001f\u007f', '"\\b\\f\\n\\r\\t\\u0000\\u001f\u007f"'],
    ['letters of any script', 'ü漢😀', '"ü漢😀"'],
    ['lone surrogates', 'a\ud800b\udc00', '"a\ufffdb\ufffd"'],
    [
      'a map keeps its order',
      new Map([
        ['b', 1],
        ['2', 2],
        ['1', 3],
      ]),
      '{\n  "b": 1,\n  "2": 2,\n  "1": 3\n}',
    ],
  ] as const;
  const raw = [
    [
      'escapes and numbers',
      '{"\\u00e9\\/":"\\"{<\u2028}\\\\" ,\n"n": [1.0,1E+3 , 12345678901234567890,-0]}',
      '{\n  "\\u00e9\\/": "\\"{\\u003c\\u2028}\\\\",\n  "n": [\n    1.0,\n    1E+3,\n    12345678901234567890,\n    -0\n  ]\n}',
    ],
    ['the order of keys', '{"b":true,"10":null,"9":{}}', '{\n  "b": true,\n  "10": null,\n  "9": {}\n}'],
    ['nothing inside', ' { "a" : [ \n ] , "b" : { \t } } ', '{\n  "a": [],\n  "b": {}\n}'],
    ['a text', ' "a:b, [c]" ', '"a:b, [c]"'],
  ] as const;
  for (const [name, input, out] of raw)
    it(`text as it is written: ${name}`, () => {
      assert.equal(marshalIndent(new RawJson(input), '  '), out);
      const within = marshalIndent({ in: new RawJson(input) }, '  ');
      assert.equal(within, `{\n  "in": ${out.replaceAll('\n', '\n  ')}\n}`);
    });

  for (const [name, input, out] of table) it(name, () => assert.equal(marshalIndent(input, '  '), out));

  it('sorts the keys of maps by bytes', () => {
    const map = { b: '', '\u{1f600}': '', '\uffff': '', B: '', a: '', '10': '', '9': '' };
    assert.deepEqual([...sortedMap(map).keys()], ['10', '9', 'B', 'a', 'b', '\uffff', '\u{1f600}']);
  });
});
