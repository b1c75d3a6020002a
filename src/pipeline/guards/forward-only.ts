import { parseConfig } from '../../oci/config.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import type { HeldManifest } from '../../oci/manifest.ts';
import { isConfigType } from '../../oci/media-types.ts';
import { formatReference, type Repository, sameRepository } from '../../oci/reference.ts';
import { isChoosable } from '../../policy/puller.ts';
import {
  hasForeignLabel,
  isOlder,
  isVersion,
  labelledVersion,
  statedVersion,
  versionKey,
} from '../../policy/release-version.ts';
import type { LabelledImage } from '../../policy/revision-mismatch.ts';
import { ConflictError, InputError } from '../../run/errors.ts';
import type { Finding } from '../../run/finding.ts';
import type { TagReadings } from '../ledger.ts';
import { type AssembledList, type HeldBackTag, isAmended, isForwardOnly } from '../list.ts';
import type { TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { harmless, type ServedContent, type Unreadable } from './served-content.ts';

/** Maximum images of one list whose labels are read: its author is not known. */
const maxImages = 64;

interface ForwardContext {
  readonly readings: TagReadings;
  readonly served: ServedContent;
  readonly client: Pick<RunContext['client'], 'getBlob'>;
  /** The tags that the run has read. */
  readonly tags: readonly TargetTag[];
}

/**
 * Compares the version of a list with the versions that some of its tags hold. Gives the tags that hold a newer version,
 * and findings about tags that move although the version that they hold is not known. Throws InputError when the version
 * of the list is not known, and ConflictError PREVIOUS_UNREADABLE when what a tag holds cannot be read.
 */
export async function compareVersions(
  list: AssembledList,
  tags: readonly TargetTag[],
  context: ForwardContext,
): Promise<{ readonly heldBack: readonly HeldBackTag[]; readonly warnings: readonly Finding[] }> {
  const guarded = tags.filter((tag) => isForwardOnly(tag, list));
  if (guarded.length === 0 || (await keepsVersion(list, context.readings)))
    return { heldBack: [], warnings: [] };
  const ours = versionOf(list);
  const found = await Promise.all(guarded.map((tag) => heldBack(tag, list, ours, context)));
  return {
    heldBack: found.flatMap((each) => (each && 'held' in each ? each : [])),
    warnings: [...found.flatMap((each) => (each && 'say' in each ? each : [])), ...untoldVersion(ours)],
  };
}

interface NewVersion {
  readonly version: string;
  /** `ignore`: the images have something else in their labels. */
  readonly labels: 'use' | 'ignore';
  /** The annotation of the list if it is no version, and the labels of the images do not tell the version either. */
  readonly annotation: string | undefined;
}

/** The version that a tag holds, or why it is not known. */
type HeldVersion = { readonly version: string } | { readonly unknown: string };

// An amended list has the version of the list that it is made from, unless the annotations give it another one.
async function keepsVersion(list: AssembledList, readings: TagReadings): Promise<boolean> {
  const { tags, annotations } = list.request;
  if (!isAmended(list) || annotations.index[versionKey] !== undefined) return false;
  const held = await Promise.all([...tags, ...(list.heldBack ?? [])].map((tag) => readings.of(tag)));
  return held.some((content) => content !== undefined);
}

function versionOf(list: AssembledList): NewVersion {
  const { request, manifest, members, heldBack = [] } = list;
  const tags = [...request.tags, ...heldBack];
  const images = members.flatMap(({ kind, descriptor: { platform }, labels = {} }) => {
    return kind === 'image' ? [{ platform, labels }] : [];
  });
  const annotation = manifest.content.annotations?.[versionKey];
  const names = tags.map(({ tag }) => tag);
  const labelled = labelledVersion(images);
  const stated = statedVersion(annotation, names) ?? labelled;
  if (stated === undefined) throw unversioned(tags.filter((tag) => isForwardOnly(tag, list)));
  const labels = hasForeignLabel(images, stated) ? 'ignore' : 'use';
  const isTold = (labelled !== undefined && labels === 'use') || isVersion(annotation ?? stated);
  return { version: stated, labels, annotation: isTold ? undefined : annotation };
}

async function heldBack(
  tag: TargetTag,
  { manifest }: AssembledList,
  ours: NewVersion,
  context: ForwardContext,
): Promise<HeldBackTag | Finding | undefined> {
  const held = await context.readings.of(tag);
  if (held === undefined || held === manifest.digest) return undefined;
  if (held === 'unknown')
    throw unreadable(tag, 'the registry denied the read', 'Give the login permission to read the tag.');
  const found = await heldVersion(tag, held, ours, context);
  if ('unknown' in found) return movesUnchecked(tag, held, ours, found.unknown);
  if (!isOlder(ours.version, found.version)) return undefined;
  return { ...tag, held, version: found.version, newVersion: ours.version };
}

async function heldVersion(
  tag: TargetTag,
  held: Digest,
  ours: NewVersion,
  { readings, served, client, tags }: ForwardContext,
): Promise<HeldVersion> {
  const list = await served.manifestOf(tag.repository, held);
  if ('kind' in list) throw unreadable(tag, list.reason, list.hint);
  const neighbours = tags.filter(({ repository }) => sameRepository(repository, tag.repository));
  const contents = await Promise.all(neighbours.map((each) => readings.of(each)));
  const names = neighbours.filter((_, at) => contents[at] === held).map((each) => each.tag);
  const annotation = list.content.annotations?.[versionKey];
  const stated = statedVersion(annotation, names);
  if (stated !== undefined) return { version: stated };
  const told = annotation === undefined ? '' : ` (its annotation ${versionKey} is ${quote(annotation)})`;
  if (ours.labels === 'ignore')
    return {
      unknown: told || ` (the labels of the new images do not say ${ours.version}, so labels do not count)`,
    };
  const images = await servedLabels(tag.repository, list, { served, client });
  if ('kind' in images) throw unreadable(tag, images.reason, images.hint);
  const version = labelledVersion(images);
  return version === undefined ? { unknown: told } : { version };
}

/** Reads the labels of the images that a tag serves, none of a very long list; returns failures as harmless() does. */
async function servedLabels(
  repository: Repository,
  { content, ...manifest }: HeldManifest,
  { served, client }: Pick<ForwardContext, 'served' | 'client'>,
): Promise<readonly LabelledImage[] | Unreadable> {
  const entries = content.kind === 'index' ? content.manifests.filter(isChoosable) : [manifest];
  if (entries.length > maxImages) return [];
  const read = async ({ digest, platform }: Pick<Descriptor, 'digest' | 'platform'>) => {
    const image = await served.manifestOf(repository, digest);
    if ('kind' in image) return image;
    const config = image.content.kind === 'image' ? image.content.config : undefined;
    if (config === undefined || !isConfigType(config.mediaType)) return [];
    return harmless(async () => {
      const stated = parseConfig(await client.getBlob(repository, config));
      return [{ platform: platform ?? stated.platform, labels: stated.labels }];
    });
  };
  const found = await Promise.all(entries.map(read));
  return found.find((each) => 'kind' in each) ?? found.flatMap((each) => ('kind' in each ? [] : each));
}

const example = `annotations: ${versionKey}=1.2.3`;

function unversioned([first]: readonly TargetTag[]): InputError {
  const name = first === undefined ? 'a tag' : formatReference(first);
  const message = `${name} must not go back, but the version of the new list is not known: it has no annotation ${versionKey}, none of its tags is a version, and its images have no common label of that name`;
  return new InputError([{ input: 'forward-only-tags', message }], {
    hint: `Set \`${example}\`, or publish the tag of the complete version in the same list.`,
  });
}

function unreadable(tag: TargetTag, reason: string, hint = 'Publish another tag.'): ConflictError {
  const message = `${formatReference(tag)} must not go back, but the version that it holds could not be read: ${reason}`;
  return new ConflictError('PREVIOUS_UNREADABLE', message, {
    hint: `${hint} Or remove the pattern from \`forward-only-tags\`.`,
  });
}

function movesUnchecked(tag: TargetTag, held: Digest, { version }: NewVersion, why: string): Finding {
  const say = (names: string) =>
    `${names}: moving to ${version}, although the version there (${held}) is not known${why}. Set \`${example}\` on every list, so that forward-only-tags can compare them.`;
  return { about: formatReference(tag), say };
}

// The tags that tell the version of a list now may not be tags of the next one.
function untoldVersion({ version, annotation }: NewVersion): readonly Finding[] {
  if (annotation === undefined) return [];
  const message = `The annotation ${versionKey} of the list is ${quote(annotation)}, which is no version, so later runs cannot compare this list with theirs. Set \`annotations: index:${versionKey}=${version}\`.`;
  return [{ about: version, say: () => message }];
}
