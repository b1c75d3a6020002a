import { attestationSubject, isAttestation } from '../oci/attestation.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { isConfigType, isFilesystemLayer, manifestTypes } from '../oci/media-types.ts';
import {
  attestationPlatform,
  formatPlatform,
  isWholePlatform,
  normalizePlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';

/** The kind of an entry of a list, and the image that it belongs to. */
export interface EntryRole {
  readonly kind: 'attestation' | 'artifact' | 'image';
  /** For an attestation, the digest of the image that it describes, if the entry names it. */
  readonly attestationSubject?: Digest | undefined;
  /** For an artifact with a platform, the digest of the image that clients pull instead. */
  readonly belongsTo?: Digest | undefined;
}

interface ListedEntry {
  readonly descriptor: Descriptor;
  readonly manifest?: Pick<Manifest, 'content'> | undefined;
}

/**
 * The kinds of the entries of one list; the first that fits:
 *
 *     attestation   see {@link isAttestation}
 *     artifact      its config is no image config, and no client pulls it: its platform is absent, `unknown/unknown` or
 *                   has an empty part, or it is behind an image of the same platform, as indexes of SOCI are
 *     image         everything else, whatever its `artifactType` says: skopeo and crane pull a first entry that has one
 */
export function entryRoles(list: readonly ListedEntry[]): readonly EntryRole[] {
  const digests = new Set(list.map(({ descriptor }) => descriptor.digest));
  const images = new Images();
  return list.map((entry) => {
    const role = roleOf(entry, digests, images);
    if (role.kind === 'image') images.add(entry.descriptor);
    return role;
  });
}

function roleOf(
  { descriptor, manifest }: ListedEntry,
  digests: ReadonlySet<Digest>,
  images: Images,
): EntryRole {
  if (isAttestation(descriptor, manifest, digests))
    return { kind: 'attestation', attestationSubject: attestationSubject(descriptor) };
  // Entries that are no manifests, such as the layers of a build cache, cannot be read.
  const isManifest = manifestTypes.includes(descriptor.mediaType);
  if (isManifest && (manifest === undefined || !isForeign(manifest))) return { kind: 'image' };
  if (!isPullable(descriptor.platform)) return { kind: 'artifact' };
  const belongsTo = images.before(descriptor.platform);
  return belongsTo === undefined ? { kind: 'image' } : { kind: 'artifact', belongsTo };
}

/** Whether a manifest has another config than that of an image, so that nobody can run it. */
export function isForeign({ content }: Pick<Manifest, 'content'>): boolean {
  return content.kind === 'image' && !isConfigType(content.config.mediaType);
}

/** Whether a manifest may be what cosign attaches by a tag, such as a signature: nobody can run that. */
export function isAttachment(manifest: Pick<Manifest, 'content'>): boolean {
  const { content } = manifest;
  if (content.kind === 'index') return false;
  return isForeign(manifest) || !content.layers.some(({ mediaType }) => isFilesystemLayer(mediaType));
}

function isPullable(platform: Platform | undefined): platform is Platform {
  return platform !== undefined && isWholePlatform(platform) && !samePlatform(platform, attestationPlatform);
}

/**
 * The images of a list so far. An entry is behind one of them when every client takes that one instead: containerd
 * compares platforms after normalising, skopeo and crane as they are written.
 */
class Images {
  readonly #normalized = new Map<string, Digest>();
  readonly #written = new Map<string, Digest>();

  add({ platform, digest }: Descriptor): void {
    if (platform === undefined) return;
    this.#normalized.set(normalizedKey(platform), digest);
    this.#written.set(writtenKey(platform), digest);
  }

  before(platform: Platform): Digest | undefined {
    const { os, architecture } = normalizePlatform(platform);
    const isAlias = os !== platform.os || architecture !== platform.architecture;
    return isAlias ? this.#normalized.get(normalizedKey(platform)) : this.#written.get(writtenKey(platform));
  }
}

function normalizedKey(platform: Platform): string {
  const { os, architecture, variant, ...rest } = normalizePlatform(platform);
  const version = os === 'windows' ? rest['os.version'] : undefined;
  return JSON.stringify([os, architecture, variant ?? '', version ?? '', rest['os.features'] ?? []]);
}

function writtenKey(platform: Platform): string {
  return `${formatPlatform(platform)} ${normalizedKey(platform)}`;
}
