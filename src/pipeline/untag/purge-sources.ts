import { formatReference } from '../../oci/reference.ts';
import type { AssembledList } from '../list.ts';
import type { KeptManifest } from './kept-content.ts';
import { type PurgeContext, purgeTags } from './purge-tags.ts';
import { stagingTagsOf } from './staging-tags.ts';

/** A tag that was removed, with the first list whose source it was. */
interface RemovedTag {
  readonly name: string;
  readonly list: AssembledList;
}

/**
 * Removes the tags of the sources of lists that were published and read back. The lists, their tags and their entries
 * must still exist afterwards. A tag that is not removed is a warning. Throws VerifyError CONTENT_REMOVED.
 */
export async function purgeSources(
  lists: readonly AssembledList[],
  context: PurgeContext,
): Promise<readonly RemovedTag[]> {
  const tags = stagingTagsOf(lists.flatMap(({ resolvedSources }) => resolvedSources));
  const purged = await purgeTags(tags, lists.flatMap(keptOf), context);
  const removed = purged.filter(({ removal }) => removal.state === 'removed');
  return removed.flatMap(({ tag: { repository, tag } }) => {
    const name = formatReference({ repository, tag });
    const list = lists.find((each) => stagingNames(each).includes(name));
    return list === undefined ? [] : [{ name, list }];
  });
}

function stagingNames({ resolvedSources }: AssembledList): readonly string[] {
  return stagingTagsOf(resolvedSources).map(({ repository, tag }) => formatReference({ repository, tag }));
}

function keptOf({ targets, manifest, members }: AssembledList): readonly KeptManifest[] {
  const published = targets.flatMap(({ repository, tags }): readonly KeptManifest[] => [
    ...members.map((member) => ({ repository, manifest: member.manifest })),
    { repository, manifest, tags },
  ]);
  // The entries of a source list must stay in the repository of the source.
  const sources = members.flatMap(({ store, manifest, suppliedBy }) =>
    suppliedBy === 'index' && store.repository !== undefined
      ? [{ repository: store.repository, manifest }]
      : [],
  );
  return [...published, ...sources];
}
