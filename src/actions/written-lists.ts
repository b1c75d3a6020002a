import { formatReference } from '../oci/reference.ts';
import { movedError } from '../pipeline/amend/attempts.ts';
import { isStillHeld } from '../pipeline/amend/base.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { type PreviousTags, previousDigest } from '../pipeline/previous-tags.ts';
import { purgeAfterPush } from '../pipeline/purge.ts';
import { pushTags, type TagWatch } from '../pipeline/push.ts';
import type { PushedTag } from '../pipeline/tag-outcome.ts';
import type { RemovedTag } from '../pipeline/untag/purge-sources.ts';
import { type Verified, verifyLists } from '../pipeline/verify.ts';
import type { RunnerLog } from '../runner/log.ts';
import {
  includesRepository,
  isAmended,
  type PreparedList,
  previousList,
  previousOf,
} from './prepared-list.ts';
import type { Run } from './run.ts';
import type { Result } from './summary/report.ts';

/** Writes and reads back all lists together: everything by digest first, tags last. */
export async function writeLists(
  lists: readonly PreparedList[],
  start: PreviousTags,
  run: Run,
  log: Pick<RunnerLog, 'group'>,
): Promise<WrittenLists> {
  const { request, context, guards } = run;
  const isAlone = request.missingSources === 'error';
  const copies = await log.group('Copy', () => copyContent(lists, request.referrers, context));
  const previous = await readingsBeforePush(lists, start, run);
  const pushed = await log.group('Push', () => pushLists(lists, previous, run));
  const rivals = isAlone ? 'refuse' : 'accept';
  const verified = await log.group('Read back', () => verifyLists(pushed, rivals, context));
  // With several rounds, the last one compares its own lists.
  if (isAlone) await log.group('Compare with the earlier lists', () => guards.warn(lists, previous));
  const results: Result[] = [];
  for (const { pushed, verified: reading } of verified) {
    // Lists that share a repository share what is copied to it.
    const own = copies.filter(
      (copy) => lists.find((each) => includesRepository(each.targets, copy)) === pushed.list,
    );
    const before = await previousList(guards, pushed.list, isOnlyRound(lists, run) ? previous : run.previous);
    results.push(await resultOf(pushed.list, reading, { copies: own, before }, run));
  }
  return { lists, verified, results };
}

/** Whether no other round writes the tags of these lists. */
function isOnlyRound(lists: readonly PreparedList[], { request }: Run): boolean {
  return request.missingSources === 'error' && !lists.some(isAmended);
}

/** The content of the tags to push by: read again when it is old, or when it is amended. */
async function readingsBeforePush(
  lists: readonly PreparedList[],
  start: PreviousTags,
  run: Run,
): Promise<PreviousTags> {
  const amended = lists.filter(isAmended).flatMap((list) => list.request.tags);
  const previous = amended.length === 0 ? start.current() : previousOf(lists, run);
  if (!(await isStillHeld(amended, start, previous))) throw movedError();
  // Another run may have moved the tags while content was copied.
  if (previous !== start) await run.guards.check(lists, previous);
  return previous;
}

async function pushLists(lists: readonly PreparedList[], previous: PreviousTags, run: Run) {
  const { request, context, onTag, ownTags } = run;
  const amended = new Set(
    lists.filter(isAmended).flatMap((list) => list.request.tags.map((tag) => formatReference(tag))),
  );
  const watch: TagWatch = {
    previous,
    start: run.previous,
    ownTags,
    onTag,
    movedError: (tag) => (amended.has(formatReference(tag)) ? movedError() : undefined),
    afterFailure: request.missingSources === 'error' ? 'restore' : 'leave',
  };
  const pushed = await pushTags(lists, watch, context);
  if (isOnlyRound(lists, run)) return pushed;
  return Promise.all(pushed.map((list) => sinceStart(list, run.previous)));
}

async function resultOf(
  { members, request: { tags: wanted } }: PreparedList,
  { served, state, tags }: Verified,
  { copies, before }: Pick<Result, 'copies' | 'before'>,
  { request, context, dockerConfig }: Run,
): Promise<Result> {
  const drafts = request.drafts === 'purge' && state === 'read' ? wanted : [];
  return {
    served,
    members,
    tags,
    copies,
    before,
    purged: await purgeAfterPush(drafts, dockerConfig, context),
  };
}

/** Lists that were written and read back. */
interface WrittenLists {
  readonly lists: readonly PreparedList[];
  readonly verified: readonly { readonly verified: Verified }[];
  readonly results: readonly Result[];
}

/** Removes the tags of sources: last, because a registry may remove more than the tag. */
export async function finishLists(
  { lists, verified, results }: WrittenLists,
  run: Run,
  log: Pick<RunnerLog, 'group'>,
): Promise<readonly Result[]> {
  const removed = await removeSourceTags(lists, verified, run, log);
  return results.map((result, at) => {
    const names = removed.filter(({ list }) => list === lists[at]).map(({ name }) => name);
    return { ...result, purged: [...result.purged, ...names] };
  });
}

// Before a later round, another job may have set the tag: only its content at the start may be shown late.
async function sinceStart<L extends { readonly tags: readonly PushedTag[] }>(
  list: L,
  start: PreviousTags,
): Promise<L> {
  const tags = list.tags.map(async (tag): Promise<PushedTag> => {
    const before = await start.of(tag);
    const state = before === undefined ? 'created' : before === tag.wanted ? 'unchanged' : 'moved';
    return { ...tag, previous: previousDigest(before), state };
  });
  return { ...list, tags: await Promise.all(tags) };
}

// Only after everything is published and read back: until then, a second attempt needs the staging tags.
async function removeSourceTags(
  lists: readonly PreparedList[],
  readings: readonly { readonly verified: Verified }[],
  { request, context, removal }: Run,
  log: Pick<RunnerLog, 'group'>,
): Promise<readonly RemovedTag<PreparedList>[]> {
  if (request.sourceTags === 'keep') return [];
  if (readings.some(({ verified }) => verified.state !== 'read')) {
    context.observer.warning(
      'The tags of sources were not removed, because not every tag could be read back',
    );
    return [];
  }
  const { purgeSources } = await import('../pipeline/untag/purge-sources.ts');
  return log.group('Remove the tags of sources', () => purgeSources(lists, { ...context, ...removal }));
}
