import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Annotation, collectAnnotations, parseAnnotation } from '../../../src/oci/annotations.ts';

const index = { kind: 'index' };
const manifest = { kind: 'manifest' };
const entry = (os?: string, architecture?: string) => ({
  kind: 'entry',
  platform: os === undefined ? undefined : { os, architecture },
});

describe('annotations that are legal', () => {
  const table = [
    { in: 'k=v', levels: [index], key: 'k', value: 'v' },
    {
      in: 'org.opencontainers.image.title=App',
      levels: [index],
      key: 'org.opencontainers.image.title',
      value: 'App',
    },
    { in: 'k=', levels: [index], key: 'k', value: '' },
    { in: 'k=a=b', levels: [index], key: 'k', value: 'a=b' },
    { in: 'k= a b ', levels: [index], key: 'k', value: ' a b ' },
    { in: 'k=index:x', levels: [index], key: 'k', value: 'index:x' },
    { in: 'k=a\tb', levels: [index], key: 'k', value: 'a\tb' },
    { in: 'k=<größe> 😀', levels: [index], key: 'k', value: '<größe> 😀' },
    { in: 'index:k=v', levels: [index], key: 'k', value: 'v' },
    { in: 'index:k:l=v', levels: [index], key: 'k:l', value: 'v' },
    { in: 'com.example:k=v', levels: [index], key: 'com.example:k', value: 'v' },
    { in: 'manifest:k=v', levels: [manifest], key: 'k', value: 'v' },
    { in: 'manifest[linux/amd64]:k=v', levels: [manifest], key: 'k', value: 'v' },
    { in: 'manifest-descriptor:k=v', levels: [entry()], key: 'k', value: 'v' },
    { in: 'manifest-descriptor[linux/arm64]:k=v', levels: [entry('linux', 'arm64')], key: 'k', value: 'v' },
    { in: 'manifest-descriptor[Linux/ARM64]:k=v', levels: [entry('linux', 'arm64')], key: 'k', value: 'v' },
    { in: 'index,manifest:k=v', levels: [index, manifest], key: 'k', value: 'v' },
    {
      in: 'manifest,manifest-descriptor[linux/amd64],index:k=v',
      levels: [manifest, entry('linux', 'amd64'), index],
      key: 'k',
      value: 'v',
    },
  ];
  for (const { in: text, ...out } of table) it(text, () => assert.deepEqual(parseAnnotation(text), out));
});

describe('annotations that are refused', () => {
  const table = [
    { name: 'nothing', in: '', out: /has no "="/ },
    { name: 'no value', in: 'index:k', out: /annotation "index:k" has no "="/ },
    { name: 'no key', in: '=v', out: /has no key/ },
    { name: 'no key after the level', in: 'index:=v', out: /has no key/ },
    {
      name: 'the level of image layouts',
      in: 'index-descriptor:k=v',
      out: /"index-descriptor" .* does not exist in a registry.*use "index"/,
    },
    { name: 'an unknown level', in: 'image:k=v', out: /level "image" .* is unknown/ },
    { name: 'an unknown level among others', in: 'index,image:k=v', out: /level "image"/ },
    { name: 'an empty level', in: 'index,:k=v', out: /level "" / },
    { name: 'a platform on the index', in: 'index[linux/amd64]:k=v', out: /only one index/ },
    {
      name: 'an impossible platform',
      in: 'manifest-descriptor[linux]:k=v',
      out: /platform "linux" has no "\/"/,
    },
    { name: 'an empty platform', in: 'manifest-descriptor[]:k=v', out: /platform ""/ },
    { name: 'a platform without end', in: 'manifest-descriptor[linux/amd64:k=v', out: /no closing "\]"/ },
    { name: 'white space in the key', in: 'a b=v', out: /key "a b" contains white space/ },
    { name: 'white space before the key', in: 'index: k=v', out: /white space/ },
    { name: 'a line feed in the key', in: 'a\nb=v', out: /key "a\\nb"/ },
    { name: 'a NUL in the key', in: 'index:a\0=v', out: /key "a\\u0000"/ },
    {
      name: 'a line break in the value',
      in: 'k=a\r\nb',
      out: /value of annotation "k" contains a control character/,
    },
    { name: 'an escape sequence in the value', in: 'k=\u001b[31m', out: /control character/ },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(() => parseAnnotation(row.in), { name: 'FormatError', message: row.out }),
    );
});

describe('annotations by target', () => {
  const collect = (...lines: string[]) =>
    collectAnnotations(lines.map((line): Annotation => parseAnnotation(line)));
  it('nothing', () => assert.deepEqual(collect(), { index: {}, entries: [] }));
  it('the index and its entries', () =>
    assert.deepEqual(
      collect('a=1', 'manifest-descriptor:b=2', 'manifest-descriptor[linux/arm64]:c=3', 'manifest:d=4'),
      {
        index: { d: '4', a: '1' },
        entries: [
          { platform: undefined, key: 'b', value: '2' },
          { platform: { os: 'linux', architecture: 'arm64' }, key: 'c', value: '3' },
        ],
      },
    ));
  it('on several levels at once', () =>
    assert.deepEqual(collect('index,manifest-descriptor:a=1'), {
      index: { a: '1' },
      entries: [{ platform: undefined, key: 'a', value: '1' }],
    }));
  it('the last line wins', () => assert.deepEqual(collect('a=1', 'index:a=2').index, { a: '2' }));
  it('the index itself wins over manifest, in any order', () => {
    assert.deepEqual(collect('index:a=1', 'manifest:a=2').index, { a: '1' });
    assert.deepEqual(collect('manifest:a=2', 'index:a=1').index, { a: '1' });
  });
  it('keys such as __proto__ are keys', () =>
    assert.deepEqual(Object.entries(collect('__proto__=x').index), [['__proto__', 'x']]));
});
