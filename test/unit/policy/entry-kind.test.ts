import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDescriptor } from '../../../src/oci/descriptor.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { entryRoles } from '../../../src/policy/entry-kind.ts';

const digests = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`);
const image = 'application/vnd.oci.image.config.v1+json';
const empty = 'application/vnd.oci.empty.v1+json';
const tar = 'application/vnd.oci.image.layer.v1.tar+gzip';
const statement = 'application/vnd.in-toto+json';
const ofFirst = {
  'vnd.docker.reference.type': 'attestation-manifest',
  'vnd.docker.reference.digest': digests[0],
};
const ofNone = { ...ofFirst, 'vnd.docker.reference.digest': `sha256:${'f'.repeat(64)}` };

interface Entry {
  readonly platform?: string | object;
  readonly config?: string;
  readonly layers?: readonly string[];
  readonly annotations?: object;
  readonly mediaType?: string;
  readonly artifactType?: string;
}

const amd64: Entry = { platform: 'linux/amd64' };
const chart: Entry = { config: 'application/vnd.cncf.helm.config.v1+json' };
const signed = 'application/vnd.in-toto.spdx+dsse';
const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The entries of a list, and the kind of each. */
const table: Readonly<Record<string, readonly [entries: readonly Entry[], kinds: string]>> = {
  'an image and its attestation': [
    [amd64, { platform: 'unknown/unknown', layers: [statement], annotations: ofFirst }],
    'image attestation',
  ],
  'signed statements, bundles, and no platform': [
    [amd64, { layers: [signed, statement] }, { config: empty, layers: [bundle] }],
    'image attestation attestation',
  ],
  'a bundle of an older release of sigstore': [
    [{ layers: ['application/vnd.dev.sigstore.bundle+json;version=0.2'] }],
    'attestation',
  ],
  'written unknown/unknown and annotated for an entry of the list': [
    [amd64, { platform: 'unknown/unknown', layers: [tar], annotations: ofFirst }],
    'image attestation',
  ],
  'annotated for no entry of the list': [
    [amd64, { platform: 'unknown/unknown', layers: [tar], annotations: ofNone }],
    'image image',
  ],
  'annotated without unknown/unknown': [
    [amd64, { layers: [tar], annotations: ofFirst }, { ...amd64, layers: [tar], annotations: ofFirst }],
    'image image image',
  ],
  'statements of a platform that clients pull': [[{ ...amd64, layers: [statement] }], 'image'],
  'a layer of an image beside a statement': [[{ layers: [statement, tar] }], 'image'],
  'a chart without platform, and one of half a platform': [
    [amd64, chart, { ...chart, platform: { os: 'linux', architecture: '' } }],
    'image artifact artifact',
  ],
  'a chart of the platform unknown': [[{ ...chart, platform: 'unknown/unknown' }], 'artifact'],
  'the first entry of a platform is pulled, whatever its config': [
    [{ ...amd64, config: empty }, amd64],
    'image image',
  ],
  'an entry with an image config is an image, whatever its artifactType': [
    [{ ...amd64, artifactType: 'application/vnd.acme' }, amd64],
    'image image',
  ],
  'behind an image of its platform': [[amd64, { ...amd64, config: empty }], 'image artifact'],
  'behind an image of the same platform in another spelling, which skopeo tells apart': [
    [{ platform: 'linux/arm64' }, { platform: 'linux/arm64/v8', config: empty }],
    'image image',
  ],
  'behind an image, under an alias that skopeo never looks for': [
    [amd64, { platform: 'linux/x86_64', config: empty }],
    'image artifact',
  ],
  'behind an image with other os.features': [
    [
      { platform: { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] } },
      { ...amd64, config: empty },
    ],
    'image image',
  ],
  'layers, as build caches list them': [
    [{ mediaType: tar }, { ...chart, mediaType: tar }],
    'artifact artifact',
  ],
  'an image of WebAssembly': [
    [{ platform: 'wasip1/wasm', config: 'application/vnd.wasm.config.v0+json' }],
    'image',
  ],
};

function listed({ platform, config = image, layers = [tar], ...fields }: Entry, at: number) {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const named = (type: string) => ({ mediaType: type, digest: digests[0], size: 1 });
  const document = { schemaVersion: 2, config: named(config), layers: layers.map(named) };
  const stated = typeof platform === 'string' ? parsePlatform(platform) : platform;
  return {
    descriptor: parseDescriptor({ mediaType, digest: digests[at], size: 1, platform: stated, ...fields }),
    manifest: parseManifest(Buffer.from(JSON.stringify(document)), mediaType),
  };
}

describe('the kinds of entries', () => {
  for (const [name, [entries, kinds]] of Object.entries(table))
    it(name, () => {
      const roles = entryRoles(entries.map(listed));
      assert.equal(roles.map(({ kind }) => kind).join(' '), kinds);
    });

  it('an artifact belongs to the image in front of it, an attestation to the one that it names', () => {
    const attestation = { platform: 'unknown/unknown', layers: [statement], annotations: ofFirst };
    const roles = entryRoles([amd64, { ...amd64, config: empty }, attestation].map(listed));
    assert.deepEqual(roles.slice(1), [
      { kind: 'artifact', belongsTo: digests[0] },
      { kind: 'attestation', attestationSubject: digests[0] },
    ]);
  });

  it('without its manifest, the annotations and the media type decide', () => {
    const unread = [amd64, { platform: 'unknown/unknown', annotations: ofNone }, { mediaType: tar }].map(
      (entry, at) => ({ descriptor: listed(entry, at).descriptor }),
    );
    assert.equal(
      entryRoles(unread)
        .map(({ kind }) => kind)
        .join(' '),
      'image attestation artifact',
    );
  });
});
