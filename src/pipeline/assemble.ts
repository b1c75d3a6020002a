import type { AnnotationLevels } from '../oci/annotations.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { FormatError } from '../oci/format-error.ts';
import { assembleIndex, chooseFormat } from '../oci/image-index.ts';
import { type Manifest, manifestLimit } from '../oci/manifest.ts';
import { isDockerType } from '../oci/media-types.ts';
import { describePlatform, formatPlatform, matchesPlatform } from '../oci/platform.ts';
import { ConflictError, SourceError } from '../registry/errors.ts';
import type { Resolved } from '../sources/source.ts';
import type { Member } from './member.ts';
import type { Plan } from './plan.ts';
import type { PublishRequest } from './request.ts';

/** What the assembly goes by. */
export type AssemblyRules = Pick<PublishRequest, 'annotations' | 'format' | 'index'>;

/**
 * The manifest to publish: a sole unmodified index source as it is, unless another format is asked for; a sole
 * image as it is when no index is needed; else a new index of the plan's members. Throws ConflictError or SourceError.
 */
export function assemble(plan: Plan, rules: AssemblyRules): Manifest {
  const entries = plan.members.map((member) => annotated(member, rules.annotations));
  if (entries.length === 0) throw withoutEntries(plan);
  refuseUnmatched(rules.annotations, plan.members);
  const { index } = rules.annotations;
  const asItIs = soleIndex(plan, entries, rules) ?? soleImage(plan, entries, rules);
  if (asItIs !== undefined) return asItIs;
  try {
    const format = chooseFormat(entries, index, rules.format);
    return withinLimit(assembleIndex(entries, { format, annotations: index }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ConflictError('FORMAT', error.message, { hint: `Expected ${error.expected}.`, cause: error });
  }
}

function withoutEntries({ roots }: Plan): SourceError {
  const labels = roots.map(({ label }) => label).join(', ');
  return new SourceError('NO_ENTRIES', `The sources supply no entry for the list: ${labels}`, {
    hint: 'A list needs at least one image.',
  });
}

function annotated(member: Member, levels: AnnotationLevels): Descriptor {
  const { descriptor } = member;
  if (member.attests !== undefined) return descriptor;
  const own = levels.entries.filter((entry) => concerns(entry.platform, descriptor));
  if (own.length === 0) return descriptor;
  const added = Object.fromEntries(own.map(({ key, value }) => [key, value]));
  return { ...descriptor, annotations: { ...descriptor.annotations, ...added } };
}

function concerns(
  platform: AnnotationLevels['entries'][number]['platform'],
  descriptor: Descriptor,
): boolean {
  if (platform === undefined) return true;
  return descriptor.platform !== undefined && matchesPlatform(platform, descriptor.platform);
}

function refuseUnmatched(levels: AnnotationLevels, members: readonly Member[]): void {
  for (const { platform, key } of levels.entries) {
    if (members.some((member) => concerns(platform, member.descriptor))) continue;
    const held = members.flatMap((member) => member.descriptor.platform ?? []).map(describePlatform);
    const wanted = platform === undefined ? 'any entry' : formatPlatform(platform);
    throw new ConflictError(
      'ANNOTATION_UNMATCHED',
      `annotations: ${key} is for ${wanted}, which the list lacks; it holds ${held.join(', ')}`,
    );
  }
}

function soleIndex(plan: Plan, entries: readonly Descriptor[], rules: AssemblyRules): Manifest | undefined {
  const [root, ...others] = plan.roots;
  if (root === undefined || others.length > 0 || root.manifest.content.kind !== 'index') return undefined;
  if (Object.keys(rules.annotations.index).length > 0) return undefined;
  if (!isOfFormat(root.manifest, rules.format)) return undefined;
  return sameEntries(root, entries) ? root.manifest : undefined;
}

function isOfFormat({ mediaType }: Manifest, format: PublishRequest['format']): boolean {
  return format === 'auto' || isDockerType(mediaType) === (format === 'docker');
}

function sameEntries(root: Resolved, after: readonly Descriptor[]): boolean {
  const { content } = root.manifest;
  const before = content.kind === 'index' ? content.manifests : [];
  const isDeclared = Object.keys(root.line.declared).length > 0;
  if (before.length !== after.length) return false;
  return before.every((entry, at) => {
    const now = after[at];
    if (now === undefined) return false;
    // A platform read from the image, where the index gives none, is no change that anyone asked for.
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

function soleImage(plan: Plan, entries: readonly Descriptor[], rules: AssemblyRules): Manifest | undefined {
  const [member, ...others] = plan.members;
  if (rules.index === 'always' || member === undefined || others.length > 0 || member.origin === 'index')
    return undefined;
  const isAnnotated =
    entries[0]?.annotations !== undefined || Object.keys(rules.annotations.index).length > 0;
  return isAnnotated ? undefined : member.manifest;
}

function withinLimit(index: Manifest): Manifest {
  if (index.size <= manifestLimit) return index;
  throw new ConflictError(
    'INDEX_TOO_LARGE',
    `The list would be ${index.size} bytes; registries take at most ${manifestLimit}`,
    {
      hint: 'Publish fewer entries, or fewer and shorter annotations.',
    },
  );
}
