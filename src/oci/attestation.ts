import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';

const typeKey = 'vnd.docker.reference.type';
const digestKey = 'vnd.docker.reference.digest';

/** Whether an index entry is an attestation (provenance, SBOM) that BuildKit added for an image. */
export function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.[typeKey] === 'attestation-manifest';
}

/**
 * The digest of the image that an attestation entry of an index is about, or undefined when the entry is not an
 * attestation or has no valid digest. (BuildKit, docs/attestations/attestation-storage.md)
 */
export function attestationSubject(descriptor: Descriptor): Digest | undefined {
  const digest = isAttestation(descriptor) ? descriptor.annotations?.[digestKey] : undefined;
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
