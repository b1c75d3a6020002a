import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import { ActionError, messageOf, orFailure } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { TagLedger } from '../ledger.ts';
import type { PublishedList } from '../list.ts';
import type { TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import type { PushedTag, TagStatus } from '../tag.ts';
import { type FailedTag, isHopefulAlone, isRefusal, type TagOutcome } from './outcome.ts';

/** What the writes of tags work with. */
export interface TagContext extends RunContext {
  readonly ledger: TagLedger;
  /** `leave` does not reset tags: another job may have published the same list, and relies on it. */
  readonly afterFailure: 'restore' | 'leave';
  /** `finish` sets the tags that are left when the job is cancelled in the middle: another job may rely on the others. */
  readonly afterCancel: 'restore' | 'finish';
}

/**
 * Moves the tags that this run set, or may have set, back to the digest they had, unless someone else has moved them
 * since, and records the status of every tag; a registry's failure is never thrown. All at once, because a cancelled job
 * has seconds; then one after the other where a registry refused, since some cannot take one manifest under several tags
 * at once. A tag that this run created stays: registries have no common way to remove only a tag.
 */
export async function restoreTags(outcomes: readonly TagOutcome[], context: TagContext): Promise<void> {
  const manifests = new Memo<string, Manifest>();
  const restore = async (outcome: TagOutcome): Promise<Restored> => {
    // Each tag is read right before it is written: restoring the others may have taken minutes.
    const { refusal, ...status } = await restored(outcome, { ...context, manifests });
    context.ledger.mark(outcome, status);
    return { ...status, refusal };
  };
  const statuses = await Promise.all(outcomes.map(restore));
  if (outcomes.length === 1) return;
  for (const [at, outcome] of outcomes.entries()) {
    if (isHopefulAlone(statuses[at]?.refusal)) await restore(outcome);
  }
}

interface RestoreContext extends TagContext {
  /** What tags held, by repository and digest. */
  readonly manifests: Memo<string, Manifest>;
}

/** The status of a tag, and why it could not be put back. */
interface Restored extends TagStatus {
  readonly refusal?: ActionError | undefined;
}

async function restored(outcome: TagOutcome, context: RestoreContext): Promise<Restored> {
  switch (outcome.state) {
    case 'untried':
      return {
        state: 'untouched',
        why: context.cancellation.isCancelled ? undefined : 'other tags could not be set',
      };
    case 'held back':
      return { state: 'untouched', held: outcome.heldBack.held };
    case 'unchanged':
      return { state: 'untouched', held: outcome.wanted };
    case 'created':
      return { state: 'created', held: outcome.wanted };
    case 'moved':
      return restoredMoved(outcome, context);
    case 'failed':
      return outcome.write === undefined
        ? restoredFailed(outcome, context)
        : restoredUnanswered(outcome, outcome.write, context);
  }
}

async function restoredMoved(tag: PushedTag, context: RestoreContext): Promise<Restored> {
  const { wanted: held, previous } = tag;
  if (previous === undefined) return { state: 'moved', held, why: 'what it held before could not be read' };
  // What a cancelled job says of it when its time is over.
  context.ledger.mark(tag, { state: 'moved', held, why: `not put back to ${previous} in time` });
  const found = await readTag(tag, context);
  if (found instanceof ActionError)
    return { state: 'moved', held, why: `could not be put back to ${previous}: ${found.message}` };
  if (found === undefined) return { state: 'overtaken', why: 'it is gone, something else removed it' };
  // A registry may still show the old manifest; writing it again does no harm.
  if (found === held || found === context.ledger.own(tag) || found === previous)
    return putBack(tag, previous, 'could not be put back', context);
  return { state: 'overtaken', held: found, why: 'something else pushed it' };
}

// A tag that shows nothing of the write may still show it later, also after the report of a cancelled job.
async function restoredUnanswered(tag: FailedTag, write: Promise<unknown>, context: RestoreContext) {
  const status = await restoredFailed(tag, context);
  if (status.state !== 'untouched') return status;
  context.ledger.mark(tag, { state: 'unknown', why: `it may still be moved to ${tag.wanted}` });
  await write.catch(() => undefined);
  return restoredFailed(tag, context);
}

async function restoredFailed(tag: FailedTag, context: RestoreContext): Promise<Restored> {
  const { wanted: held, previous, error } = tag;
  const why = messageOf(error);
  const found = await readTag(tag, context);
  if (found instanceof ActionError) {
    // Only the last try was denied; an earlier one may have taken effect without a response.
    const doubt = isRefusal(error) ? 'probably not moved' : 'may have been moved';
    return { state: 'unknown', why: `${doubt}: ${why}` };
  }
  const isOurs = found !== undefined && (found === held || found === context.ledger.own(tag));
  if (!isOurs) return { state: 'untouched', why };
  if (previous === undefined) return { state: 'created', held, why: `despite the error: ${why}` };
  return putBack(tag, previous, `despite the error ${why}; could not be put back`, context);
}

/** What a tag holds before it is put back, or why it cannot be read. */
function readTag({ repository, tag }: TargetTag, { client }: TagContext) {
  return orFailure(client.headManifest(repository, tag).then((head) => head?.digest));
}

/** Sets a tag to what it held; `failing` says in words that it could not be. */
async function putBack(
  tag: PushedTag | FailedTag,
  previous: Digest,
  failing: string,
  { client, ledger, afterFailure, manifests }: RestoreContext,
): Promise<Restored> {
  const moved = { state: 'moved', held: tag.wanted } as const;
  if (afterFailure === 'leave') {
    return { ...moved, why: 'not put back, because another job may have published the same list' };
  }
  try {
    const before = await manifests.get(
      formatReference({ repository: tag.repository, digest: previous }),
      () => client.getManifest(tag.repository, previous),
    );
    ledger.mark(tag, { state: 'unknown', why: `it was being put back to ${previous}` });
    await client.putManifest(tag.repository, tag.tag, before);
    return { state: 'restored', held: previous };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { ...moved, why: `${failing} to ${previous}: ${error.message}`, refusal: error };
  }
}

/** Waits for a read-back. If the job is cancelled first, the tags go back, if all can and no other job relies on them. */
export async function untilReadBack<T>(
  lists: readonly PublishedList[],
  readBack: () => Promise<T>,
  context: TagContext,
): Promise<T> {
  const { cancellation, afterCancel } = context;
  try {
    return await cancellation.reading(readBack());
  } catch (error) {
    const tags = lists.flatMap((list) => list.tags);
    const mayGoBack = afterCancel === 'restore' && tags.every(({ previous }) => previous !== undefined);
    if (cancellation.isCancelled && mayGoBack) await restoreTags(tags, context);
    throw error;
  }
}
