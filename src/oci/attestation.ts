import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { type Manifest, predicateKey } from './manifest.ts';
import { attestationPlatform, samePlatform } from './platform.ts';

const typeKey = 'vnd.docker.reference.type';
const digestKey = 'vnd.docker.reference.digest';
const inTotoLayer = 'application/vnd.in-toto+json';

/**
 * Whether an index entry is an attestation (provenance, SBOM): its platform is absent or `unknown/unknown`, and every
 * layer of its manifest is an in-toto statement. Its annotations and its config prove nothing: anybody can annotate an
 * image, and BuildKit before 0.32 gives attestations the config of an image. (BuildKit,
 * docs/attestations/attestation-storage.md; moby/buildkit#6171)
 */
export function isAttestation({ platform }: Descriptor, { content }: Pick<Manifest, 'content'>): boolean {
  if (content.kind === 'index' || content.layers.length === 0) return false;
  if (platform !== undefined && !samePlatform(platform, attestationPlatform)) return false;
  return content.layers.every(({ mediaType }) => mediaType === inTotoLayer);
}

/** The predicate types of an attestation, one per layer. (BuildKit, docs/attestations/attestation-storage.md) */
export function predicateTypes({ content }: Pick<Manifest, 'content'>): readonly string[] {
  const layers = content.kind === 'image' ? content.layers : [];
  return layers.flatMap(({ annotations }) => annotations?.[predicateKey] ?? []);
}

/**
 * The digest of the image that an entry's annotations say it is an attestation of; undefined when they say nothing
 * like that, or have no valid digest. Only {@link isAttestation} tells whether the entry is an attestation.
 */
export function attestationSubject({ annotations }: Descriptor): Digest | undefined {
  if (annotations?.[typeKey] !== 'attestation-manifest') return undefined;
  const digest = annotations[digestKey];
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
