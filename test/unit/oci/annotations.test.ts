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
    ['nothing', '', /has no "="/],
    ['no value', 'index:k', /annotation "index:k" has no "="/],
    ['no key', '=v', /has no key/],
    ['no key after the level', 'index:=v', /has no key/],
    [
      'the level of image layouts',
      'index-descriptor:k=v',
      /"index-descriptor" .* does not exist in a registry.*use "index"/,
    ],
    ['an unknown level', 'image:k=v', /level "image" .* is unknown/],
    ['an unknown level among others', 'index,image:k=v', /level "image"/],
    ['an empty level', 'index,:k=v', /level "" /],
    ['a platform on the index', 'index[linux/amd64]:k=v', /only one index/],
    ['an impossible platform', 'manifest-descriptor[linux]:k=v', /platform "linux" has no "\/"/],
    ['an empty platform', 'manifest-descriptor[]:k=v', /platform ""/],
    ['a platform without end', 'manifest-descriptor[linux/amd64:k=v', /no closing "\]"/],
    ['white space in the key', 'a b=v', /key "a b" contains white space/],
    ['white space before the key', 'index: k=v', /white space/],
    ['a line feed in the key', 'a\nb=v', /key "a\\nb"/],
    ['a NUL in the key', 'index:a\0=v', /key "a\\u0000"/],
    ['a line break in the value', 'k=a\r\nb', /value of annotation "k" contains a control character/],
    ['an escape sequence in the value', 'k=\u001b[31m', /control character/],
  ] as const;
  for (const [name, input, out] of table)
    it(name, () => assert.throws(() => parseAnnotation(input), { name: 'FormatError', message: out }));
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
