import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { type Manifest, predicateKey } from './manifest.ts';
import { essence } from './media-types.ts';
import { attestationPlatform, samePlatform } from './platform.ts';

const typeKey = 'vnd.docker.reference.type';
const digestKey = 'vnd.docker.reference.digest';
const statement =
  /^application\/vnd\.(?:in-toto(?:\+json|\.[\w.+-]*\+dsse)|dev\.sigstore\.bundle(?:\.v[\d.]+)?\+json)$/;

/**
 * Whether an entry of a list with these digests is an attestation (provenance, SBOM): its platform is absent or
 * `unknown/unknown`, and every layer is an in-toto statement, signed or not, or a sigstore bundle; or its platform is
 * written `unknown/unknown`, which no client pulls, and it is annotated as the attestation of an entry of the list. Other
 * annotations and the config prove nothing: anybody can annotate an image, and BuildKit before 0.32 gives attestations
 * the config of an image. (BuildKit, docs/attestations/attestation-storage.md; moby/buildkit#6171)
 *
 * Without its manifest, the annotations decide.
 */
export function isAttestation(
  entry: Descriptor,
  manifest: Pick<Manifest, 'content'> | undefined,
  digests: ReadonlySet<Digest> = new Set(),
): boolean {
  const { platform } = entry;
  if (platform !== undefined && !samePlatform(platform, attestationPlatform)) return false;
  const subject = attestationSubject(entry);
  if (manifest === undefined) return subject !== undefined;
  if (platform !== undefined && subject !== undefined && digests.has(subject)) return true;
  const { content } = manifest;
  if (content.kind === 'index' || content.layers.length === 0) return false;
  return content.layers.every(({ mediaType }) => statement.test(essence(mediaType)));
}

/** The predicate types of an attestation, one per layer. (BuildKit, docs/attestations/attestation-storage.md) */
export function predicateTypes({ content }: Pick<Manifest, 'content'>): readonly string[] {
  const layers = content.kind === 'image' ? content.layers : [];
  return layers.flatMap(({ annotations }) => annotations?.[predicateKey] ?? []);
}

/**
 * The digest of the image that an entry's annotations say it is an attestation of; undefined when they say nothing like
 * that, or have no valid digest. Only {@link isAttestation} tells whether the entry is an attestation.
 */
export function attestationSubject({ annotations }: Descriptor): Digest | undefined {
  if (annotations?.[typeKey] !== 'attestation-manifest') return undefined;
  const digest = annotations[digestKey];
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
