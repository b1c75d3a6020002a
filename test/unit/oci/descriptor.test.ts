import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDescriptor } from '../../../src/oci/descriptor.ts';
import { ociManifest } from '../../../src/oci/media-types.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const bare = { mediaType: ociManifest, digest, size: 7 };

describe('descriptors that are legal', () => {
  const table = [
    { name: 'the least', in: bare, out: bare },
    {
      name: 'a mediaType with a parameter',
      in: { ...bare, mediaType: 'text/plain; charset=utf-8' },
      out: { ...bare, mediaType: 'text/plain; charset=utf-8' },
    },
    { name: 'size 0', in: { ...bare, size: 0 }, out: { ...bare, size: 0 } },
    {
      name: 'a platform',
      in: { ...bare, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
      out: { ...bare, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    },
    {
      name: 'empty platform fields, which say nothing',
      in: {
        ...bare,
        platform: { os: 'linux', architecture: 'arm', variant: '', 'os.version': '', 'os.features': [] },
      },
      out: { ...bare, platform: { os: 'linux', architecture: 'arm' } },
    },
    { name: 'an empty platform', in: { ...bare, platform: { os: '', architecture: '' } }, out: bare },
    { name: 'a platform without fields', in: { ...bare, platform: {} }, out: bare },
    {
      name: 'a platform without os',
      in: { ...bare, platform: { architecture: 'arm' } },
      out: { ...bare, platform: { os: '', architecture: 'arm' } },
    },
    {
      name: 'a platform without architecture',
      in: { ...bare, platform: { os: 'linux' } },
      out: { ...bare, platform: { os: 'linux', architecture: '' } },
    },
    {
      name: 'null for absent',
      in: { ...bare, platform: null, annotations: null, urls: null, data: null },
      out: bare,
    },
    {
      name: 'annotations',
      in: { ...bare, annotations: { 'a.b': '', c: 'x\ny' } },
      out: { ...bare, annotations: { 'a.b': '', c: 'x\ny' } },
    },
    {
      name: 'every specified field',
      in: { ...bare, urls: ['https://x'], data: 'e30=', artifactType: 'a/b' },
      out: { ...bare, urls: ['https://x'], data: 'e30=', artifactType: 'a/b' },
    },
    {
      name: 'unknown fields',
      in: { ...bare, x: [1, { y: null }], z: null },
      out: { ...bare, x: [1, { y: null }], z: null },
    },
    {
      name: 'unknown platform fields',
      in: { ...bare, platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] } },
      out: { ...bare, platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] } },
    },
    {
      name: 'a field called __proto__',
      in: JSON.parse(`{"__proto__":{"x":1},"mediaType":"a/b","digest":"${digest}","size":1}`),
    },
  ];
  for (const row of table) it(row.name, () => assert.deepEqual(parseDescriptor(row.in), row.out ?? row.in));
});

describe('descriptors that are refused, with the field that is wrong', () => {
  const platform = { os: 'linux', architecture: 'amd64' };
  const table = [
    { name: 'null', in: null, out: /^descriptor is null$/ },
    { name: 'a string', in: 'x', out: /^descriptor is a string$/ },
    { name: 'an array', in: [bare], out: /^descriptor is an array$/ },
    { name: 'no mediaType', in: { digest, size: 1 }, out: /mediaType is missing/ },
    { name: 'an empty mediaType', in: { ...bare, mediaType: '' }, out: /mediaType is ""/ },
    {
      name: 'a mediaType with a line break',
      in: { ...bare, mediaType: 'a/b\r\nx: y' },
      out: /mediaType is "a\/b\\r\\nx: y"/,
    },
    { name: 'a mediaType that is no type', in: { ...bare, mediaType: 'text' }, out: /mediaType is "text"/ },
    { name: 'a mediaType outside ASCII', in: { ...bare, mediaType: 'a/b; c=é' }, out: /mediaType is/ },
    { name: 'no digest', in: { mediaType: 'a/b', size: 1 }, out: /digest is missing/ },
    { name: 'a digest that is a number', in: { ...bare, digest: 1 }, out: /digest is a number/ },
    {
      name: 'a digest that is a path',
      in: { ...bare, digest: 'sha256:../../x' },
      out: /descriptor\.digest: digest "sha256:\.\.\/\.\.\/x"/,
    },
    { name: 'no size', in: { mediaType: 'a/b', digest }, out: /size is missing/ },
    { name: 'a negative size', in: { ...bare, size: -1 }, out: /size is -1/ },
    { name: 'a broken size', in: { ...bare, size: 1.5 }, out: /size is 1\.5/ },
    { name: 'a size as text', in: { ...bare, size: '7' }, out: /size is a string/ },
    { name: 'a size beyond exact numbers', in: { ...bare, size: 2 ** 53 }, out: /size is 9007199254740992/ },
    {
      name: 'a platform that is text',
      in: { ...bare, platform: 'linux/amd64' },
      out: /platform is a string/,
    },
    {
      name: 'an os that is a number',
      in: { ...bare, platform: { ...platform, os: 1 } },
      out: /platform\.os is a number/,
    },
    {
      name: 'an os with a line break',
      in: { ...bare, platform: { ...platform, os: 'a\nb' } },
      out: /platform\.os is "a\\nb"/,
    },
    {
      name: 'a variant that is a list',
      in: { ...bare, platform: { ...platform, variant: [] } },
      out: /platform\.variant is an array/,
    },
    {
      name: 'an os.version with a NUL',
      in: { ...bare, platform: { ...platform, 'os.version': '1\0' } },
      out: /os\.version/,
    },
    {
      name: 'os.features that are text',
      in: { ...bare, platform: { ...platform, 'os.features': 'x' } },
      out: /os\.features"\] is a string/,
    },
    {
      name: 'an os.feature that is a number',
      in: { ...bare, platform: { ...platform, 'os.features': ['x', 1] } },
      out: /os\.features"\]\[1\] is a number/,
    },
    { name: 'annotations that are a list', in: { ...bare, annotations: [] }, out: /annotations is an array/ },
    {
      name: 'an annotation that is a number',
      in: { ...bare, annotations: { a: 1 } },
      out: /annotations has a number under "a"/,
    },
    {
      name: 'an annotation key with a line break',
      in: { ...bare, annotations: { 'a\nb': '' } },
      out: /annotations has the key "a\\nb"/,
    },
    {
      name: 'an empty annotation key',
      in: { ...bare, annotations: { '': 'x' } },
      out: /annotations has the key ""/,
    },
    { name: 'urls that are text', in: { ...bare, urls: 'x' }, out: /urls is a string/ },
    { name: 'a url that is an object', in: { ...bare, urls: [{}] }, out: /urls\[0\] is an object/ },
    { name: 'data that is an object', in: { ...bare, data: {} }, out: /data is an object/ },
    {
      name: 'an artifactType that is a number',
      in: { ...bare, artifactType: 1 },
      out: /artifactType is a number/,
    },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(() => parseDescriptor(row.in), { name: 'FormatError', message: row.out }),
    );
  it('is named as the caller calls it', () =>
    assert.throws(
      () => parseDescriptor({}, 'manifests[3]'),
      /^FormatError: manifests\[3\]\.mediaType is missing$/,
    ));
});
