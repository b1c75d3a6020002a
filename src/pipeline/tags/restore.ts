import type { Digest } from '../../oci/digest.ts';
import { ActionError, messageOf } from '../../run/errors.ts';
import type { TagLedger } from '../ledger.ts';
import type { RunContext } from '../run-context.ts';
import type { PushedTag, TagStatus } from '../tag.ts';
import { type FailedTag, isRefusal, type TagOutcome } from './outcome.ts';

/** What the writes of tags work with. */
export interface TagContext extends RunContext {
  readonly ledger: TagLedger;
  /** `leave` does not reset tags: another job may have published the same list, and relies on it. */
  readonly afterFailure: 'restore' | 'leave';
}

/**
 * Moves tags back to the digest they had, unless someone else has moved them since: the tags that this run set,
 * and those that it may have set although the push failed. One after the other, since some registries cannot take
 * one manifest under several tags at once. A tag that this run created stays: registries have no common way to
 * remove only a tag. A registry's failure is never thrown. The ledger gets the status of every tag.
 */
export async function restoreTags(outcomes: readonly TagOutcome[], context: TagContext): Promise<void> {
  for (const outcome of outcomes) {
    // Each tag is read right before it is written: restoring the others may have taken minutes.
    context.ledger.mark(outcome, await restored(outcome, context));
  }
}

async function restored(outcome: TagOutcome, context: TagContext): Promise<TagStatus> {
  const { wanted: ours } = outcome;
  switch (outcome.state) {
    case 'untried':
      return { state: 'untouched', words: 'not created, because other tags could not be set' };
    case 'unchanged':
      return { state: 'untouched', words: `unchanged, holds ${ours}` };
    case 'created':
      return { state: 'created', words: `created, holds ${ours}` };
    case 'moved':
      return restoredMoved(outcome, context);
    case 'failed':
      return restoredFailed(outcome, context);
  }
}

async function restoredMoved(tag: PushedTag, context: TagContext): Promise<TagStatus> {
  const { wanted: ours, previous } = tag;
  if (previous === undefined) {
    return { state: 'moved', words: `moved to ${ours}; what it held before could not be read` };
  }
  const moved = `moved to ${ours} and could not be put back to ${previous}`;
  const found = await readTag(tag, context);
  switch (found.kind) {
    case 'ours':
    // A registry may still show the old manifest; writing it again does no harm.
    case 'previous':
      return putBack(tag, previous, moved, context);
    case 'foreign':
      return { state: 'overtaken', words: `holds ${found.held}, which someone else pushed` };
    case 'missing':
      return { state: 'overtaken', words: 'is gone: someone else removed it' };
    case 'unreadable':
      return { state: 'moved', words: `${moved}: ${found.error.message}` };
  }
}

async function restoredFailed(tag: FailedTag, context: TagContext): Promise<TagStatus> {
  const { wanted: ours, previous, error } = tag;
  const reason = messageOf(error);
  const { kind } = await readTag(tag, context);
  if (kind === 'ours') {
    if (previous === undefined)
      return { state: 'created', words: `created despite the error, holds ${ours}: ${reason}` };
    const moved = `moved despite the error, and could not be put back: ${reason}`;
    return putBack(tag, previous, moved, context);
  }
  if (kind !== 'unreadable') return { state: 'untouched', words: `not moved: ${reason}` };
  // Only the last try was denied; an earlier one may have taken effect without a response.
  const doubt = isRefusal(error) ? 'probably not moved' : 'may have been moved';
  return { state: 'unknown', words: `${doubt}: ${reason}` };
}

/** What a tag shows before it is put back. */
type TagAtRestore =
  | { readonly kind: 'ours' | 'previous' | 'missing' }
  | { readonly kind: 'foreign'; readonly held: Digest }
  | { readonly kind: 'unreadable'; readonly error: ActionError };

async function readTag(tag: PushedTag | FailedTag, { client, ledger }: TagContext): Promise<TagAtRestore> {
  try {
    const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
    if (held === undefined) return { kind: 'missing' };
    if (held === tag.wanted || held === ledger.own(tag)) return { kind: 'ours' };
    return held === tag.previous ? { kind: 'previous' } : { kind: 'foreign', held };
  } catch (error) {
    if (error instanceof ActionError) return { kind: 'unreadable', error };
    throw error;
  }
}

/** Sets a tag to what it held; `moved` says in words that it could not be. */
async function putBack(
  tag: PushedTag | FailedTag,
  previous: Digest,
  moved: string,
  { client, ledger, afterFailure }: TagContext,
): Promise<TagStatus> {
  if (afterFailure === 'leave') {
    return {
      state: 'moved',
      words: 'moved, and not put back: another job may have published the same list',
    };
  }
  try {
    const before = await client.getManifest(tag.repository, previous);
    ledger.mark(tag, { state: 'unknown' });
    await client.putManifest(tag.repository, tag.tag, before);
    return { state: 'restored', words: `put back to ${previous}` };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { state: 'moved', words: `${moved}: ${error.message}` };
  }
}
