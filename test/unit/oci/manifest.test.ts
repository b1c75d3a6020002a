import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from '../../../src/oci/digest.ts';
import { FormatError } from '../../../src/oci/format-error.ts';
import { DigestMismatchError, layersSize, manifestLimit, parseManifest } from '../../../src/oci/manifest.ts';
import { dockerList, dockerManifest, ociIndex, ociManifest } from '../../../src/oci/media-types.ts';

const bytes = (document: unknown) =>
  new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));
const digest = `sha256:${'ab'.repeat(32)}`;
const blob = (size = 1) => ({ mediaType: 'application/octet-stream', digest, size });
const image = { schemaVersion: 2, config: blob(), layers: [blob(10), blob(20)] };
const index = { schemaVersion: 2, manifests: [blob()] };

describe('the media type of a manifest', () => {
  const table = [
    { name: 'body and header agree', body: ociIndex, header: ociIndex, of: index, out: ociIndex },
    {
      name: 'header with a parameter',
      body: dockerList,
      header: `${dockerList}; charset=utf-8`,
      of: index,
      out: dockerList,
    },
    {
      name: 'header in capitals',
      body: ociManifest,
      header: ociManifest.toUpperCase(),
      of: image,
      out: ociManifest,
    },
    {
      name: 'generic header',
      body: dockerManifest,
      header: 'application/json',
      of: image,
      out: dockerManifest,
    },
    {
      name: 'generic header with a parameter',
      body: dockerManifest,
      header: 'application/json; charset=utf-8',
      of: image,
      out: dockerManifest,
    },
    {
      name: 'header of a file server',
      body: ociManifest,
      header: 'application/octet-stream',
      of: image,
      out: ociManifest,
    },
    { name: 'no header', body: dockerList, header: undefined, of: index, out: dockerList },
    { name: 'unusable header', body: dockerList, header: 'rubbish', of: index, out: dockerList },
    { name: 'only the header', body: undefined, header: dockerList, of: index, out: dockerList },
    {
      name: 'neither: an index by its shape',
      body: undefined,
      header: 'application/json',
      of: index,
      out: ociIndex,
    },
    {
      name: 'neither: an image by its shape',
      body: undefined,
      header: undefined,
      of: image,
      out: ociManifest,
    },
    { name: 'null in the body', body: null, header: ociManifest, of: image, out: ociManifest },
  ];
  for (const { name, body, header, of, out } of table)
    it(name, () => assert.equal(parseManifest(bytes({ ...of, mediaType: body }), header).mediaType, out));
});

describe('manifests that are refused', () => {
  const table = [
    {
      name: 'an index with layers',
      in: { ...index, layers: [] },
      type: ociIndex,
      out: /the index also has "layers"/,
    },
    {
      name: 'an index with a config',
      in: { ...index, config: blob() },
      type: ociIndex,
      out: /the index also has "config"/,
    },
    {
      name: 'an image with manifests',
      in: { ...image, manifests: [] },
      type: ociManifest,
      out: /the image manifest also has "manifests"/,
    },
    { name: 'both shapes and no type', in: { ...image, ...index }, type: undefined, out: /also has/ },
    {
      name: 'an index delivered as an image',
      in: { ...index, mediaType: ociIndex },
      type: ociManifest,
      out: /media type .*image\.index.* served as .*image\.manifest/,
    },
    {
      name: 'an OCI index delivered as a Docker list',
      in: { ...index, mediaType: ociIndex },
      type: dockerList,
      out: /served as/,
    },
    {
      name: 'an index without type delivered as an image',
      in: index,
      type: ociManifest,
      out: /also has "manifests"/,
    },
    {
      name: 'an image without type delivered as an index',
      in: image,
      type: ociIndex,
      out: /also has "layers"/,
    },
    { name: 'HTML', in: '<html>', type: 'text/html', out: /not JSON/ },
    {
      name: 'a JSON object that is something else',
      in: { errors: [] },
      type: 'application/json',
      out: /neither "manifests" nor/,
    },
    { name: 'a JSON array', in: [index], type: ociIndex, out: /^the manifest is an array/ },
    { name: 'null', in: 'null', type: ociIndex, out: /^the manifest is null/ },
    {
      name: 'an unknown type',
      in: { ...index, mediaType: 'application/vnd.x' },
      type: undefined,
      out: /unknown media type "application\/vnd\.x"/,
    },
    {
      name: 'an unknown type in the header',
      in: index,
      type: 'text/html',
      out: /unknown media type "text\/html"/,
    },
    {
      name: 'an artifact manifest of the draft',
      in: { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] },
      type: undefined,
      out: /unknown media type/,
    },
    {
      name: 'a mediaType that is no text',
      in: { ...index, mediaType: 1 },
      type: undefined,
      out: /^mediaType is a number/,
    },
    {
      name: 'a mediaType in another case',
      in: { ...index, mediaType: ociIndex.toUpperCase() },
      type: undefined,
      out: /unknown media type/,
    },
    {
      name: 'schema 1',
      in: { schemaVersion: 1, name: 'x', fsLayers: [], history: [] },
      type: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      out: /schema 1: rebuild/,
    },
    {
      name: 'schema 1 by its header',
      in: {},
      type: 'application/vnd.docker.distribution.manifest.v1+json',
      out: /schema 1/,
    },
    {
      name: 'schema 1 with schemaVersion 2',
      in: { ...image, fsLayers: [] },
      type: ociManifest,
      out: /schema 1/,
    },
    { name: 'schema 3', in: { ...index, schemaVersion: 3 }, type: ociIndex, out: /schemaVersion is 3/ },
    {
      name: 'a schemaVersion in quotes',
      in: { ...index, schemaVersion: '2' },
      type: ociIndex,
      out: /schemaVersion is a string/,
    },
    {
      name: 'a list that is an object',
      in: { ...index, manifests: {} },
      type: ociIndex,
      out: /manifests is an object/,
    },
    { name: 'no list', in: { schemaVersion: 2 }, type: ociIndex, out: /manifests is missing/ },
    { name: 'no config', in: { schemaVersion: 2, layers: [] }, type: ociManifest, out: /config is missing/ },
    {
      name: 'no layers',
      in: { schemaVersion: 2, config: blob() },
      type: ociManifest,
      out: /layers is missing/,
    },
    {
      name: 'an entry without digest',
      in: { ...index, manifests: [blob(), { mediaType: 'a/b', size: 1 }] },
      type: ociIndex,
      out: /^manifests\[1\]\.digest is missing/,
    },
    {
      name: 'a layer with a size as text',
      in: { ...image, layers: [{ ...blob(), size: '1' }] },
      type: ociManifest,
      out: /^layers\[0\]\.size is a string/,
    },
    {
      name: 'a subject that is text',
      in: { ...image, subject: digest },
      type: ociManifest,
      out: /^subject is a string/,
    },
    {
      name: 'annotations that are a list',
      in: { ...index, annotations: [] },
      type: ociIndex,
      out: /^annotations is an array/,
    },
    {
      name: 'an artifactType that is a number',
      in: { ...image, artifactType: 1 },
      type: ociManifest,
      out: /^artifactType is a number/,
    },
    {
      name: 'a key twice',
      in: '{"schemaVersion":2,"manifests":[],"manifests":[]}',
      type: ociIndex,
      out: /twice/,
    },
    {
      name: 'a key in two cases',
      in: '{"schemaVersion":2,"manifests":[],"Layers":[],"layers":null}',
      type: ociIndex,
      out: /only in case/,
    },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(() => parseManifest(bytes(row.in), row.type), { name: 'FormatError', message: row.out }),
    );
});

