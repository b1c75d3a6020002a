import type { ImageConfig, ImageLabels } from '../oci/config.ts';
import { type Descriptor, findEmbeddedFlaw } from '../oci/descriptor.ts';
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
import { artifactName, describeArtifact } from '../policy/artifact-name.ts';
import { type EntryRole, entryRoles, isForeign } from '../policy/entry-kind.ts';
import { isPlaceholder } from '../registry/placeholder.ts';
import type { ConflictError, SourceError } from '../run/errors.ts';
import type { ContentStore, Resolved, SourceLine } from '../sources/source.ts';
import { sourceError } from '../sources/source-error.ts';
import { TreeLimits } from '../sources/tree-limits.ts';
import {
  agreedPlatform,
  declaredPlatform,
  describeDeclared,
  foreignPlatform,
  type ImagePlatform,
  notAnImage,
  readConfig,
  readContent,
  statedPlatform,
} from './image-platform.ts';
import { readTree, type TreeEntry } from './index-tree.ts';

/** An entry of the index to publish, its kind (see policy/entry-kind), and where its content is. */
export interface Member extends EntryRole {
  /** The entry as the index will list it. */
  readonly descriptor: Descriptor;
  readonly manifest: HeldManifest;
  readonly store: ContentStore;
  /** The source it came from, as messages name it. */
  readonly label: string;
  /** 1-based line of the `sources` input. */
  readonly line: number;
  /** The source line; undefined for an entry that the tags hold. */
  readonly source?: SourceLine | undefined;
  readonly directory?: string | undefined;
  /** Whether the entry is a source of its own, or an entry of an index source. */
  readonly suppliedBy: 'image' | 'index';
  readonly imagesInIndex?: number;
  /** For an image: whether its config states the whole platform, or a declaration or its list adds to it. */
  readonly platformSource?: 'config' | 'declared' | undefined;
  /** The entry's platform with the config's part of it normalised, for formats that write it so. */
  readonly normalized?: Platform | undefined;
  /** The contradiction between the entry's platform and its content. */
  readonly mismatch?: ConflictError | SourceError | undefined;
  readonly labels?: ImageLabels | undefined;
}

/**
 * The entries that one resolved source contributes; throws SourceError or ConflictError naming its line. A declared
 * platform that contradicts a config is in the entry, with its `mismatch`.
 */
export async function membersOf(resolved: Resolved): Promise<readonly Member[]> {
  const { content } = resolved.manifest;
  if (content.kind === 'image') return [await imageMember(resolved, content)];
  refuseUnusable(resolved, resolved.manifest);
  const limits = sourceLimits(resolved);
  const read = (entry: Descriptor) => readEntry(resolved, entry);
  const leaves = (await readTree(content, { read, limits })).flatMap(leavesOf);
  limits.countConfigs(leaves.map(({ manifest }) => manifest));
  const roles = entryRoles(leaves.map(({ entry, manifest }) => ({ descriptor: entry, manifest })));
  const members = await Promise.all(
    leaves.map((leaf, at) => entryMember(resolved, leaf, roles[at] ?? { kind: 'image' })),
  );
  const imagesInIndex = members.filter(({ kind }) => kind === 'image').length;
  return pickDeclared(resolved, members).map((member) => ({ ...overlaid(resolved, member), imagesInIndex }));
}

/** The limits for reading what one source lists. */
export function sourceLimits({ line, label }: Resolved): TreeLimits {
  const hint = 'List the images themselves as sources.';
  return new TreeLimits(`sources line ${line.line}: ${label}`, hint);
}

