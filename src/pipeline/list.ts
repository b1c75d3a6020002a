import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { type Repository, sameRepository } from '../oci/reference.ts';
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

/**
 * Whether a guard, or `amend`, depends on what a tag holds: such a tag is read right before it is set, and a moment
 * after.
 */
export function isGuarded(
  { request }: Pick<PlannedList, 'request'>,
  { tag }: Pick<TargetTag, 'tag'>,
): boolean {
  const { base, removedPlatforms, immutableTags } = request;
  const isImmutable = immutableTags.some((glob) => matchesTagGlob(glob, tag));
  return base === 'amend' || removedPlatforms === 'error' || isImmutable;
}

/** The entries that clients choose from: those of the list without artifacts, or the single image that is tagged. */
export function publishedEntries({ manifest: { content }, members }: AssembledList): readonly Descriptor[] {
  if (content.kind === 'image') return members.map(({ descriptor }) => descriptor);
  return content.manifests.filter((_, at) => members[at]?.kind !== 'artifact');
}