describe('the size of a manifest', () => {
  const padded = (size: number) => {
    const document = JSON.stringify({ ...index, padding: '' });
    return bytes({ ...index, padding: 'x'.repeat(size - document.length) });
  };
  it('may be 4 MiB', () => assert.equal(parseManifest(padded(manifestLimit), ociIndex).size, 4_194_304));
  it('may not be a byte more', () =>
    assert.throws(() => parseManifest(padded(manifestLimit + 1), ociIndex), /has 4194305 bytes/));
  it('counts bytes, not characters', () => {
    const document = bytes({ ...index, annotations: { a: 'ü😀' } });
    assert.equal(parseManifest(document, ociIndex).size, document.byteLength);
  });
});

describe('the digest of a manifest', () => {
  const document = bytes(index);
  it('is the sha256 of its bytes', () =>
    assert.equal(parseManifest(document, ociIndex).digest, digestOf(document)));
  it('is the sha512 when it was asked for by that', () => {
    const expected = digestOf(document, 'sha512');
    assert.equal(parseManifest(document, ociIndex, expected).digest, expected);
  });
  for (const algorithm of ['sha256', 'sha512'] as const)
    it(`is not believed when the bytes are others (${algorithm})`, () => {
      const expected = digestOf(bytes('other'), algorithm);
      assert.throws(() => parseManifest(document, ociIndex, expected), {
        name: 'DigestMismatchError',
        expected,
        actual: digestOf(document, algorithm),
      });
    });
  it('is refused with a FormatError', () => assert.ok(DigestMismatchError.prototype instanceof FormatError));
  it('is looked at before anything in the bytes is', () =>
    assert.throws(() => parseManifest(bytes('<html>'), ociIndex, digestOf(document)), DigestMismatchError));
});

describe('the content of a manifest', () => {
  it('of an image', () => {
    const document = { ...image, artifactType: 'a/b', subject: blob(), annotations: { a: 'b' } };
    const manifest = parseManifest(bytes(document), ociManifest);
    assert.deepEqual(manifest.content, {
      kind: 'image',
      config: blob(),
      layers: [blob(10), blob(20)],
      artifactType: 'a/b',
      subject: blob(),
      annotations: { a: 'b' },
    });
    assert.equal(manifest.content.kind === 'image' && layersSize(manifest.content), 30);
  });
  it('of an index', () => {
    const platform = { os: 'linux', architecture: 'arm64' };
    const document = { ...index, manifests: [{ ...blob(), platform, x: 1 }] };
    assert.deepEqual(parseManifest(bytes(document), dockerList).content, {
      kind: 'index',
      manifests: [{ ...blob(), platform, x: 1 }],
    });
  });
  it('with null where Go wrote nothing', () =>
    assert.deepEqual(
      parseManifest(bytes({ schemaVersion: 2, manifests: null, layers: null, annotations: null }), ociIndex)
        .content,
      { kind: 'index', manifests: [] },
    ));
  it('without schemaVersion', () =>
    assert.equal(parseManifest(bytes({ manifests: [] }), ociIndex).content.kind, 'index'));
  it('never changes the bytes', () => {
    const document = bytes(' {"manifests" : [ ] } ');
    assert.equal(parseManifest(document, ociIndex).bytes, document);
  });
});