async function imageMember(resolved: Resolved, image: ImageManifest): Promise<Member> {
  const { manifest, store, label, line, directory } = resolved;
  refusePlaceholder(resolved, manifest);
  const { mediaType, digest, size } = manifest;
  const [role] = entryRoles([{ descriptor: { mediaType, digest, size }, manifest }]);
  const isImage = role?.kind === 'image';
  const config = isImage ? await readConfig(resolved, image) : undefined;
  const real = config?.platform;
  const claim = {
    ...{ declared: declaredPlatform(resolved), manifest },
    claim: `${label} is declared`,
    authority: 'its config',
  } as const;
  const { platform, normalized, mismatch } = isImage
    ? statedPlatform(resolved, claim, real)
    : foreignPlatform(resolved, claim);
  const artifactType = isImage ? undefined : (image.artifactType ?? image.config.mediaType);
  const descriptor: Descriptor = {
    ...{ mediaType, digest, size, platform },
    ...annotationsOf(resolved),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
  return {
    ...{ kind: 'image', suppliedBy: 'image', descriptor, manifest, normalized, mismatch },
    ...{ store, label, line: line.line, source: line, directory, labels: config?.labels },
    platformSource: sourceOf(real, platform),
  };
}

function sourceOf(real: Platform | undefined, platform: Platform): 'config' | 'declared' {
  return real !== undefined && samePlatform(real, platform) ? 'config' : 'declared';
}

async function readEntry(resolved: Resolved, entry: Descriptor): Promise<HeldManifest> {
  const { digest, size } = entry;
  const manifest = await readContent(resolved, digest, () => resolved.store.getManifest(digest, size));
  refuseInconsistent(resolved, entry, manifest);
  refusePlaceholder(resolved, manifest);
  refuseUnusable(resolved, manifest);
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

// Layers that a build cache lists cannot be read as manifests.
function refuseUnusable(resolved: Resolved, manifest: HeldManifest): void {
  if (manifest.content.kind !== 'index') return;
  if (manifest.content.manifests.length === 0) throw withoutImages(resolved, []);
  const name = artifactName(manifest);
  if (name !== undefined) throw notAnImage(resolved, name);
}

// Beside other sources, a list without images would leave a gap that nobody notices.
function withoutImages({ line, label }: Resolved, others: readonly Member[]): SourceError {
  const artifacts = others.filter(({ kind }) => kind === 'artifact');
  const held = [...new Set(artifacts.map(({ manifest }) => describeArtifact(manifest)))].join(', ');
  return sourceError(line, 'NO_ENTRIES', `${label} is a list without images${held && `; it holds ${held}`}`, {
    hint: 'Build and push the source again: a list needs at least one image.',
  });
}

function leavesOf(tree: TreeEntry): readonly TreeEntry[] {
  return tree.entries.length === 0 ? [tree] : tree.entries.flatMap(leavesOf);
}

async function entryMember(
  resolved: Resolved,
  { entry, manifest }: TreeEntry,
  role: EntryRole,
): Promise<Member> {
  const { store, label, line, directory } = resolved;
  const shared = {
    ...{ manifest, store, label, line: line.line, source: line, directory },
    suppliedBy: 'index',
  } as const;
  if (role.kind === 'attestation') {
    // Some clients take an entry without a platform for one of theirs.
    return { ...shared, ...role, descriptor: { ...entry, platform: entry.platform ?? attestationPlatform } };
  }
  if (role.kind === 'artifact') return { ...shared, ...role, descriptor: entry };
  const { content } = manifest;
  const config = content.kind === 'image' ? await readConfig(resolved, content) : undefined;
  const image = { ...shared, ...role, labels: config?.labels };
  const found = entryPlatform(resolved, entry, manifest, config);
  if (found === undefined) return { ...image, descriptor: entry };
  const { platform, normalized, mismatch, platformSource } = found;
  return { ...image, descriptor: { ...entry, platform }, normalized, mismatch, platformSource };
}

// A whole platform stays as the index has it; one that lacks something is completed from the config.
function entryPlatform(
  resolved: Resolved,
  entry: Descriptor,
  manifest: HeldManifest,
  config: ImageConfig | undefined,
): (ImagePlatform & Pick<Member, 'platformSource'>) | undefined {
  const { platform } = entry;
  const claim = {
    ...{ declared: platform ?? {}, manifest },
    claim: `${resolved.label} lists ${entry.digest} as`,
    authority: 'its config',
  } as const;
  if (isForeign(manifest)) return foreignPlatform(resolved, claim);
  const real = config?.platform;
  if (real === undefined && platform === undefined) return undefined;
  const agreed = agreedPlatform(resolved, claim, real);
  const platformSource = sourceOf(real, agreed.platform);
  if (platform === undefined || !isWholePlatform(platform)) return { ...agreed, platformSource };
  return { platform, mismatch: agreed.mismatch, platformSource };
}

// A platform after an index source picks that platform's images; a sole image has to agree with it.
function pickDeclared(resolved: Resolved, members: readonly Member[]): readonly Member[] {
  const declared = declaredPlatform(resolved);
  const images = members.filter(({ kind }) => kind === 'image');
  if (images.length === 0) throw withoutImages(resolved, members);
  if (images.length === 1 || Object.keys(declared).length === 0) return members;
  const picked = new Set(images.filter((member) => fits(declared, member)));
  if (picked.size === 0) throw notInIndex(resolved, images);
  return members.filter((member) =>
    member.kind === 'image' ? picked.has(member) : goesWith(member, digestsOf(picked)),
  );
}

/** The digests of these members. */
export function digestsOf(members: Iterable<Member>): ReadonlySet<string> {
  return new Set([...members].map(({ descriptor }) => descriptor.digest));
}

/** Whether an attestation or an artifact stays in a list that has only these images of its source. */
export function goesWith(member: Member, images: ReadonlySet<string>): boolean {
  if (member.kind === 'attestation')
    return member.attestationSubject !== undefined && images.has(member.attestationSubject);
  return member.kind !== 'artifact' || member.belongsTo === undefined || images.has(member.belongsTo);
}

function fits(declared: Partial<Platform>, { descriptor: { platform } }: Member): boolean {
  if (platform === undefined) return false;
  const { os, architecture, variant } = platform;
  const same = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return matchesPlatform({ ...same, ...declared }, platform);
}

function overlaid(resolved: Resolved, member: Member): Member {
  if (member.kind !== 'image') return member;
  const descriptor = { ...member.descriptor, ...annotationsOf(resolved, member.descriptor) };
  const declared = declaredPlatform(resolved);
  if (Object.keys(declared).length === 0) return { ...member, descriptor };
  const claim = {
    ...{ declared, manifest: member.manifest },
    claim: `${resolved.label} is declared`,
    authority: 'the list',
  } as const;
  const { platform, normalized, mismatch } = statedPlatform(resolved, claim, descriptor.platform);
  return {
    ...member,
    normalized: member.normalized && normalized,
    mismatch: mismatch ?? member.mismatch,
    platformSource: mismatch === undefined ? member.platformSource : 'declared',
    descriptor: { ...descriptor, platform },
  };
}

// The annotations of an entry, of its source and of its line, if there are any; the last win.
function annotationsOf({ annotations, line }: Resolved, entry?: Descriptor): Pick<Descriptor, 'annotations'> {
  const all = { ...entry?.annotations, ...annotations, ...line.annotations };
  return Object.keys(all).length === 0 ? {} : { annotations: all };
}

function notInIndex(resolved: Resolved, images: readonly Member[]): SourceError {
  const wanted = describeDeclared(declaredPlatform(resolved));
  const held = images.map(platformOf).join(', ');
  const message = `${resolved.label} is an index without ${wanted}; it holds ${held}`;
  return sourceError(resolved.line, 'PLATFORM_MISSING', message);
}

/** A member's platform in words. */
export function platformOf({ descriptor: { platform } }: Member): string {
  return platform === undefined ? 'an image that states no platform' : describePlatform(platform);
}
