import { attestationSubject } from '../oci/attestation.ts';
import { parseConfigPlatform } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import type { ImageIndex, ImageManifest, Manifest } from '../oci/manifest.ts';
import { isConfigType, isIndexType } from '../oci/media-types.ts';
import {
  contradicts,
  describePlatform,
  matchesPlatform,
  normalizePlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';
import { ActionError, ConflictError, SourceError } from '../run/errors.ts';
import type { ContentStore, Resolved } from '../sources/source.ts';
import { formatBytes } from './byte-size.ts';
import { maxEntries, maxEntryBytes, maxIndexDepth, SourceBudget } from './read-budget.ts';

/** An entry of the index to be published, and where its content is. */
export interface Member {
  /** The entry as it will stand in the index. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** The source it came from, as messages name it. */
  readonly label: string;
  /** 1-based line of the `sources` input. */
  readonly line: number;
  /** Whether the entry was an entry of an index source, or is a source of its own. */
  readonly origin: 'image' | 'index';
  /** For an attestation, the digest of the image it speaks of. */
  readonly attestationSubject?: Digest | undefined;
  /** `line`: the platform says more than the image's own config does, by the user's or the source's word. */
  readonly platformSource?: 'line' | undefined;
  /** The entry's platform with the config's part of it normalised, for formats that want it so. */
  readonly normalized?: Platform | undefined;
}

/** The entries that one resolved source contributes; throws SourceError or ConflictError naming its line. */
export async function membersOf(resolved: Resolved): Promise<readonly Member[]> {
  const { content } = resolved.manifest;
  if (content.kind === 'image') return [await imageMember(resolved, content)];
  const entries = await indexMembers(resolved, content, { depth: maxIndexDepth, budget: new SourceBudget() });
  return declaredOf(resolved, entries);
}

async function imageMember(resolved: Resolved, image: ImageManifest): Promise<Member> {
  const { manifest, store, label, line } = resolved;
  const real = await realPlatform(resolved, image);
  const platform = agreedPlatform(resolved, real, manifest);
  const annotations = { ...resolved.annotations, ...line.annotations };
  const descriptor: Descriptor = {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    platform,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const normalized = real && { ...normalizePlatform(real), ...refinement(declaredPlatform(resolved), real) };
  const says = real === undefined || !samePlatform(real, platform) ? 'line' : undefined;
  return {
    descriptor,
    manifest,
    store,
    label,
    line: line.line,
    origin: 'image',
    normalized,
    platformSource: says,
  };
}

function realPlatform(resolved: Resolved, image: ImageManifest): Promise<Platform | undefined> {
  const { config } = image;
  if (!isConfigType(config.mediaType)) return Promise.resolve(undefined);
  return reading(resolved, config.digest, async () =>
    parseConfigPlatform(await resolved.store.getBlob(config)),
  );
}

/** Runs `read`; what goes wrong with content under a source is said of the source. */
async function reading<T>(resolved: Resolved, digest: Digest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const source = `${place(resolved)}: ${resolved.label}`;
    if (error instanceof FormatError) {
      const hint = `Expected ${error.expected}. Build the image again.`;
      const flaw = `${source} has an unusable config: ${error.message}`;
      throw new SourceError('SOURCE_NOT_AN_IMAGE', flaw, { hint, cause: error });
    }
    if (!(error instanceof ActionError) || error instanceof SourceError) throw error;
    const isMissing = error.code === 'NOT_FOUND';
    const flaw = isMissing ? `${source} lacks ${digest}, which belongs to it` : `${source}: ${error.message}`;
    throw new SourceError(error.code, flaw, { hint: isMissing ? incomplete : error.hint, cause: error });
  }
}

const incomplete =
  'The registry holds only part of it: a clean-up may have deleted the rest. Build and push it again.';

function declaredPlatform({ platform, line }: Resolved): Partial<Platform> {
  return { ...platform, ...line.declared };
}

/**
 * What a declaration adds to a platform that it does not contradict. Aliases such as `x86_64` or `armhf` say no
 * more than the config does, but for the variant they stand for: pullers look for the names proper.
 */
function refinement(declared: Partial<Platform>, real: Platform): Partial<Platform> {
  const { os: _os, architecture = real.architecture, ...rest } = declared;
  if (architecture === real.architecture || 'variant' in rest) return rest;
  const { variant } = normalizePlatform({ ...real, architecture });
  return variant === undefined ? rest : { ...rest, variant };
}

// The user's word adds to what the config says; it never contradicts it.
function agreedPlatform(resolved: Resolved, real: Platform | undefined, manifest: Manifest): Platform {
  const declared = declaredPlatform(resolved);
  if (real !== undefined) {
    refuseContradiction(resolved, declared, real);
    return { ...real, ...refinement(declared, real) };
  }
  const { os, architecture } = declared;
  if (os === undefined || architecture === undefined) throw platformless(resolved, manifest);
  return { ...declared, os, architecture };
}

function refuseContradiction(resolved: Resolved, declared: Partial<Platform>, real: Platform): void {
  const fields = contradicts(declared, real);
  if (fields.length === 0) return;
  const said = describePlatform({ ...real, ...declared });
  throw new ConflictError(
    'PLATFORM_MISMATCH',
    `${place(resolved)}: ${resolved.label} is declared ${said}, but its config says ${describePlatform(real)} (${fields.join(', ')})`,
    { hint: 'Correct the platform on that line, or leave it out: it is read from the image.' },
  );
}

function platformless(resolved: Resolved, { content, mediaType }: Manifest): SourceError {
  const type = content.kind === 'image' ? content.config.mediaType : mediaType;
  return new SourceError(
    'PLATFORM_UNKNOWN',
    `${place(resolved)}: ${resolved.label} does not say its platform (config type ${type})`,
    { hint: 'If it is meant to be an entry, write its platform behind it, such as `linux/arm64`.' },
  );
}

/** How much further a source may lead. */
interface Reach {
  /** Lists one inside the other. */
  readonly depth: number;
  readonly budget: SourceBudget;
}

async function indexMembers(resolved: Resolved, index: ImageIndex, reach: Reach): Promise<readonly Member[]> {
  if (reach.depth === 0) {
    throw new SourceError(
      'INDEX_TOO_DEEP',
      `${place(resolved)}: ${resolved.label} holds indexes inside indexes, more than ${maxIndexDepth} deep`,
      {
        hint: 'Name the images themselves as sources.',
      },
    );
  }
  if (index.manifests.length === 0) throw withoutImages(resolved);
  if (!reach.budget.covers(index.manifests)) throw tooMuch(resolved);
  const nested = await Promise.all(index.manifests.map((entry) => entryMembers(resolved, entry, reach)));
  return nested.flat();
}

async function entryMembers(resolved: Resolved, entry: Descriptor, reach: Reach): Promise<readonly Member[]> {
  const { store, label, line } = resolved;
  const manifest = await reading(resolved, entry.digest, () => store.getManifest(entry.digest, entry.size));
  refuseOtherType(resolved, entry, manifest);
  if (manifest.content.kind === 'index') {
    return indexMembers(resolved, manifest.content, { ...reach, depth: reach.depth - 1 });
  }
  const attests = attestationSubject(entry);
  const real = entry.platform === undefined ? await realPlatform(resolved, manifest.content) : undefined;
  const descriptor = real === undefined ? entry : { ...entry, platform: real };
  const normalized = real && { ...normalizePlatform(real), ...refinement(declaredPlatform(resolved), real) };
  return [
    {
      descriptor,
      manifest,
      store,
      label,
      line: line.line,
      origin: 'index',
      attestationSubject: attests,
      normalized,
    },
  ];
}

function tooMuch(resolved: Resolved): SourceError {
  return new SourceError(
    'SOURCE_TOO_LARGE',
    `${place(resolved)}: ${resolved.label} lists more than ${maxEntries} entries, or more than ${formatBytes(maxEntryBytes)} of manifests`,
    { hint: 'Name the images themselves as sources, or choose among them with a platform behind each.' },
  );
}

function refuseOtherType(resolved: Resolved, entry: Descriptor, manifest: Manifest): void {
  const same = entry.mediaType === manifest.mediaType && entry.size === manifest.size;
  if (same && isIndexType(entry.mediaType) === (manifest.content.kind === 'index')) return;
  throw new SourceError(
    'INDEX_INCONSISTENT',
    `${place(resolved)}: ${resolved.label} lists ${entry.digest} as ${entry.mediaType} of ${entry.size} bytes, but it is ${manifest.mediaType} of ${manifest.size} bytes`,
    { hint: 'That index is broken. Build it again.' },
  );
}

// A platform behind an index source picks that platform's image; with a sole image it must fit it.
function declaredOf(resolved: Resolved, members: readonly Member[]): readonly Member[] {
  const declared = declaredPlatform(resolved);
  const annotations = { ...resolved.annotations, ...resolved.line.annotations };
  const images = members.filter((member) => member.attestationSubject === undefined);
  if (images.length === 0) throw withoutImages(resolved);
  if (images.length > 1 && Object.keys(declared).length > 0) {
    const picked = new Set(images.filter((member) => fits(declared, member)));
    if (picked.size === 0) throw notInIndex(resolved, declared, images);
    const digests = new Set([...picked].map((member) => member.descriptor.digest));
    return members
      .filter((member) =>
        member.attestationSubject === undefined ? picked.has(member) : digests.has(member.attestationSubject),
      )
      .map((member) => overlaid(resolved, member, annotations));
  }
  return members.map((member) => overlaid(resolved, member, annotations));
}

// Beside other sources it would leave a gap in the list that nobody notices.
function withoutImages(resolved: Resolved): SourceError {
  return new SourceError('NO_ENTRIES', `${place(resolved)}: ${resolved.label} is a list without images`, {
    hint: 'A list needs at least one image. Build and push the source again.',
  });
}

function fits(declared: Partial<Platform>, member: Member): boolean {
  const real = member.descriptor.platform;
  if (real === undefined) return false;
  return matchesPlatform({ ...real, ...declared }, real);
}

function overlaid(resolved: Resolved, member: Member, annotations: Readonly<Record<string, string>>): Member {
  if (member.attestationSubject !== undefined) return member;
  const real = member.descriptor.platform;
  const isSilent = real === undefined && Object.keys(declaredPlatform(resolved)).length === 0;
  const platform = isSilent ? undefined : agreedPlatform(resolved, real, member.manifest);
  const merged = { ...member.descriptor.annotations, ...annotations };
  return {
    ...member,
    descriptor: {
      ...member.descriptor,
      ...(platform === undefined ? {} : { platform }),
      ...(Object.keys(merged).length === 0 ? {} : { annotations: merged }),
    },
  };
}

function notInIndex(resolved: Resolved, declared: Partial<Platform>, images: readonly Member[]): SourceError {
  const held = images.map((member) =>
    member.descriptor.platform ? describePlatform(member.descriptor.platform) : 'no platform',
  );
  return new SourceError(
    'PLATFORM_MISSING',
    `${place(resolved)}: ${resolved.label} is an index without ${describeDeclared(declared)}; it holds ${held.join(', ')}`,
  );
}

// A declaration may be of some fields only.
function describeDeclared(declared: Partial<Platform>): string {
  const { os, architecture } = declared;
  if (os !== undefined && architecture !== undefined)
    return describePlatform({ ...declared, os, architecture });
  return Object.entries(declared)
    .map(([field, value]) => `${field} ${[value].flat().join(',')}`)
    .join(', ');
}

function place(resolved: Resolved): string {
  return `sources line ${resolved.line.line}`;
}
