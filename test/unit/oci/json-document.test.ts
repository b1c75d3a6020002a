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
    { name: 'nothing', in: '', out: /is empty/ },
    { name: 'HTML', in: '<!DOCTYPE html><html>', out: /not JSON: it begins with "<!DOCTYPE html><html>"/ },
    { name: 'half a document', in: '{"a":', out: /not JSON/ },
    { name: 'two documents', in: '{}{}', out: /not JSON/ },
    { name: 'a comment', in: '{}//', out: /not JSON/ },
    { name: 'a comma too many', in: '{"a":1,}', out: /not JSON/ },
    { name: 'a byte order mark', in: '\ufeff{}', out: /not JSON: it begins with "\\ufeff\{\}"/ },
    { name: 'an open string', in: '{"a', out: /not JSON/ },
    { name: 'a control character in a string', in: '{"a":"\n"}', out: /not JSON/ },
    { name: 'a broken escape in a key', in: '{"\\x":1}', out: /malformed key/ },
    { name: 'a key twice', in: '{"a":1,"a":2}', out: /key "a" twice/ },
    { name: 'a key twice, escaped', in: '{"layers":1,"l\\u0061yers":2}', out: /key "layers" twice/ },
    { name: 'a key twice, far apart', in: '{"a":{"x":[{}]},"b":"}","a":[]}', out: /key "a" twice/ },
    { name: 'a key twice, deep inside', in: '{"m":[1,{"p":{"os":"a","os":"a"}}]}', out: /key "os" twice/ },
    { name: 'an empty key twice', in: '{"":1,"":2}', out: /key "" twice/ },
    { name: '__proto__ twice', in: '{"__proto__":1,"__proto__":2}', out: /twice/ },
    {
      name: 'keys that differ in case',
      in: '{"manifests":[],"Manifests":[]}',
      out: /"manifests" and "Manifests", which differ only in case/,
    },
    {
      name: 'keys that differ in case, escaped',
      in: '{"layers":1,"\\u004cayers":2}',
      out: /differ only in case/,
    },
    {
      name: 'keys that Go folds: the long s',
      in: '{"manifests":1,"manife\u017fts":2}',
      out: /differ only in case/,
    },
    { name: 'keys that Go folds: the Kelvin sign', in: '{"k":1,"\u212a":2}', out: /differ only in case/ },
    {
      name: 'control characters in the message',
      in: '{"\\u001b[31m":1,"\\u001b[31m":2}',
      out: /key "\\u001b\[31m" twice/,
    },
    { name: '65 levels', in: `${'['.repeat(65)}${']'.repeat(65)}`, out: /deeper than 64 levels/ },
    { name: 'a million levels', in: '['.repeat(1_000_000), out: /deeper than 64 levels/ },
    { name: 'a million levels of objects', in: '{"a":'.repeat(1_000_000), out: /deeper than 64 levels/ },
    {
      name: 'a flood of empty arrays',
      in: `[${'[],'.repeat(1_000_000)}0]`,
      out: /more than 100000 objects and arrays/,
    },
    {
      name: 'a flood of keys',
      in: `{${Array.from({ length: 250_001 }, (_, at) => `"${at}":0`).join()}}`,
      out: /more than 250000 keys/,
    },
    { name: 'a million closing brackets', in: ']'.repeat(1_000_000), out: /not JSON/ },
    { name: 'a million backslashes', in: `"${'\\'.repeat(1_000_001)}"`, out: /not JSON/ },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(
        () => parseJsonDocument(bytes(row.in)),
        (error) => error instanceof FormatError && row.out.test(error.message) && error.message.length < 300,
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
