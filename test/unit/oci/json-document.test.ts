import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormatError } from '../../../src/oci/format-error.ts';
import { parseJsonDocument } from '../../../src/oci/json-document.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('documents that are legal', () => {
  const table = [
    '{}',
    '[]',
    'null',
    ' { "a" : [ 1 , { "a" : 2 } , "a" ] , "b" : { "a" : 3 } } ',
    '{"a":"b","b":"a"}',
    '{"a":["x","x","X"]}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a\\\\":1,"a":2}',
    '{"a,b":{"c":1},"b":[{"c":1},{"c":2}]}',
    '{"schluessel":"\u00fc\u2028\u{1f600}","\u00fc":1}',
    '[{"a":1},{"a":1},{"A":1}]',
    '"text"',
    '{"__proto__":1,"constructor":2}',
  ];
  for (const text of table)
    it(text, () => assert.deepEqual(parseJsonDocument(bytes(text)), JSON.parse(text)));
  it('nests 64 levels deep', () => assert.ok(parseJsonDocument(bytes(`${'['.repeat(64)}${']'.repeat(64)}`))));
});

describe('documents that are refused', () => {
  const table = [
    ['nothing', '', /is empty/],
    ['HTML', '<!DOCTYPE html><html>', /not JSON: it begins with "<!DOCTYPE html><html>"/],
    ['half a document', '{"a":', /not JSON/],
    ['two documents', '{}{}', /not JSON/],
    ['a comment', '{}//', /not JSON/],
    ['a comma too many', '{"a":1,}', /not JSON/],
    ['a byte order mark', '\ufeff{}', /not JSON: it begins with "\\ufeff\{\}"/],
    ['an open string', '{"a', /not JSON/],
    ['a control character in a string', '{"a":"\n"}', /not JSON/],
    ['a broken escape in a key', '{"\\x":1}', /malformed key/],
    ['a key twice', '{"a":1,"a":2}', /key "a" twice/],
    ['a key twice, escaped', '{"layers":1,"l\\u0061yers":2}', /key "layers" twice/],
    ['a key twice, far apart', '{"a":{"x":[{}]},"b":"}","a":[]}', /key "a" twice/],
    ['a key twice, deep inside', '{"m":[1,{"p":{"os":"a","os":"a"}}]}', /key "os" twice/],
    ['an empty key twice', '{"":1,"":2}', /key "" twice/],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', /twice/],
    [
      'keys that differ in case',
      '{"manifests":[],"Manifests":[]}',
      /"manifests" and "Manifests", which differ only in case/,
    ],
    ['keys that differ in case, escaped', '{"layers":1,"\\u004cayers":2}', /differ only in case/],
    ['keys that Go folds: the long s', '{"manifests":1,"manife\u017fts":2}', /differ only in case/],
    ['keys that Go folds: the Kelvin sign', '{"k":1,"\u212a":2}', /differ only in case/],
    ['control characters in the message', '{"\\u001b[31m":1,"\\u001b[31m":2}', /key "\\u001b\[31m" twice/],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, /deeper than 64 levels/],
    ['a million levels', '['.repeat(1_000_000), /deeper than 64 levels/],
    ['a flood of empty arrays', `[${'[],'.repeat(1_000_000)}0]`, /more than 100000 objects and arrays/],
    [
      'a flood of keys',
      `{${Array.from({ length: 250_001 }, (_, at) => `"${at}":0`).join()}}`,
      /more than 250000 keys/,
    ],
  ] as const;
  for (const [name, input, out] of table)
    it(name, () =>
      assert.throws(
        () => parseJsonDocument(bytes(input)),
        (error) => error instanceof FormatError && out.test(error.message) && error.message.length < 300,
      ),
    );
  const notUtf8 = [
    { name: 'a stray continuation byte', in: [0x22, 0x80, 0x22] },
    { name: 'an overlong slash', in: [0x22, 0xc0, 0xaf, 0x22] },
    { name: 'an encoded surrogate', in: [0x22, 0xed, 0xa0, 0x80, 0x22] },
    { name: 'a cut sequence', in: [0x22, 0xe2, 0x82, 0x22] },
    { name: 'UTF-16', in: [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00] },
  ];
  for (const row of notUtf8)
    it(row.name, () => assert.throws(() => parseJsonDocument(Uint8Array.from(row.in)), /not valid UTF-8/));
});

describe('documents whose keys may differ in case', () => {
  it('keep both', () => assert.deepEqual(parseJsonDocument(bytes('{"a":1,"A":2}'), 'allow'), { a: 1, A: 2 }));
  it('still cannot have one twice', () =>
    assert.throws(() => parseJsonDocument(bytes('{"a":1,"a":2}'), 'allow'), /twice/));
});
