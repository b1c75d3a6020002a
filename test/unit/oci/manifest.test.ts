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
    ['body and header agree', ociIndex, ociIndex, index, ociIndex],
    ['header with a parameter', dockerList, `${dockerList}; charset=utf-8`, index, dockerList],
    ['header in capitals', ociManifest, ociManifest.toUpperCase(), image, ociManifest],
    ['generic header', dockerManifest, 'application/json', image, dockerManifest],
    [
      'generic header with a parameter',
      dockerManifest,
      'application/json; charset=utf-8',
      image,
      dockerManifest,
    ],
    ['header of a file server', ociManifest, 'application/octet-stream', image, ociManifest],
    ['no header', dockerList, undefined, index, dockerList],
    ['unusable header', dockerList, 'rubbish', index, dockerList],
    ['only the header', undefined, dockerList, index, dockerList],
    ['neither: an index by its shape', undefined, 'application/json', index, ociIndex],
    ['neither: an image by its shape', undefined, undefined, image, ociManifest],
    ['null in the body', null, ociManifest, image, ociManifest],
  ] as const;
  for (const [name, body, header, of, out] of table)
    it(name, () => assert.equal(parseManifest(bytes({ ...of, mediaType: body }), header).mediaType, out));
});

describe('manifests that are refused', () => {
  const table = [
    ['an index with layers', { ...index, layers: [] }, ociIndex, /the index also has "layers"/],
    ['an index with a config', { ...index, config: blob() }, ociIndex, /the index also has "config"/],
    [
      'an image with manifests',
      { ...image, manifests: [] },
      ociManifest,
      /the image manifest also has "manifests"/,
    ],
    ['both shapes and no type', { ...image, ...index }, undefined, /also has/],
    [
      'an index delivered as an image',
      { ...index, mediaType: ociIndex },
      ociManifest,
      /media type .*image\.index.* served as .*image\.manifest/,
    ],
    ['an OCI index delivered as a Docker list', { ...index, mediaType: ociIndex }, dockerList, /served as/],
    ['an index without type delivered as an image', index, ociManifest, /also has "manifests"/],
    ['an image without type delivered as an index', image, ociIndex, /also has "layers"/],
    ['HTML', '<html>', 'text/html', /not JSON/],
    ['a JSON object that is something else', { errors: [] }, 'application/json', /neither "manifests" nor/],
    ['a JSON array', [index], ociIndex, /^the manifest is an array/],
    ['null', 'null', ociIndex, /^the manifest is null/],
    [
      'an unknown type',
      { ...index, mediaType: 'application/vnd.x' },
      undefined,
      /unknown media type "application\/vnd\.x"/,
    ],
    ['an unknown type in the header', index, 'text/html', /unknown media type "text\/html"/],
    [
      'an artifact manifest of the draft',
      { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] },
      undefined,
      /unknown media type/,
    ],
    ['a mediaType that is no text', { ...index, mediaType: 1 }, undefined, /^mediaType is a number/],
    [
      'a mediaType in another case',
      { ...index, mediaType: ociIndex.toUpperCase() },
      undefined,
      /unknown media type/,
    ],
    [
      'schema 1',
      { schemaVersion: 1, name: 'x', fsLayers: [], history: [] },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      /schema 1: rebuild/,
    ],
    ['schema 1 by its header', {}, 'application/vnd.docker.distribution.manifest.v1+json', /schema 1/],
    ['schema 1 with schemaVersion 2', { ...image, fsLayers: [] }, ociManifest, /schema 1/],
    ['schema 3', { ...index, schemaVersion: 3 }, ociIndex, /schemaVersion is 3/],
    ['a schemaVersion in quotes', { ...index, schemaVersion: '2' }, ociIndex, /schemaVersion is a string/],
    ['a list that is an object', { ...index, manifests: {} }, ociIndex, /manifests is an object/],
    ['no list', { schemaVersion: 2 }, ociIndex, /manifests is missing/],
    ['no config', { schemaVersion: 2, layers: [] }, ociManifest, /config is missing/],
    ['no layers', { schemaVersion: 2, config: blob() }, ociManifest, /layers is missing/],
    [
      'an entry without digest',
      { ...index, manifests: [blob(), { mediaType: 'a/b', size: 1 }] },
      ociIndex,
      /^manifests\[1\]\.digest is missing/,
    ],
    [
      'a layer with a size as text',
      { ...image, layers: [{ ...blob(), size: '1' }] },
      ociManifest,
      /^layers\[0\]\.size is a string/,
    ],
    ['a subject that is text', { ...image, subject: digest }, ociManifest, /^subject is a string/],
    ['annotations that are a list', { ...index, annotations: [] }, ociIndex, /^annotations is an array/],
    [
      'an artifactType that is a number',
      { ...image, artifactType: 1 },
      ociManifest,
      /^artifactType is a number/,
    ],
    ['a key twice', '{"schemaVersion":2,"manifests":[],"manifests":[]}', ociIndex, /twice/],
    [
      'a key in two cases',
      '{"schemaVersion":2,"manifests":[],"Layers":[],"layers":null}',
      ociIndex,
      /only in case/,
    ],
  ] as const;
  for (const [name, input, type, out] of table)
    it(name, () =>
      assert.throws(() => parseManifest(bytes(input), type), { name: 'FormatError', message: out }),
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
        message: new RegExp(` has the digest ${digestOf(document, algorithm)}$`),
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
