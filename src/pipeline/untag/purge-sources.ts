import { tagIdentity, tagName } from '../../registry/untag/staging-tag.ts';
import { ActionError, messageOf } from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import { wholeManifest } from '../../sources/source.ts';
import type { AssembledList } from '../list.ts';
import type { KeptManifest } from './kept-content.ts';
import { type PurgeContext, purgeTags, rehearseTags } from './purge-tags.ts';
import { stagingTagsOf } from './staging-tags.ts';

/**
 * Removes the tags of the sources of lists that were published and read back. The lists, their tags and their entries
 * must still exist afterwards. A tag that is not removed is a warning. Throws VerifyError CONTENT_REMOVED.
 */
export async function purgeSources(
  lists: readonly AssembledList[],
  context: PurgeContext,
): Promise<readonly { readonly name: string; readonly list: AssembledList }[]> {
  const { tags, kept } = await wholeContent(lists, context);
  const purged = await purgeTags(tags, kept, context);
  const removed = purged.filter(({ removal }) => removal.state === 'removed');
  return removed.flatMap(({ tag }) => {
    const list = lists.find(({ resolvedSources }) =>
      stagingTagsOf(resolvedSources).some((each) => tagIdentity(each) === tagIdentity(tag)),
    );
    return list === undefined ? [] : [{ name: tagName(tag), list }];
  });
}

/** Asks whether the tags of the sources would be removed, and logs the answers; removes nothing. */
export async function rehearseSources(lists: readonly AssembledList[], context: PurgeContext): Promise<void> {
  await rehearseTags(await removableTags(lists, context), context);
}

// A registry may have several host names, and other paths under each: the tag of a source may be the published one.
function removableTags(lists: readonly AssembledList[], { observer }: PurgeContext) {
  const published = lists.flatMap(({ targets, manifest }) =>
    targets.flatMap(({ repository, tags }) =>
      tags.map((tag) => ({ repository, tag, digest: manifest.digest })),
    ),
  );
  const left: Finding[] = [];
  const tags = stagingTagsOf(lists.flatMap(({ resolvedSources }) => resolvedSources)).filter((staging) => {
    const { repository, tag, manifest } = staging;
    const isPublished = published.some((held) => {
      const isAlias =
        held.repository.registry !== repository.registry || held.repository.path === repository.path;
      return isAlias && held.tag === tag && held.digest === manifest.digest;
    });
    if (isPublished) left.push({ about: tagName(staging), say: mayBePublished });
    return !isPublished;
  });
  warnOfCauses(left, observer);
  return Promise.all(tags.map(async (tag) => ({ ...tag, manifest: await wholeManifest(tag) })));
}

const mayBePublished = (names: string): string =>
  `Not removed: ${names}: a published tag has the same name and content, and the two hosts may be one registry. If they are not, remove it with the purge action.`;

/** The tags to remove and everything to keep, with the bytes that would put them back; nothing if they cannot be read. */
async function wholeContent(lists: readonly AssembledList[], context: PurgeContext) {
  try {
    return { tags: await removableTags(lists, context), kept: (await Promise.all(lists.map(keptOf))).flat() };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    context.observer.warning(`The tags of sources were not removed: ${messageOf(error)}`);
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
