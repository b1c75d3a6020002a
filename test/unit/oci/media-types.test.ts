import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dockerConfig,
  dockerList,
  dockerManifest,
  essence,
  isConfigType,
  isDockerType,
  isForeignLayer,
  isImageType,
  isIndexType,
  manifestAccept,
  manifestTypes,
  ociConfig,
  ociIndex,
  ociManifest,
} from '../../../src/oci/media-types.ts';

describe('essence of a Content-Type', () => {
  const table = [
    { name: 'plain', in: ociIndex, out: ociIndex },
    { name: 'with a parameter', in: 'application/json; charset=utf-8', out: 'application/json' },
    { name: 'with a parameter and no space', in: 'application/json;charset=utf-8', out: 'application/json' },
    { name: 'with a quoted parameter', in: 'text/html; x="a;b"', out: 'text/html' },
    { name: 'in capitals', in: 'Application/VND.OCI.Image.Index.V1+JSON', out: ociIndex },
    { name: 'with white space around', in: ' \ttext/html \t; q=1', out: 'text/html' },
    { name: 'empty', in: '', out: '' },
    { name: 'only a parameter', in: '; charset=utf-8', out: '' },
    { name: 'no subtype', in: 'text/', out: '' },
    { name: 'no type', in: '/html', out: '' },
    { name: 'no slash', in: 'text', out: '' },
    { name: 'two slashes', in: 'text/html/x', out: '' },
    { name: 'two types in one header', in: 'text/html, text/plain', out: '' },
    { name: 'a line break inside', in: 'text/ht\nml', out: '' },
    { name: 'white space inside', in: 'text /html', out: '' },
    { name: 'not ASCII', in: 'text/ĸ', out: '' },
    { name: 'a name over 127 characters', in: `text/${'a'.repeat(128)}`, out: '' },
  ];
  for (const row of table) it(row.name, () => assert.equal(essence(row.in), row.out));
});

describe('kinds of media types', () => {
  const table = [
    { type: ociIndex, index: true, image: false, docker: false, config: false },
    { type: dockerList, index: true, image: false, docker: true, config: false },
    { type: ociManifest, index: false, image: true, docker: false, config: false },
    { type: dockerManifest, index: false, image: true, docker: true, config: false },
    { type: ociConfig, index: false, image: false, docker: false, config: true },
    { type: dockerConfig, index: false, image: false, docker: true, config: true },
    { type: 'application/vnd.dockerx', index: false, image: false, docker: false, config: false },
    { type: '', index: false, image: false, docker: false, config: false },
  ];
  for (const { type, index, image, docker, config } of table)
    it(type || 'nothing', () =>
      assert.deepEqual(
        [isIndexType(type), isImageType(type), isDockerType(type), isConfigType(type)],
        [index, image, docker, config],
      ),
    );

  it('asks for all four manifest types', () => {
    assert.deepEqual([...manifestTypes].sort(), [dockerList, dockerManifest, ociIndex, ociManifest].sort());
    assert.deepEqual(manifestAccept.split(', '), manifestTypes);
  });
});

describe('foreign layers', () => {
  const table = [
    { in: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', out: true },
    { in: 'application/vnd.oci.image.layer.nondistributable.v1.tar', out: true },
    { in: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', out: true },
    { in: 'application/vnd.docker.image.rootfs.diff.tar.gzip', out: false },
    { in: 'application/vnd.oci.image.layer.v1.tar+gzip', out: false },
  ];
  for (const row of table) it(row.in, () => assert.equal(isForeignLayer(row.in), row.out));
});
