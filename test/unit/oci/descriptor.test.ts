import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDescriptor } from '../../../src/oci/descriptor.ts';
import { ociManifest } from '../../../src/oci/media-types.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const bare = { mediaType: ociManifest, digest, size: 7 };

describe('descriptors that are legal', () => {
  const table = [
    ['the least', bare, bare],
    [
      'a mediaType with a parameter',
      { ...bare, mediaType: 'text/plain; charset=utf-8' },
      { ...bare, mediaType: 'text/plain; charset=utf-8' },
    ],
    ['size 0', { ...bare, size: 0 }, { ...bare, size: 0 }],
    [
      'a platform',
      { ...bare, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
      { ...bare, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    ],
    [
      'empty platform fields, which say nothing',
      {
        ...bare,
        platform: { os: 'linux', architecture: 'arm', variant: '', 'os.version': '', 'os.features': [] },
      },
      { ...bare, platform: { os: 'linux', architecture: 'arm' } },
    ],
    ['an empty platform', { ...bare, platform: { os: '', architecture: '' } }, bare],
    ['a platform without fields', { ...bare, platform: {} }, bare],
    [
      'a platform without os',
      { ...bare, platform: { architecture: 'arm' } },
      { ...bare, platform: { os: '', architecture: 'arm' } },
    ],
    [
      'a platform without architecture',
      { ...bare, platform: { os: 'linux' } },
      { ...bare, platform: { os: 'linux', architecture: '' } },
    ],
    ['null for absent', { ...bare, platform: null, annotations: null, urls: null, data: null }, bare],
    [
      'annotations',
      { ...bare, annotations: { 'a.b': '', c: 'x\ny' } },
      { ...bare, annotations: { 'a.b': '', c: 'x\ny' } },
    ],
    [
      'every specified field',
      { ...bare, urls: ['https://x'], data: 'e30=', artifactType: 'a/b' },
      { ...bare, urls: ['https://x'], data: 'e30=', artifactType: 'a/b' },
    ],
    ['unknown fields', { ...bare, x: [1, { y: null }], z: null }, { ...bare, x: [1, { y: null }], z: null }],
    [
      'unknown platform fields',
      { ...bare, platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] } },
      { ...bare, platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] } },
    ],
    [
      'a field called __proto__',
      JSON.parse(`{"__proto__":{"x":1},"mediaType":"a/b","digest":"${digest}","size":1}`),
      undefined,
    ],
  ] as const;
  for (const [name, input, out] of table)
    it(name, () => assert.deepEqual(parseDescriptor(input), out ?? input));
});

describe('descriptors that are refused, with the field that is wrong', () => {
  const platform = { os: 'linux', architecture: 'amd64' };
  const table = [
    ['null', null, /^descriptor is null$/],
    ['a string', 'x', /^descriptor is a string$/],
    ['an array', [bare], /^descriptor is an array$/],
    ['no mediaType', { digest, size: 1 }, /mediaType is missing/],
    ['an empty mediaType', { ...bare, mediaType: '' }, /mediaType is ""/],
    ['a mediaType with a line break', { ...bare, mediaType: 'a/b\r\nx: y' }, /mediaType is "a\/b\\r\\nx: y"/],
    ['a mediaType that is no type', { ...bare, mediaType: 'text' }, /mediaType is "text"/],
    ['a mediaType outside ASCII', { ...bare, mediaType: 'a/b; c=é' }, /mediaType is/],
    ['no digest', { mediaType: 'a/b', size: 1 }, /digest is missing/],
    ['a digest that is a number', { ...bare, digest: 1 }, /digest is a number/],
    [
      'a digest that is a path',
      { ...bare, digest: 'sha256:../../x' },
      /descriptor\.digest: digest "sha256:\.\.\/\.\.\/x"/,
    ],
    ['no size', { mediaType: 'a/b', digest }, /size is missing/],
    ['a negative size', { ...bare, size: -1 }, /size is -1/],
    ['a broken size', { ...bare, size: 1.5 }, /size is 1\.5/],
    ['a size as text', { ...bare, size: '7' }, /size is a string/],
    ['a size beyond exact numbers', { ...bare, size: 2 ** 53 }, /size is 9007199254740992/],
    ['a platform that is text', { ...bare, platform: 'linux/amd64' }, /platform is a string/],
    ['an os that is a number', { ...bare, platform: { ...platform, os: 1 } }, /platform\.os is a number/],
    [
      'an os with a line break',
      { ...bare, platform: { ...platform, os: 'a\nb' } },
      /platform\.os is "a\\nb"/,
    ],
    [
      'a variant that is a list',
      { ...bare, platform: { ...platform, variant: [] } },
      /platform\.variant is an array/,
    ],
    ['an os.version with a NUL', { ...bare, platform: { ...platform, 'os.version': '1\0' } }, /os\.version/],
    [
      'os.features that are text',
      { ...bare, platform: { ...platform, 'os.features': 'x' } },
      /os\.features"\] is a string/,
    ],
    [
      'an os.feature that is a number',
      { ...bare, platform: { ...platform, 'os.features': ['x', 1] } },
      /os\.features"\]\[1\] is a number/,
    ],
    ['annotations that are a list', { ...bare, annotations: [] }, /annotations is an array/],
    [
      'an annotation that is a number',
      { ...bare, annotations: { a: 1 } },
      /annotations has a number under "a"/,
    ],
    [
      'an annotation key with a line break',
      { ...bare, annotations: { 'a\nb': '' } },
      /annotations has the key "a\\nb"/,
    ],
    ['an empty annotation key', { ...bare, annotations: { '': 'x' } }, /annotations has the key ""/],
    ['urls that are text', { ...bare, urls: 'x' }, /urls is a string/],
    ['a url that is an object', { ...bare, urls: [{}] }, /urls\[0\] is an object/],
    ['data that is an object', { ...bare, data: {} }, /data is an object/],
    ['an artifactType that is a number', { ...bare, artifactType: 1 }, /artifactType is a number/],
  ] as const;
  for (const [name, input, out] of table)
    it(name, () => assert.throws(() => parseDescriptor(input), { name: 'FormatError', message: out }));
  it('is named as the caller calls it', () =>
    assert.throws(
      () => parseDescriptor({}, 'manifests[3]'),
      /^FormatError: manifests\[3\]\.mediaType is missing$/,
    ));
});
