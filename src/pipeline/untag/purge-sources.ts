import { formatReference } from '../../oci/reference.ts';
import type { StagingTag } from '../../registry/untag/staging-tag.ts';
import { ActionError, messageOf } from '../../run/errors.ts';
import { wholeManifest } from '../../sources/source.ts';
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
  const { tags, kept } = await wholeContent(lists, context);
  const purged = await purgeTags(tags, kept, context);
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

/** The tags to remove and everything to keep, with the bytes that would put them back; nothing if they cannot be read. */
async function wholeContent(
  lists: readonly AssembledList[],
  { observer }: PurgeContext,
): Promise<{ readonly tags: readonly StagingTag[]; readonly kept: readonly KeptManifest[] }> {
  const tags = stagingTagsOf(lists.flatMap(({ resolvedSources }) => resolvedSources));
  try {
    return {
      tags: await Promise.all(tags.map(async (tag) => ({ ...tag, manifest: await wholeManifest(tag) }))),
      kept: (await Promise.all(lists.map(keptOf))).flat(),
    };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    observer.warning(`The tags of sources were not removed: ${messageOf(error)}`);
    return { tags: [], kept: [] };
  }
}

async function keptOf({ targets, manifest, members }: AssembledList): Promise<readonly KeptManifest[]> {
  const whole = await Promise.all(
    members.map(async (member) => ({ ...member, manifest: await wholeManifest(member) })),
  );
  const published = targets.flatMap(({ repository, tags }): readonly KeptManifest[] => [
    ...whole.map((member) => ({ repository, manifest: member.manifest })),
    { repository, manifest, tags },
  ]);
  // The entries of a source list must stay in the repository of the source.
  const sources = whole.flatMap(({ store, manifest, suppliedBy }) =>
    suppliedBy === 'index' && store.repository !== undefined
      ? [{ repository: store.repository, manifest }]
      : [],
  );
  return [...published, ...sources];
}
