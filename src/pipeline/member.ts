import { attestationSubject, isAttestation } from '../oci/attestation.ts';
import type { ImageConfig, ImageLabels } from '../oci/config.ts';
import { type Descriptor, findEmbeddedFlaw } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { HeldManifest, ImageManifest, Manifest } from '../oci/manifest.ts';
import { isIndexType } from '../oci/media-types.ts';
import {
  attestationPlatform,
  describePlatform,
  isWholePlatform,
  matchesPlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';
import { isPlaceholder } from '../registry/placeholder.ts';
import type { ConflictError, SourceError } from '../run/errors.ts';
import type { ContentStore, Resolved } from '../sources/source.ts';
import { sourceError } from '../sources/source-error.ts';
import { TreeLimits } from '../sources/tree-limits.ts';
import {
  agreedPlatform,
  declaredPlatform,
  type ImagePlatform,
  readConfig,
  readContent,
} from './image-platform.ts';
import { readTree, type TreeEntry } from './index-tree.ts';

/** An entry of the index to publish, and where its content is. */
export interface Member {
  /** The entry as the index will list it. */
  readonly descriptor: Descriptor;
  readonly manifest: HeldManifest;
  readonly store: ContentStore;
  /** The source it came from, as messages name it. */
  readonly label: string;
  /** 1-based line of the `sources` input. */
  readonly line: number;
  /** The directory of digests that it came from. */
  readonly directory?: string | undefined;
  /** Whether the entry is a source of its own, or an entry of an index source. */
  readonly suppliedBy: 'image' | 'index';
  /** Everything is an image that is not an attestation by its platform and its content. */
  readonly kind: 'image' | 'attestation';
  /** For an attestation, the digest of the image that it describes, if the entry names it. */
  readonly attestationSubject?: Digest | undefined;
  /** For a source of its own: whether its config states the whole platform, or a declaration adds to it. */
  readonly platformSource?: 'config' | 'declared';
  /** The entry's platform with the config's part of it normalised, for formats that write it so. */
  readonly normalized?: Platform | undefined;
  /** The contradiction between the entry's platform and the config. */
  readonly mismatch?: ConflictError | undefined;
  /** The labels of an image whose config was read. */
  readonly labels?: ImageLabels | undefined;
}

/**
 * The entries that one resolved source contributes; throws SourceError or ConflictError naming its line. A declared
 * platform that contradicts a config is in the entry, with its `mismatch`.
 */
export async function membersOf(resolved: Resolved): Promise<readonly Member[]> {
  const { content } = resolved.manifest;
  if (content.kind === 'image') return [await imageMember(resolved, content)];
  refuseEmpty(resolved, resolved.manifest);
  const limits = sourceLimits(resolved);
  const read = (entry: Descriptor) => readEntry(resolved, entry);
  const leaves = (await readTree(content, { read, limits })).flatMap(leavesOf);
  limits.countConfigs(leaves.map(({ manifest }) => manifest));
  const members = await Promise.all(leaves.map((leaf) => entryMember(resolved, leaf)));
  return pickDeclared(resolved, members).map((member) => overlaid(resolved, member));
}

/** The limits for reading what one source lists. */
export function sourceLimits({ line, label }: Resolved): TreeLimits {
  const hint = 'List the images themselves as sources.';
  return new TreeLimits(`sources line ${line.line}: ${label}`, hint);
}

async function imageMember(resolved: Resolved, image: ImageManifest): Promise<Member> {
  const { manifest, store, label, line, directory } = resolved;
  refusePlaceholder(resolved, manifest);
  const config = await readConfig(resolved, image);
  const real = config?.platform;
  const { platform, normalized, mismatch } = agreedPlatform(
    resolved,
    {
      declared: declaredPlatform(resolved),
      manifest,
      claim: `${label} is declared`,
      authority: 'its config',
    },
    real,
  );
  const annotations = { ...resolved.annotations, ...line.annotations };
  const descriptor: Descriptor = {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    platform,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const platformSource = real !== undefined && samePlatform(real, platform) ? 'config' : 'declared';
  const shared = { store, label, line: line.line, suppliedBy: 'image', kind: 'image' } as const;
  return {
    ...{ ...shared, descriptor, manifest, directory, normalized, mismatch, platformSource },
    labels: config?.labels,
  };
}

async function readEntry(resolved: Resolved, entry: Descriptor): Promise<HeldManifest> {
  const { digest, size } = entry;
  const manifest = await readContent(resolved, digest, () => resolved.store.getManifest(digest, size));
  refuseInconsistent(resolved, entry, manifest);
  refusePlaceholder(resolved, manifest);
  refuseEmpty(resolved, manifest);
  return resolved.store.keep(manifest);
}

function refuseInconsistent({ line, label }: Resolved, entry: Descriptor, manifest: Manifest): void {
  const flaw = findEntryFlaw(entry, manifest);
  if (flaw === undefined) return;
  throw sourceError(line, 'INDEX_INCONSISTENT', `${label} lists ${entry.digest} ${flaw}`, {
    hint: 'Build that index again: it is broken.',
  });
}

/** How a manifest contradicts its entry in a list, or undefined. */
export function findEntryFlaw(entry: Descriptor, manifest: Manifest): string | undefined {
  const same = entry.mediaType === manifest.mediaType && entry.size === manifest.size;
  if (!same || isIndexType(entry.mediaType) !== (manifest.content.kind === 'index')) {
    return `as ${entry.mediaType} of ${entry.size} bytes, but it is ${manifest.mediaType} of ${manifest.size} bytes`;
  }
  const flaw = findEmbeddedFlaw(entry, manifest.bytes);
  return flaw && `in an entry that ${flaw}`;
}

// Whatever platform is declared for it: it is no image of any.
function refusePlaceholder({ line, label, manifest: source }: Resolved, manifest: HeldManifest): void {
  if (!isPlaceholder(manifest)) return;
  const message =
    source === manifest
      ? `${label} is a placeholder, which a removal of its tag left`
      : `${label} lists ${manifest.digest}, a placeholder of the removal of a tag`;
  throw sourceError(line, 'SOURCE_PLACEHOLDER', message, {
    hint: 'Build and push the image again. The log of the run that removed the tag names the image that it held.',
  });
}

function refuseEmpty(resolved: Resolved, { content }: HeldManifest): void {
  if (content.kind === 'index' && content.manifests.length === 0) throw withoutImages(resolved);
}

// Beside other sources, a list without images would leave a gap that nobody notices.
function withoutImages({ line, label }: Resolved): SourceError {
  return sourceError(line, 'NO_ENTRIES', `${label} is a list without images`, {
    hint: 'Build and push the source again: a list needs at least one image.',
  });
}

function leavesOf(tree: TreeEntry): readonly TreeEntry[] {
  return tree.entries.length === 0 ? [tree] : tree.entries.flatMap(leavesOf);
}

async function entryMember(resolved: Resolved, { entry, manifest }: TreeEntry): Promise<Member> {
  const { store, label, line, directory } = resolved;
  const shared = { manifest, store, label, line: line.line, directory, suppliedBy: 'index' } as const;
  if (isAttestation(entry, manifest)) {
    // Some clients take an entry without a platform for one of theirs.
    const descriptor = { ...entry, platform: entry.platform ?? attestationPlatform };
    return { ...shared, kind: 'attestation', descriptor, attestationSubject: attestationSubject(entry) };
  }
  const { content } = manifest;
  const config = content.kind === 'image' ? await readConfig(resolved, content) : undefined;
  const image = { ...shared, kind: 'image', labels: config?.labels } as const;
  const found = entryPlatform(resolved, { entry, manifest }, config);
  if (found === undefined) return { ...image, descriptor: entry };
  const { platform, normalized, mismatch } = found;
  return { ...image, descriptor: { ...entry, platform }, normalized, mismatch };
}

// A whole platform stays as the index has it; one that lacks something is completed from the config.
function entryPlatform(
  resolved: Resolved,
  { entry, manifest }: { readonly entry: Descriptor; readonly manifest: HeldManifest },
  config: ImageConfig | undefined,
): ImagePlatform | undefined {
  const { platform } = entry;
  const real = config?.platform;
  if (real === undefined && platform === undefined) return undefined;
  const agreed = agreedPlatform(
    resolved,
    {
      declared: platform ?? {},
      manifest,
      claim: `${resolved.label} lists ${entry.digest} as`,
      authority: 'its config',
    },
    real,
  );
  if (platform === undefined || !isWholePlatform(platform)) return agreed;
  return { platform, mismatch: agreed.mismatch };
}

// A platform after an index source picks that platform's images; a sole image has to agree with it.
function pickDeclared(resolved: Resolved, members: readonly Member[]): readonly Member[] {
  const declared = declaredPlatform(resolved);
  const images = members.filter(({ kind }) => kind === 'image');
  if (images.length === 0) throw withoutImages(resolved);
  if (images.length === 1 || Object.keys(declared).length === 0) return members;
  const picked = new Set(images.filter((member) => fits(declared, member)));
  if (picked.size === 0) throw notInIndex(resolved, images);
  const digests = new Set<string | undefined>([...picked].map((member) => member.descriptor.digest));
  return members.filter((member) =>
    member.kind === 'image' ? picked.has(member) : digests.has(member.attestationSubject),
  );
}

function fits(declared: Partial<Platform>, { descriptor: { platform } }: Member): boolean {
  if (platform === undefined) return false;
  const { os, architecture, variant } = platform;
  const same = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return matchesPlatform({ ...same, ...declared }, platform);
}

function overlaid(resolved: Resolved, member: Member): Member {
  if (member.kind === 'attestation') return member;
  const annotations = {
    ...member.descriptor.annotations,
    ...resolved.annotations,
    ...resolved.line.annotations,
  };
  const descriptor = {
    ...member.descriptor,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const declared = declaredPlatform(resolved);
  if (Object.keys(declared).length === 0) return { ...member, descriptor };
  const { platform, normalized, mismatch } = agreedPlatform(
    resolved,
    {
      declared,
      manifest: member.manifest,
      claim: `${resolved.label} is declared`,
      authority: 'the list',
    },
    descriptor.platform,
  );
  return {
    ...member,
    normalized: member.normalized && normalized,
    mismatch: mismatch ?? member.mismatch,
    descriptor: { ...descriptor, platform },
  };
}

function notInIndex(resolved: Resolved, images: readonly Member[]): SourceError {
  const held = images.map(({ descriptor: { platform } }) =>
    platform ? describePlatform(platform) : 'no platform',
  );
  const wanted = describeDeclared(declaredPlatform(resolved));
  const message = `${resolved.label} is an index without ${wanted}; it holds ${held.join(', ')}`;
  return sourceError(resolved.line, 'PLATFORM_MISSING', message);
}

// A declaration may have some of the fields only.
function describeDeclared(declared: Partial<Platform>): string {
  const { os, architecture } = declared;
  if (os !== undefined && architecture !== undefined)
    return describePlatform({ ...declared, os, architecture });
  return Object.entries(declared)
    .map(([field, value]) => `${field} ${[value].flat().join(',')}`)
    .join(', ');
}
