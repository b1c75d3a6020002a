import type { AnnotationLevels } from '../oci/annotations.ts';
import { canonicalDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import { assembleIndex, chooseFormat, findDockerFlaw, type IndexFields } from '../oci/image-index.ts';
import {
  listsIndexes,
  type Manifest,
  ManifestTooLargeError,
  manifestLimit,
  wholeOf,
} from '../oci/manifest.ts';
import { isDockerType, ociIndex } from '../oci/media-types.ts';
import { describePlatform, formatPlatform, isWholePlatform, matchesPlatform } from '../oci/platform.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import { isForeign } from '../policy/entry-kind.ts';
import { ConflictError, SourceError } from '../run/errors.ts';
import { listed } from '../run/finding.ts';
import type { Resolved } from '../sources/source.ts';
import type { AssembledList, PlannedList } from './list.ts';
import type { Member } from './member.ts';
import { soleIndexOf } from './plan.ts';
import type { ListRequest } from './request.ts';
import type { RunContext } from './run-context.ts';

/** The part of the request that decides the manifest. */
export type AssemblyRules = Pick<ListRequest, 'annotations' | 'format' | 'index'>;

/** The manifest to publish, and its members as it has them. */
export type Assembled = Pick<AssembledList, 'manifest' | 'members'>;

/**
 * The manifest to publish: the only image, when no index is wanted or needed; a single index source unchanged, unless the
 * request changes it or its format; else a new index of the list's members. A single index source that is changed keeps
 * its annotations, subject and artifactType. Throws ConflictError or SourceError.
 */
export function assemble(list: PlannedList, { observer }: Pick<RunContext, 'observer'>): Assembled {
  const { request: rules } = list;
  const members = annotatedMembers(list, rules.annotations);
  const existing = soleImage(list, members, observer) ?? soleIndex(list, members, observer);
  const made = existing
    ? // A source may be named by its sha512 digest; registries name what a tag holds by sha256.
      { manifest: { ...existing, digest: digestOf(existing.bytes) }, members }
    : assembleMembers(members, fieldsOf(list), rules);
  warnOfTypes(made, rules, observer);
  return made;
}

/**
 * Warns if `format: docker` gives an OCI index, as `docker manifest push` does, and of Docker and OCI images in one list,
 * which Quay and Google's registries refuse.
 */
export function warnOfTypes(
  { manifest, members }: Assembled,
  { format }: Pick<AssemblyRules, 'format'>,
  observer: RunContext['observer'],
): void {
  const docker = members.filter(({ descriptor }) => isDockerType(descriptor.mediaType));
  const isMixed = docker.length > 0 && docker.length < members.length;
  const labels = listed([...new Set(docker.map(({ label }) => label))]);
  const mixed = `Docker and OCI images are mixed in one list (Docker: ${labels}). Some registries refuse that`;
  if (format === 'docker' && manifest.mediaType === ociIndex)
    observer.warning(`${dockerIndex}${isMixed ? ` ${mixed}.` : ''}`);
  else if (isMixed) observer.warning(`${mixed}; build all of them with the same exporter.`);
}

/** The list's members with the annotations of their entries; throws SourceError when there are none, or ConflictError. */
export function annotatedMembers(list: PlannedList, levels: AnnotationLevels): readonly Member[] {
  const { members, resolvedSources } = list;
  if (members.length === 0) {
    const labels = resolvedSources.map(({ label }) => label).join(', ');
    throw new SourceError('NO_ENTRIES', `The sources supply no entries for the list: ${labels}`, {
      hint: 'Add at least one image to sources.',
    });
  }
  refuseUnmatched(levels, members);
  return members.map((member) => annotated(member, levels));
}

// A manifest list of OCI images is refused by some registries.
const dockerIndex =
  'format: docker gives an OCI image index here, as docker manifest push does, because the first image is an OCI image. Build Docker images (oci-mediatypes=false) to get a Docker manifest list.';

// Other sources would have to share what one of them says of itself.
function fieldsOf({ resolvedSources, request: { annotations } }: PlannedList): IndexFields {
  const own = soleIndexOf(resolvedSources)?.index;
  return {
    ...(own?.artifactType === undefined ? {} : { artifactType: own.artifactType }),
    ...(own?.subject === undefined ? {} : { subject: own.subject }),
    annotations: { ...annotations.defaults, ...own?.annotations, ...annotations.index },
  };
}

/** A new index of these members; throws ConflictError when the format cannot hold them. */
export function assembleMembers(
  annotatedMembers: readonly Member[],
  fields: IndexFields,
  rules: AssemblyRules,
): Assembled {
  if (rules.format === 'docker') refuseDockerFlaws(annotatedMembers, fields, rules);
  const format = chooseFormat(annotatedMembers.map(descriptorOf), fields, rules.format);
  const members = format === 'oci' ? annotatedMembers.map(asBuildxWrites) : annotatedMembers;
  try {
    return { manifest: assembleIndex(members.map(descriptorOf), { format, ...fields }), members };
  } catch (error) {
    throw asConflict(error);
  }
}

/** A FormatError of an assembled document as ConflictError; any other error is returned unchanged. */
export function asConflict(error: unknown): unknown {
  if (error instanceof ManifestTooLargeError) return tooLarge(error);
  return error instanceof FormatError ? new ConflictError('FORMAT', error.message, { cause: error }) : error;
}

/** Throws ConflictError FORMAT when a Docker manifest list cannot hold these members, fields and annotations. */
export function refuseDockerFlaws(
  members: readonly Member[],
  fields: IndexFields,
  rules: Pick<AssemblyRules, 'annotations'>,
): void {
  const added = findDockerFlaw([], { annotations: rules.annotations.index });
  if (added !== undefined) throw dockerConflict(`annotations: ${added}`);
  const ours = findDockerFlaw([], { annotations: rules.annotations.defaults ?? {} });
  if (ours !== undefined) throw dockerConflict(`repository-annotations: ${ours}`);
  const own = findDockerFlaw([], fields);
  if (own !== undefined) throw dockerConflict(`${members[0]?.label}: ${own}`);
  for (const { label, descriptor, manifest, kind } of members) {
    if (kind !== 'attestation' && isForeign(manifest))
      throw dockerConflict(`${label}: a Docker manifest list cannot hold ${describeArtifact(manifest)}`);
    const flaw = findDockerFlaw([descriptor], {});
    if (flaw !== undefined) throw dockerConflict(`${label}: ${flaw}`);
  }
}

function dockerConflict(message: string): ConflictError {
  const hint = 'Set `attestations: drop`, remove the annotations, or use `format: oci`.';
  return new ConflictError('FORMAT', message, { hint });
}

/** The entry of a member. */
export function descriptorOf({ descriptor }: Member): Descriptor {
  return descriptor;
}

/** A member as listed in OCI indexes: imagetools normalises a config's platform, `docker manifest` does not. */
export function asBuildxWrites(member: Member): Member {
  const { descriptor, normalized } = member;
  return normalized === undefined
    ? member
    : { ...member, descriptor: { ...descriptor, platform: normalized } };
}

function annotated(member: Member, levels: AnnotationLevels): Member {
  const { descriptor } = member;
  const own = levels.entries.filter((entry) => concerns(entry.platform, member));
  if (own.length === 0) return member;
  const added = Object.fromEntries(own.map(({ key, value }) => [key, value]));
  return { ...member, descriptor: { ...descriptor, annotations: { ...descriptor.annotations, ...added } } };
}

function concerns(platform: AnnotationLevels['entries'][number]['platform'], { kind, descriptor }: Member) {
  if (platform === undefined) return true;
  return (
    kind !== 'artifact' && descriptor.platform !== undefined && matchesPlatform(platform, descriptor.platform)
  );
}

function refuseUnmatched(levels: AnnotationLevels, members: readonly Member[]): void {
  for (const { platform, key } of levels.entries) {
    if (members.some((member) => concerns(platform, member))) continue;
    const images = members.filter(({ kind }) => kind === 'image');
    const held = images.flatMap((member) => member.descriptor.platform ?? []).map(describePlatform);
    const wanted = platform === undefined ? 'any entry' : formatPlatform(platform);
    const message = `annotations: ${key} is for ${wanted}, but the list has only ${held.join(', ')}`;
    throw new ConflictError('ANNOTATION_UNMATCHED', message);
  }
}

function soleIndex(
  { resolvedSources, request: rules }: PlannedList,
  members: readonly Member[],
  observer: RunContext['observer'],
) {
  const sole = soleIndexOf(resolvedSources);
  if (sole === undefined) return undefined;
  const { source, index } = sole;
  if (Object.keys(missingAnnotations(rules.annotations, index.annotations)).length > 0) return undefined;
  const isOfFormat = isDockerType(source.manifest.mediaType) === (rules.format === 'docker');
  if (rules.format !== 'auto' && !isOfFormat) return undefined;
  if (sameEntries(source, index.manifests, members.map(descriptorOf))) return wholeOf(source.manifest);
  // Podman, and Docker without containerd, do not pull from lists inside lists.
  if (listsIndexes(index))
    observer.warning(
      `${source.label} has lists inside its list. They are flattened, so the published list has another digest.`,
    );
  return undefined;
}

/** The annotations that are asked for and that a list does not have yet; defaults do not replace its own. */
export function missingAnnotations(
  { defaults = {}, index }: AnnotationLevels,
  own: AnnotationLevels['index'] = {},
): AnnotationLevels['index'] {
  const missing = Object.entries(defaults).filter(([key]) => own[key] === undefined);
  return { ...Object.fromEntries(missing), ...index };
}

function sameEntries(source: Resolved, before: readonly Descriptor[], after: readonly Descriptor[]): boolean {
  const isDeclared = Object.keys(source.line.declared).length > 0;
  if (before.length !== after.length) return false;
  return before.every((entry, at) => {
    const now = after[at];
    if (now === undefined) return false;
    // The user did not ask for a platform that was read from the image because the index has none, or half of it.
    const { platform, ...rest } = now;
    const isInferred = !isDeclared && !(entry.platform && isWholePlatform(entry.platform));
    const left = entry.platform === undefined ? rest : { ...rest, platform: entry.platform };
    return canonicalDescriptor(entry) === canonicalDescriptor(isInferred ? (left as Descriptor) : now);
  });
}

// AWS Lambda and others take no list.
function soleImage(
  { request: rules, resolvedSources }: PlannedList,
  members: readonly Member[],
  observer: RunContext['observer'],
): Manifest | undefined {
  const [image, ...images] = members.filter(({ kind }) => kind === 'image');
  if (rules.index === 'always' || image === undefined || images.length > 0) return undefined;
  const reason = listReason(image, members, rules.annotations);
  if (reason !== undefined) {
    observer.warning(
      `${image.label} is one image, but is published as a list in spite of \`prefer-index: false\`: ${reason}`,
    );
    return undefined;
  }
  const own = { ...soleIndexOf(resolvedSources)?.index.annotations, ...image.descriptor.annotations };
  if (Object.keys(own).length > 0)
    observer.info(`The image is tagged without the annotations of its list: ${Object.keys(own).join(', ')}`);
  return wholeOf(image.manifest);
}

// What the image itself cannot hold.
function listReason(
  image: Member,
  members: readonly Member[],
  { defaults, index, entries }: AnnotationLevels,
): string | undefined {
  const other = members.find(({ kind }) => kind !== 'image');
  if (other?.kind === 'attestation')
    return 'its attestations need one. Set `attestations: drop` to tag the image alone.';
  if (other !== undefined)
    return `it is listed with ${describeArtifact(other.manifest)}. Name the image by its digest in \`sources\` to tag it alone.`;
  const added = { ...defaults, ...index, ...image.source?.annotations };
  const isAnnotated =
    Object.keys(added).length > 0 || entries.some(({ platform }) => concerns(platform, image));
  const ownAnnotations = image.suppliedBy === 'image' ? image.descriptor.annotations : undefined;
  if (isAnnotated || ownAnnotations !== undefined)
    return 'the annotations need one. Remove them (`annotations`, `repository-annotations`, and those of the source) to tag the image alone.';
  if (image.platformSource !== 'declared' || image.descriptor.platform === undefined) return undefined;
  return `its config does not say ${describePlatform(image.descriptor.platform)}. Leave the platform out to tag the image alone.`;
}

function tooLarge(cause: ManifestTooLargeError): ConflictError {
  const message = `The list would be ${cause.size} bytes; registries take at most ${manifestLimit}`;
  const hint = 'Publish fewer entries, or fewer and shorter annotations.';
  return new ConflictError('INDEX_TOO_LARGE', message, { hint, cause });
}
