import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference, type Repository, sameRepository } from '../oci/reference.ts';
import { matchesTagGlob } from '../policy/tag-glob.ts';
import type { Resolved } from '../sources/source.ts';
import type { Member } from './member.ts';
import type { ListRequest, TargetTag } from './request.ts';
import type { PushedTag } from './tag.ts';

/** A list whose sources are resolved. */
export interface PlannedList {
  readonly request: ListRequest;
  /** The images that the source lines name, in their order. */
  readonly resolvedSources: readonly Resolved[];
  /** The entries of the list, in order. */
  readonly members: readonly Member[];
  readonly targets: readonly Target[];
}

/** A list with everything that is known before anything is written; `members` are as its manifest has them. */
export interface AssembledList extends PlannedList {
  readonly manifest: Manifest;
  /** The tags that `forward-only-tags` leaves where they are; they are no tags of `request` and `targets` any more. */
  readonly heldBack?: readonly HeldBackTag[];
}

/** A tag that holds a newer version than the list that would be its next one. */
export interface HeldBackTag extends TargetTag {
  readonly held: Digest;
  readonly version: string;
  readonly newVersion: string;
}

/** A list whose tags are set. */
export interface PublishedList extends AssembledList {
  readonly tags: readonly PushedTag[];
}

/** A repository to write to, and the tags to set there. */
export interface Target {
  readonly repository: Repository;
  readonly tags: readonly string[];
}

/** The repositories of some tags, each once, in order of first appearance. */
export function targetsOf(tags: readonly TargetTag[]): readonly Target[] {
  const targets: { repository: Repository; tags: string[] }[] = [];
  for (const { repository, tag } of tags) {
    const known = targets.find((target) => sameRepository(target.repository, repository));
    if (known === undefined) targets.push({ repository, tags: [tag] });
    else known.tags.push(tag);
  }
  return targets;
}

/** The repository that every target shares, or undefined when there are several. */
export function soleRepository(tags: readonly TargetTag[]): Repository | undefined {
  const [first, ...others] = targetsOf(tags);
  return others.length === 0 ? first?.repository : undefined;
}

/** The tags of all these lists. */
export function tagsOf(lists: readonly Pick<PlannedList, 'request'>[]): readonly TargetTag[] {
  return lists.flatMap(({ request }) => request.tags);
}

/** Whether a list starts from what its tags hold. */
export function isAmended({ request }: Pick<PlannedList, 'request'>): boolean {
  return request.base === 'amend';
}

/** Whether `forward-only-tags` guards a tag of a list. */
export function isForwardOnly({ tag }: TargetTag, { request }: Pick<PlannedList, 'request'>): boolean {
  return request.forwardOnlyTags.some((glob) => matchesTagGlob(glob, tag));
}

/** A list without some of its tags, which stay where they are. */
export function withoutTags<List extends AssembledList>(list: List, heldBack: readonly HeldBackTag[]): List {
  if (heldBack.length === 0) return list;
  const tags = list.request.tags.filter((tag) => !heldBack.some((each) => isSameTag(each, tag)));
  const request = { ...list.request, tags };
  return { ...list, request, targets: targetsOf(tags), heldBack: [...(list.heldBack ?? []), ...heldBack] };
}

/** Whether both are the same tag of the same repository. */
export function isSameTag(one: TargetTag, other: TargetTag): boolean {
  return one.tag === other.tag && sameRepository(one.repository, other.repository);
}

/** Why a tag stays, in words. */
export function describeHeldBack({ repository, tag, held, version, newVersion }: HeldBackTag): string {
  return `${formatReference({ repository, tag })} stays at ${version} (${held}), because ${newVersion} is older`;
}

/** Whether a guard, or `amend`, depends on what a tag holds: it is read right before and after it is set. */
export function isGuarded({ request }: Pick<PlannedList, 'request'>, { tag }: TargetTag): boolean {
  const { base, removedPlatforms, immutableTags, forwardOnlyTags } = request;
  const globs = [...immutableTags, ...forwardOnlyTags];
  return base === 'amend' || removedPlatforms === 'error' || globs.some((glob) => matchesTagGlob(glob, tag));
}

/** The entries that clients choose from: those of the list without artifacts, or the single image that is tagged. */
export function publishedEntries({ manifest: { content }, members }: AssembledList): readonly Descriptor[] {
  if (content.kind === 'image') return members.map(({ descriptor }) => descriptor);
  return content.manifests.filter((_, at) => members[at]?.kind !== 'artifact');
}
