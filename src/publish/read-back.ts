import { isAmended, isGuarded, isSameTag, type PublishedList, withoutTags } from '../pipeline/list.ts';
import { type PushedTag, TagMovedError } from '../pipeline/tag.ts';
import { tagsFailed } from '../pipeline/tags/outcome.ts';
import { restoreTags, untilReadBack } from '../pipeline/tags/restore.ts';
import { type VerifiedList, verifyLists } from '../pipeline/tags/verify.ts';
import { between } from '../run/clock.ts';
import { ActionError } from '../run/errors.ts';
import type { Result } from './result.ts';
import { type Run, tagContextOf } from './run.ts';

/** Milliseconds from the last write until tags are read once more: another job takes less from its read to its PUT. */
const settlePause = { min: 1000, max: 1500 };

/**
 * Reads the tags of some of the lists of a run back, see verifyLists. If another job has set a guarded tag, the others go
 * back as after any failure, except where tags are written again.
 */
export async function readBack(
  lists: readonly PublishedList[],
  all: readonly PublishedList[],
  run: Run,
): Promise<readonly VerifiedList[]> {
  const { context, ledger, guards, request } = run;
  const otherJobs = request.missingSources === 'error' ? 'refuse' : 'accept';
  try {
    return await verifyLists(lists, { ...context, ledger, guards, otherJobs });
  } catch (error) {
    throw await afterOvertaken(error, all, run);
  }
}

async function afterOvertaken(error: unknown, lists: readonly PublishedList[], run: Run): Promise<unknown> {
  const { request, ledger } = run;
  const isOvertaken = (tag: PushedTag): boolean => ledger.status(tag).state === 'overtaken';
  const lost = guardedTags(lists.filter((list) => !isAmended(list))).filter(isOvertaken);
  if (!(error instanceof ActionError) || request.missingSources !== 'error' || lost.length === 0)
    return error;
  const tags = lists.flatMap((list) => list.tags);
  const others = tags.filter((tag) => !isOvertaken(tag));
  await restoreTags(others, tagContextOf(run));
  return tags.length === 1 ? error : tagsFailed(tags, tags.length - others.length, ledger, error);
}

function guardedTags(lists: readonly PublishedList[]): readonly PushedTag[] {
  return lists.flatMap((list) => list.tags.filter((tag) => isGuarded(list, tag)));
}

/**
 * Reads the tags of lists with guarded ones, which a round has set, once more. A registry has no compare-and-swap: a job that read the tags
 * before this one wrote them may write them after it. Gives the results without the tags that another job has set to a
 * newer version under forward-only-tags. Throws TagMovedError for amended tags, which are then written again, and else
 * as {@link readBack} does.
 */
export async function settle(results: readonly Result[], run: Run): Promise<readonly Result[]> {
  const all = results.map((list) => ({ ...list, tags: list.tags.filter(isSet) }));
  if (guardedTags(all).length === 0) return results;
  const { cancellation } = run.context;
  const left = await cancellation.during(() =>
    untilReadBack(all, () => settled(all, run), tagContextOf(run)),
  );
  return results.map((list) => {
    const tags = list.tags.filter((tag) => !left.some((each) => isSameTag(each, tag)));
    const own = left.filter((each) => list.tags.some((tag) => isSameTag(each, tag)));
    return { ...withoutTags(list, own), tags };
  });
}

async function settled(all: readonly (PublishedList & Pick<Result, 'served'>)[], run: Run) {
  const { ledger } = run;
  const { clock } = run.context;
  // Another run that lost a guarded tag puts back the others that it has moved, also over those of this run.
  const set = all.filter((list) => guardedTags([list]).length > 0);
  await clock.sleep(Math.max(0, ledger.writtenAt + between(settlePause, clock) - clock.now()));
  ledger.reread(set.flatMap(({ tags }) => tags));
  const lost = await Promise.all(set.map((list) => lostTags(list, run)));
  const replaced = lost.filter((list) => !isAmended(list) && list.tags.length > 0);
  const found = replaced.length > 0 ? await readBack(replaced, all, run) : [];
  if (lost.some((list) => isAmended(list) && list.tags.length > 0)) throw new TagMovedError();
  return found.flatMap(({ heldBack = [] }) => heldBack);
}

function isSet(tag: Result['tags'][number]): tag is PushedTag {
  return tag.state === 'created' || tag.state === 'moved';
}

// A read-back tells whether another job has set the tag, or a replica is slow, or the registry has failed.
async function lostTags<List extends Pick<VerifiedList, 'tags' | 'served'>>(
  list: List,
  { ledger }: Pick<Run, 'ledger'>,
): Promise<List> {
  const held = await Promise.all(list.tags.map((tag) => ledger.of(tag).catch(() => undefined)));
  return { ...list, tags: list.tags.filter((_, at) => held[at] !== list.served.digest) };
}
