import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marshalIndent, RawJson, sortedMap } from '../../../src/oci/go-json.ts';

describe('JSON as Go writes it', () => {
  const table = [
    { name: 'empty object', in: {}, out: '{}' },
    { name: 'empty array', in: [], out: '[]' },
    { name: 'empty values inside', in: { a: [], b: {} }, out: '{\n  "a": [],\n  "b": {}\n}' },
    {
      name: 'nesting',
      in: { a: [1, { b: null }] },
      out: '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}',
    },
    { name: 'undefined fields', in: { a: undefined, b: true }, out: '{\n  "b": true\n}' },
    { name: 'only undefined fields', in: { a: undefined }, out: '{}' },
    {
      name: 'HTML',
      in: '<a href="x">&amp;</a>',
      out: '"\\u003ca href=\\"x\\"\\u003e\\u0026amp;\\u003c/a\\u003e"',
    },
    { name: 'HTML in keys', in: { '<&>': 1 }, out: '{\n  "\\u003c\\u0026\\u003e": 1\n}' },
    { name: 'line separators', in: '\u2028\u2029', out: '"\\u2028\\u2029"' },
    {
      name: 'control characters',
      in: '\b\f\n\r\t\0\u001f\u007f',
      out: '"\\b\\f\\n\\r\\t\\u0000\\u001f\u007f"',
    },
    { name: 'letters of any script', in: 'ü漢😀', out: '"ü漢😀"' },
    { name: 'lone surrogates', in: 'a\ud800b\udc00', out: '"a\ufffdb\ufffd"' },
    {
      name: 'a map keeps its order',
      in: new Map([
        ['b', 1],
        ['2', 2],
        ['1', 3],
      ]),
      out: '{\n  "b": 1,\n  "2": 2,\n  "1": 3\n}',
    },
  ];
  const raw = [
    {
      name: 'escapes and numbers',
      in: '{"\\u00e9\\/":"\\"{<\u2028}\\\\" ,\n"n": [1.0,1E+3 , 12345678901234567890,-0]}',
      out: '{\n  "\\u00e9\\/": "\\"{\\u003c\\u2028}\\\\",\n  "n": [\n    1.0,\n    1E+3,\n    12345678901234567890,\n    -0\n  ]\n}',
    },
    {
      name: 'the order of keys',
      in: '{"b":true,"10":null,"9":{}}',
      out: '{\n  "b": true,\n  "10": null,\n  "9": {}\n}',
    },
    { name: 'nothing inside', in: ' { "a" : [ \n ] , "b" : { \t } } ', out: '{\n  "a": [],\n  "b": {}\n}' },
    { name: 'a text', in: ' "a:b, [c]" ', out: '"a:b, [c]"' },
  ];
  for (const row of raw)
    it(`text as it is written: ${row.name}`, () => {
      assert.equal(marshalIndent(new RawJson(row.in), '  '), row.out);
      const within = marshalIndent({ in: new RawJson(row.in) }, '  ');
      assert.equal(within, `{\n  "in": ${row.out.replaceAll('\n', '\n  ')}\n}`);
    });

  for (const row of table) it(row.name, () => assert.equal(marshalIndent(row.in, '  '), row.out));

  it('sorts the keys of maps by bytes', () => {
    const map = { b: '', '\u{1f600}': '', '\uffff': '', B: '', a: '', '10': '', '9': '' };
    assert.deepEqual([...sortedMap(map).keys()], ['10', '9', 'B', 'a', 'b', '\uffff', '\u{1f600}']);
  });
});
