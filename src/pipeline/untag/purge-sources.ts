import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import type { Member } from '../member.ts';
import type { Plan, Target } from '../plan.ts';
import type { KeptManifest } from './kept-content.ts';
import { type PurgeContext, purgeTags } from './purge-tags.ts';
import { stagingTagsOf } from './staging-tags.ts';

/** A list that was published. */
export interface PublishedList {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

/** A tag that was removed, with the first list whose source it was. */
export interface RemovedTag<List> {
  readonly name: string;
  readonly list: List;
}

/**
 * Removes the tags of the sources of lists that were published and read back. The lists, their tags and their entries
 * must still exist afterwards. A tag that is not removed is a warning. Throws VerifyError CONTENT_REMOVED.
 */
export async function purgeSources<List extends PublishedList>(
  lists: readonly List[],
  context: PurgeContext,
): Promise<readonly RemovedTag<List>[]> {
  const tags = stagingTagsOf(lists.flatMap(({ plan }) => plan.resolvedSources));
  const purged = await purgeTags(tags, lists.flatMap(keptOf), context);
  const removed = purged.filter(({ removal }) => removal.state === 'removed');
  return removed.flatMap(({ tag: { repository, tag } }) => {
    const name = formatReference({ repository, tag });
    const list = lists.find((each) => stagingNames(each).includes(name));
    return list === undefined ? [] : [{ name, list }];
  });
}

function stagingNames({ plan }: PublishedList): readonly string[] {
  return stagingTagsOf(plan.resolvedSources).map(({ repository, tag }) =>
    formatReference({ repository, tag }),
  );
}

function keptOf({ targets, manifest, members }: PublishedList): readonly KeptManifest[] {
  const published = targets.flatMap(({ repository, tags }): readonly KeptManifest[] => [
    ...members.map((member) => ({ repository, manifest: member.manifest })),
    { repository, manifest, tags },
  ]);
  // The entries of a source list must stay in the repository of the source.
  const sources = members.flatMap(({ store, manifest, origin }) =>
    origin === 'index' && store.repository !== undefined ? [{ repository: store.repository, manifest }] : [],
  );
  return [...published, ...sources];
}
