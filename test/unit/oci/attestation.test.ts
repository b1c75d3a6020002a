import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attestationSubject, isAttestation } from '../../../src/oci/attestation.ts';
import { type Descriptor, parseDescriptor } from '../../../src/oci/descriptor.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const child = `sha256:${'cd'.repeat(32)}`;
const type = 'vnd.docker.reference.type';
const subject = 'vnd.docker.reference.digest';
const inToto = 'application/vnd.in-toto+json';
const tar = 'application/vnd.oci.image.layer.v1.tar+gzip';
const unknown = { os: 'unknown', architecture: 'unknown' };

function entryOf(fields: object): Descriptor {
  return parseDescriptor({ mediaType: 'a/b', digest, size: 1, ...fields });
}

describe('an attestation', () => {
  const claims = { [type]: 'attestation-manifest', [subject]: child };
  const table = [
    { name: 'in-toto layers, platform unknown', platform: unknown, layers: [inToto, inToto], out: true },
    { name: 'in-toto layers, no platform', layers: [inToto], out: true },
    {
      name: 'in-toto layers of a platform',
      platform: { os: 'linux', architecture: 'arm64' },
      layers: [inToto],
    },
    { name: 'in-toto layers, half a platform', platform: { os: 'unknown' }, layers: [inToto] },
    { name: 'one layer of an image', platform: unknown, layers: [inToto, tar] },
    { name: 'layers of an image, annotated', platform: unknown, layers: [tar], annotations: claims },
    { name: 'no layers, annotated', platform: unknown, layers: [], annotations: claims },
  ];
  for (const { name, layers, out = false, ...fields } of table)
    it(`${name}: ${out}`, () => {
      const document = {
        schemaVersion: 2,
        config: entryOf({}),
        layers: layers.map((mediaType) => entryOf({ mediaType })),
      };
      const manifest = parseManifest(Buffer.from(JSON.stringify(document)), undefined);
      assert.equal(isAttestation(entryOf(fields), manifest), out);
    });
});

describe('the subject of an attestation', () => {
  const table = [
    { name: 'annotated', annotations: { [type]: 'attestation-manifest', [subject]: child }, out: child },
    { name: 'of another reference', annotations: { [type]: 'other', [subject]: child } },
    { name: 'without type', annotations: { [subject]: child } },
    { name: 'without digest', annotations: { [type]: 'attestation-manifest' } },
    { name: 'with an invalid digest', annotations: { [type]: 'attestation-manifest', [subject]: '../x' } },
    { name: 'without annotations' },
  ];
  for (const { name, annotations, out } of table)
    it(name, () => assert.equal(attestationSubject(entryOf({ annotations })), out));
});
