import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Descriptor, parseDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { FormatError } from '../../../src/oci/format-error.ts';
import { assembleIndex, chooseFormat } from '../../../src/oci/image-index.ts';
import { dockerList, dockerManifest, ociIndex, ociManifest } from '../../../src/oci/media-types.ts';

const hex = (digit: string) => `sha256:${digit.repeat(64)}`;
const linux = { os: 'linux', architecture: 'amd64' };
const entryOf = (fields: Record<string, unknown>): Descriptor =>
  parseDescriptor({ mediaType: dockerManifest, digest: hex('a'), size: 1, platform: linux, ...fields });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('format docker, against bytes that docker 28.2 pushed', () => {
  const windows = 'windows/amd64 with os.version and os.features';
  it(windows, () => {
    const entries = [
      entryOf({
        digest: 'sha256:bfb3fd45c4dbc87a00d237468d00ce635e67a6144d4745511030979654706954',
        size: 497,
      }),
      entryOf({
        digest: 'sha256:45ae8aeb4c0f1e155adfa045b803b4239e28469d9b90317ccbf25fc9e41b38e8',
        size: 497,
        platform: {
          os: 'windows',
          architecture: 'amd64',
          'os.features': ['win32k', 'a<b>&c'],
          'os.version': '10.0.17763.1',
        },
      }),
      entryOf({
        digest: 'sha256:12711be2854967ec0477d2adbd59e72a5894c44c4a4aa6ed4d27d093cea9b8ae',
        size: 497,
        platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' },
      }),
    ];
    const manifest = assembleIndex(entries, { format: 'docker' });
    assert.equal(
      text(manifest.bytes),
      `{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
   "manifests": [
      {
         "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "size": 497,
         "digest": "sha256:bfb3fd45c4dbc87a00d237468d00ce635e67a6144d4745511030979654706954",
         "platform": {
            "architecture": "amd64",
            "os": "linux"
         }
      },
      {
         "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "size": 497,
         "digest": "sha256:45ae8aeb4c0f1e155adfa045b803b4239e28469d9b90317ccbf25fc9e41b38e8",
         "platform": {
            "architecture": "amd64",
            "os": "windows",
            "os.version": "10.0.17763.1",
            "os.features": [
               "win32k",
               "a\\u003cb\\u003e\\u0026c"
            ]
         }
      },
      {
         "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "size": 497,
         "digest": "sha256:12711be2854967ec0477d2adbd59e72a5894c44c4a4aa6ed4d27d093cea9b8ae",
         "platform": {
            "architecture": "amd64",
            "os": "windows",
            "os.version": "10.0.20348.1"
         }
      }
   ]
}`,
    );
    assert.equal(manifest.digest, 'sha256:befbcb6eb207cde9308c22ece25648f878846e281e52ed7f17f466a211489b6e');
    assert.equal(manifest.mediaType, dockerList);
  });
});

describe('format docker', () => {
  it('writes variant last', () => {
    const platform = { variant: 'v7', 'os.version': '1', os: 'linux', architecture: 'arm' };
    const { bytes } = assembleIndex([entryOf({ platform })], { format: 'docker' });
    assert.match(
      text(bytes),
      /"architecture": "arm",\n {12}"os": "linux",\n {12}"os\.version": "1",\n {12}"variant": "v7"\n {9}\}\n {6}\}\n {3}\]\n\}$/,
    );
  });
  it('writes nothing inside an empty list', () =>
    assert.equal(
      text(assembleIndex([], { format: 'docker' }).bytes),
      `{\n   "schemaVersion": 2,\n   "mediaType": "${dockerList}",\n   "manifests": []\n}`,
    ));
  it('is an OCI index when an OCI image is first', () => {
    const oci = entryOf({ mediaType: ociManifest });
    const docker = entryOf({ digest: hex('b') });
    assert.equal(assembleIndex([oci, docker], { format: 'docker' }).mediaType, ociIndex);
    assert.equal(assembleIndex([docker, oci], { format: 'docker' }).mediaType, dockerList);
    assert.equal(
      assembleIndex([entryOf({ mediaType: ociIndex })], { format: 'docker' }).mediaType,
      dockerList,
    );
  });
  it('holds of an entry only four fields', () => {
    const entry = entryOf({ urls: ['https://x'], artifactType: 'a/b', data: 'e30=', x: 1 });
    assert.deepEqual(assembleIndex([entry], { format: 'docker' }).content, {
      kind: 'index',
      manifests: [entryOf({})],
    });
  });
  it('refuses entries that it cannot hold', () =>
    assert.throws(
      () => assembleIndex([entryOf({})], { format: 'docker', annotations: { a: 'b' } }),
      FormatError,
    ));
});

