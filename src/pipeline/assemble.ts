import type { AnnotationLevels } from '../oci/annotations.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import { assembleIndex, chooseFormat } from '../oci/image-index.ts';
import { type Manifest, ManifestTooLargeError, manifestLimit } from '../oci/manifest.ts';
import { isDockerType } from '../oci/media-types.ts';
import { describePlatform, formatPlatform, matchesPlatform } from '../oci/platform.ts';
import { ConflictError, SourceError } from '../run/errors.ts';
import type { Resolved } from '../sources/source.ts';
import type { Member } from './member.ts';
import type { Plan } from './plan.ts';
import type { PublishRequest } from './request.ts';

/** The part of the request that decides the manifest. */
export type AssemblyRules = Pick<PublishRequest, 'annotations' | 'format' | 'index'>;

/** The manifest to publish. */
export interface Assembled {
  readonly manifest: Manifest;
  /** The plan's members, with their entries as the manifest has them. */
  readonly members: readonly Member[];
}

/**
 * The manifest to publish: a single index source unchanged, unless the request changes it or its format; a single
 * image unchanged when no index is needed; else a new index of the plan's members. Throws ConflictError or SourceError.
 */
export function assemble(plan: Plan, rules: AssemblyRules): Assembled {
  const members = plan.members.map((member) => annotated(member, rules.annotations));
  if (members.length === 0) throw withoutEntries(plan);
  refuseUnmatched(rules.annotations, plan.members);
  const existing = soleIndex(plan, members, rules) ?? soleImage(members, rules);
  return existing === undefined ? assembled(members, rules) : { manifest: canonicalised(existing), members };
}

// A source may be named by its sha512 digest; registries name what a tag holds by sha256.
function canonicalised(manifest: Manifest): Manifest {
  return { ...manifest, digest: digestOf(manifest.bytes) };
}

function assembled(annotatedMembers: readonly Member[], rules: AssemblyRules): Assembled {
  const { index } = rules.annotations;
  try {
    const format = chooseFormat(annotatedMembers.map(entryOf), index, rules.format);
    const members = format === 'oci' ? annotatedMembers.map(asBuildxWrites) : annotatedMembers;
    const manifest = assembleIndex(members.map(entryOf), { format, annotations: index });
    return { manifest, members };
  } catch (error) {
    if (error instanceof ManifestTooLargeError) throw tooLarge(error);
    if (!(error instanceof FormatError)) throw error;
    throw new ConflictError('FORMAT', error.message, { hint: dockerHint, cause: error });
  }
}

const dockerHint = 'Set `attestations: drop`, remove the annotations, or use `format: oci`.';

function entryOf(member: Member): Descriptor {
  return member.descriptor;
}

// Both must give the digests that people know: imagetools normalises a config's platform, `docker manifest` does not.
function asBuildxWrites(member: Member): Member {
  const { descriptor, normalized } = member;
  return normalized === undefined
    ? member
    : { ...member, descriptor: { ...descriptor, platform: normalized } };
}

function withoutEntries({ resolvedSources }: Plan): SourceError {
  const labels = resolvedSources.map(({ label }) => label).join(', ');
  return new SourceError('NO_ENTRIES', `The sources supply no entries for the list: ${labels}`, {
    hint: 'Add at least one image to sources.',
  });
}

function annotated(member: Member, levels: AnnotationLevels): Member {
  const { descriptor } = member;
  if (member.attestationSubject !== undefined) return member;
  const own = levels.entries.filter((entry) => concerns(entry.platform, descriptor));
  if (own.length === 0) return member;
  const added = Object.fromEntries(own.map(({ key, value }) => [key, value]));
  return { ...member, descriptor: { ...descriptor, annotations: { ...descriptor.annotations, ...added } } };
}

function concerns(
  platform: AnnotationLevels['entries'][number]['platform'],
  descriptor: Descriptor,
): boolean {
  if (platform === undefined) return true;
  return descriptor.platform !== undefined && matchesPlatform(platform, descriptor.platform);
}

function refuseUnmatched(levels: AnnotationLevels, members: readonly Member[]): void {
  const images = members.filter((member) => member.attestationSubject === undefined);
  for (const { platform, key } of levels.entries) {
    if (images.some((member) => concerns(platform, member.descriptor))) continue;
    const held = images.flatMap((member) => member.descriptor.platform ?? []).map(describePlatform);
    const wanted = platform === undefined ? 'any entry' : formatPlatform(platform);
    throw new ConflictError(
      'ANNOTATION_UNMATCHED',
      `annotations: ${key} is for ${wanted}, but the list has only ${held.join(', ')}`,
    );
  }
}

function soleIndex(plan: Plan, members: readonly Member[], rules: AssemblyRules): Manifest | undefined {
  const [source, ...others] = plan.resolvedSources;
  if (source?.manifest.content.kind !== 'index' || others.length > 0) return undefined;
  if (Object.keys(rules.annotations.index).length > 0) return undefined;
  if (!isOfFormat(source.manifest, rules.format)) return undefined;
  return sameEntries(source, members.map(entryOf)) ? source.manifest : undefined;
}

function isOfFormat({ mediaType }: Manifest, format: PublishRequest['format']): boolean {
  return format === 'auto' || isDockerType(mediaType) === (format === 'docker');
}

function sameEntries(source: Resolved, after: readonly Descriptor[]): boolean {
  const { content } = source.manifest;
  const before = content.kind === 'index' ? content.manifests : [];
  const isDeclared = Object.keys(source.line.declared).length > 0;
  if (before.length !== after.length) return false;
  return before.every((entry, at) => {
    const now = after[at];
    if (now === undefined) return false;
    // The user did not ask for a platform that was read from the image because the index has none.
    const { platform, ...rest } = now;
    const inferred = entry.platform === undefined && platform !== undefined && !isDeclared;
    return canonical(entry) === canonical(inferred ? (rest as Descriptor) : now);
  });
}

function canonical(entry: Descriptor): string {
  return JSON.stringify(entry, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function soleImage(members: readonly Member[], rules: AssemblyRules): Manifest | undefined {
  const [member, ...others] = members;
  if (rules.index === 'always' || member === undefined || others.length > 0) return undefined;
  const isAnnotated =
    member.descriptor.annotations !== undefined || Object.keys(rules.annotations.index).length > 0;
  // The image itself cannot hold what the source line adds.
  const isBare = !isAnnotated && member.platformSource !== 'declared' && member.origin === 'image';
  return isBare ? member.manifest : undefined;
}

function tooLarge(cause: ManifestTooLargeError): ConflictError {
  return new ConflictError(
    'INDEX_TOO_LARGE',
    `The list would be ${cause.size} bytes; registries take at most ${manifestLimit}`,
    { hint: 'Publish fewer entries, or fewer and shorter annotations.', cause },
  );
}
