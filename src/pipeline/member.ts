import { attestationSubject } from '../oci/attestation.ts';
import { parseConfigPlatform } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageManifest, Manifest } from '../oci/manifest.ts';
import { isConfigType, isIndexType } from '../oci/media-types.ts';
import {
  agreePlatform,
  describePlatform,
  matchesPlatform,
  normalizePlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';
import { ActionError, ConflictError, SourceError } from '../run/errors.ts';
import type { ContentStore, Resolved } from '../sources/source.ts';
import { asSourceError, requestError, sourceError } from '../sources/source-error.ts';
import { readTree, type TreeEntry, TreeLimits } from './index-tree.ts';

/** An entry of the index to publish, and where its content is. */
export interface Member {
  /** The entry as the index will list it. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** The source it came from, as messages name it. */
  readonly label: string;
  /** 1-based line of the `sources` input. */
  readonly line: number;
  /** Whether the entry was an entry of an index source, or is a source of its own. */
  readonly origin: 'image' | 'index';
  /** For an attestation, the digest of the image it is about. */
  readonly attestationSubject?: Digest | undefined;
  /** For a source of its own: whether its config states the whole platform, or a declaration adds to it. */
  readonly platformSource?: 'config' | 'declared';
  /** The entry's platform with the config's part of it normalised, for formats that write it so. */
  readonly normalized?: Platform | undefined;
}

/** The entries that one resolved source contributes; throws SourceError or ConflictError naming its line. */
export async function membersOf(resolved: Resolved): Promise<readonly Member[]> {
  const { content } = resolved.manifest;
  if (content.kind === 'image') return [await imageMember(resolved, content)];
  refuseEmpty(resolved, resolved.manifest);
  const read = (entry: Descriptor) => readEntry(resolved, entry);
  const tree = await readTree(content, { read, limits: sourceLimits(resolved) });
  const members = await Promise.all(tree.flatMap(leavesOf).map((leaf) => entryMember(resolved, leaf)));
  return pickDeclared(resolved, members).map((member) => overlaid(resolved, member));
}

/** The limits for reading what one source lists. */
export function sourceLimits({ line, label }: Resolved): TreeLimits {
  const hint = 'List the images themselves as sources.';
  return new TreeLimits(`sources line ${line.line}: ${label}`, hint);
}

async function imageMember(resolved: Resolved, image: ImageManifest): Promise<Member> {
  const { manifest, store, label, line } = resolved;
  const real = await realPlatform(resolved, image);
  const { platform, normalized } = agreedPlatform(resolved, real, manifest);
  const annotations = { ...resolved.annotations, ...line.annotations };
  const descriptor: Descriptor = {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    platform,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const platformSource = real !== undefined && samePlatform(real, platform) ? 'config' : 'declared';
  const origin = { store, label, line: line.line, origin: 'image' } as const;
  return { ...origin, descriptor, manifest, normalized, platformSource };
}

function realPlatform(resolved: Resolved, image: ImageManifest): Promise<Platform | undefined> {
  const { config } = image;
  if (!isConfigType(config.mediaType)) return Promise.resolve(undefined);
  return reading(resolved, config.digest, async () =>
    parseConfigPlatform(await resolved.store.getBlob(config)),
  );
}

/** Runs `read`; its failures become failures of the source. */
async function reading<T>(resolved: Resolved, digest: Digest, read: () => Promise<T>): Promise<T> {
  const { line, label } = resolved;
  try {
    return await read();
  } catch (error) {
    if (error instanceof SourceError || !(error instanceof ActionError)) {
      const config = {
        line: line.line,
        code: 'SOURCE_NOT_AN_IMAGE',
        name: `${label} has an invalid config`,
      } as const;
      throw asSourceError(error, config, 'Build the image again.');
    }
    if (error.code !== 'NOT_FOUND') throw requestError(line, label, error);
    const message = `sources line ${line.line}: ${label} is incomplete: ${digest} is missing`;
    throw new SourceError(error.code, message, { hint: incomplete, cause: error });
  }
}

const incomplete =
  'Build and push the image again: a clean-up may have deleted a part of it from the registry.';

function declaredPlatform({ platform, line }: Resolved): Partial<Platform> {
  return { ...platform, ...line.declared };
}

interface AgreedPlatform {
  readonly platform: Platform;
  readonly normalized?: Platform;
}

function agreedPlatform(resolved: Resolved, real: Platform | undefined, manifest: Manifest): AgreedPlatform {
  const declared = declaredPlatform(resolved);
  const { os, architecture } = declared;
  if (real !== undefined) {
    const agreement = agreePlatform(declared, real);
    if (agreement.kind === 'agreed') return agreement;
    throw mismatch(resolved, real, agreement.fields);
  }
  if (os !== undefined && architecture !== undefined) return { platform: { ...declared, os, architecture } };
  throw platformless(resolved, manifest);
}

function mismatch(resolved: Resolved, real: Platform, fields: readonly string[]): ConflictError {
  const declared = describePlatform({ ...real, ...declaredPlatform(resolved) });
  return new ConflictError(
    'PLATFORM_MISMATCH',
    `sources line ${resolved.line.line}: ${resolved.label} is declared ${declared}, but its config says ${describePlatform(real)} (${fields.join(', ')})`,
    { hint: 'Correct the platform on that line, or remove it: it is read from the image.' },
  );
}

function platformless({ line, label }: Resolved, { content, mediaType }: Manifest): SourceError {
  const type = content.kind === 'image' ? content.config.mediaType : mediaType;
  const message = `${label} has no platform (config type ${type})`;
  return sourceError(line, 'PLATFORM_UNKNOWN', message, {
    hint: 'Write the platform after the source, such as `linux/arm64`, if it belongs in the list.',
  });
}

async function readEntry(resolved: Resolved, entry: Descriptor): Promise<Manifest> {
  const { digest, size } = entry;
  const manifest = await reading(resolved, digest, () => resolved.store.getManifest(digest, size));
  refuseInconsistent(resolved, entry, manifest);
  refuseEmpty(resolved, manifest);
  return manifest;
}

function refuseInconsistent({ line, label }: Resolved, entry: Descriptor, manifest: Manifest): void {
  const same = entry.mediaType === manifest.mediaType && entry.size === manifest.size;
  if (same && isIndexType(entry.mediaType) === (manifest.content.kind === 'index')) return;
  throw sourceError(
    line,
    'INDEX_INCONSISTENT',
    `${label} lists ${entry.digest} as ${entry.mediaType} of ${entry.size} bytes, but it is ${manifest.mediaType} of ${manifest.size} bytes`,
    { hint: 'Build that index again: it is broken.' },
  );
}

function refuseEmpty(resolved: Resolved, { content }: Manifest): void {
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
  const { store, label, line } = resolved;
  const { content } = manifest;
  const isRead = entry.platform === undefined && content.kind === 'image';
  const real = isRead ? await realPlatform(resolved, content) : undefined;
  return {
    descriptor: real === undefined ? entry : { ...entry, platform: real },
    manifest,
    store,
    label,
    line: line.line,
    origin: 'index',
    attestationSubject: attestationSubject(entry),
    normalized: real && normalizePlatform(real),
  };
}

// A platform after an index source picks that platform's images; a sole image has to agree with it.
function pickDeclared(resolved: Resolved, members: readonly Member[]): readonly Member[] {
  const declared = declaredPlatform(resolved);
  const images = members.filter((member) => member.attestationSubject === undefined);
  if (images.length === 0) throw withoutImages(resolved);
  if (images.length === 1 || Object.keys(declared).length === 0) return members;
  const picked = new Set(images.filter((member) => fits(declared, member)));
  if (picked.size === 0) throw notInIndex(resolved, images);
  const digests = new Set([...picked].map((member) => member.descriptor.digest));
  return members.filter((member) =>
    member.attestationSubject === undefined ? picked.has(member) : digests.has(member.attestationSubject),
  );
}

function fits(declared: Partial<Platform>, { descriptor: { platform } }: Member): boolean {
  return platform !== undefined && matchesPlatform({ ...platform, ...declared }, platform);
}

function overlaid(resolved: Resolved, member: Member): Member {
  if (member.attestationSubject !== undefined) return member;
  const real = member.descriptor.platform;
  const isSilent = real === undefined && Object.keys(declaredPlatform(resolved)).length === 0;
  const agreed = isSilent ? undefined : agreedPlatform(resolved, real, member.manifest);
  const annotations = {
    ...member.descriptor.annotations,
    ...resolved.annotations,
    ...resolved.line.annotations,
  };
  return {
    ...member,
    normalized: member.normalized && agreed?.normalized,
    descriptor: {
      ...member.descriptor,
      ...(agreed === undefined ? {} : { platform: agreed.platform }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
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