describe('format oci, in the order of the specification’s structures', () => {
  it('with every field', () => {
    const entry = entryOf({
      x: { 'b<': [], a: {} },
      artifactType: 'a/b',
      platform: {
        variant: 'v7',
        'os.features': ['f'],
        'os.version': '1',
        os: 'linux',
        architecture: 'arm',
        features: ['sse4'],
      },
      data: 'e30=',
      annotations: { z: '<&>', a: 'é\u2028' },
      urls: ['https://x/?a&b'],
    });
    const manifest = assembleIndex([entry], {
      format: 'oci',
      annotations: { '\u{1f600}': '1', '\uffff': '2', b: '3' },
    });
    assert.equal(
      text(manifest.bytes),
      `{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
      "digest": "${hex('a')}",
      "size": 1,
      "urls": [
        "https://x/?a\\u0026b"
      ],
      "annotations": {
        "a": "é\\u2028",
        "z": "\\u003c\\u0026\\u003e"
      },
      "data": "e30=",
      "platform": {
        "architecture": "arm",
        "os": "linux",
        "os.version": "1",
        "os.features": [
          "f"
        ],
        "variant": "v7",
        "features": [
          "sse4"
        ]
      },
      "artifactType": "a/b",
      "x": {
        "b\\u003c": [],
        "a": {}
      }
    }
  ],
  "annotations": {
    "b": "3",
    "\uffff": "2",
    "\u{1f600}": "1"
  }
}`,
    );
    assert.equal(manifest.digest, digestOf(manifest.bytes));
    assert.equal(manifest.size, manifest.bytes.byteLength);
    assert.equal(manifest.mediaType, ociIndex);
  });
  it('with the least', () => {
    const entry = {
      ...entryOf({}),
      platform: undefined,
      urls: [],
      annotations: {},
      data: '',
      artifactType: '',
    };
    const { platform, ...bare } = entry;
    assert.equal(platform, undefined);
    assert.equal(
      text(assembleIndex([bare], { format: 'oci', annotations: {} }).bytes),
      `{
  "schemaVersion": 2,
  "mediaType": "${ociIndex}",
  "manifests": [
    {
      "mediaType": "${dockerManifest}",
      "digest": "${hex('a')}",
      "size": 1
    }
  ]
}`,
    );
  });
  it('with no entry', () =>
    assert.match(text(assembleIndex([], { format: 'oci' }).bytes), /"manifests": \[\]\n\}$/));
  it('in the order the entries were given', () => {
    const entries = [entryOf({ digest: hex('c') }), entryOf({ digest: hex('b') })];
    const { content } = assembleIndex(entries, { format: 'oci' });
    assert.deepEqual(content, { kind: 'index', manifests: entries });
  });
  it('refuses annotation keys that some readers would confuse', () =>
    assert.throws(
      () => assembleIndex([], { format: 'oci', annotations: { a: '1', A: '2' } }),
      /only in case/,
    ));
});

describe('the choice of a format', () => {
  const docker = entryOf({});
  const oci = entryOf({ mediaType: ociManifest });
  const annotated = entryOf({ annotations: { k: 'v' } });
  const attestation = entryOf({
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': hex('c'),
    },
  });
  const { platform: _, ...bare } = docker;
  const table = [
    ['auto, all Docker', [docker, docker], {}, 'auto', 'docker'],
    ['auto, one OCI', [docker, oci], {}, 'auto', 'oci'],
    ['auto, annotated', [docker], { a: 'b' }, 'auto', 'oci'],
    ['auto, an entry annotated', [docker, annotated], {}, 'auto', 'oci'],
    ['auto, an entry without platform', [bare], {}, 'auto', 'oci'],
    ['auto, no entry', [], {}, 'auto', 'oci'],
    ['oci, all Docker', [docker], {}, 'oci', 'oci'],
    ['docker, all OCI', [oci], {}, 'docker', 'docker'],
    ['docker, annotated', [docker], { a: 'b' }, 'docker', /cannot hold the annotation "a"/],
    ['docker, an entry annotated', [annotated], {}, 'docker', /annotation "k" of the entry "linux\/amd64"/],
    ['docker, an attestation', [attestation], {}, 'docker', /of the attestation sha256:a/],
    ['docker, an entry without platform', [bare], {}, 'docker', /sha256:a+, which has no platform/],
  ] as const;
  for (const [name, entries, notes, wanted, out] of table)
    it(name, () => {
      if (typeof out === 'string') assert.equal(chooseFormat(entries, { annotations: notes }, wanted), out);
      else assert.throws(() => chooseFormat(entries, { annotations: notes }, wanted), out);
    });
});
