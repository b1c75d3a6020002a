import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attestationSubject, isAttestation } from '../../../src/oci/attestation.ts';
import { parseDescriptor } from '../../../src/oci/descriptor.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const child = `sha256:${'cd'.repeat(32)}`;
const type = 'vnd.docker.reference.type';
const subject = 'vnd.docker.reference.digest';

describe('the subject of an attestation', () => {
  const table = [
    {
      name: 'of an attestation',
      annotations: { [type]: 'attestation-manifest', [subject]: child },
      is: true,
      out: child,
    },
    {
      name: 'of another reference',
      annotations: { [type]: 'other', [subject]: child },
      is: false,
      out: undefined,
    },
    { name: 'without type', annotations: { [subject]: child }, is: false, out: undefined },
    { name: 'without digest', annotations: { [type]: 'attestation-manifest' }, is: true, out: undefined },
    {
      name: 'with rubbish for a digest',
      annotations: { [type]: 'attestation-manifest', [subject]: '../x' },
      is: true,
      out: undefined,
    },
    { name: 'of an entry without annotations', annotations: undefined, is: false, out: undefined },
  ];
  for (const row of table) {
    it(row.name, () => {
      const descriptor = parseDescriptor({ mediaType: 'a/b', digest, size: 1, annotations: row.annotations });
      assert.equal(isAttestation(descriptor), row.is);
      assert.equal(attestationSubject(descriptor), row.out);
    });
  }
});
