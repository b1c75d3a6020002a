import type { Digest } from '../oci/digest.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { TargetTag } from './request.ts';
import type { RunContext } from './run-context.ts';
import {
  type FailedTag,
  isRefusal,
  type OnTag,
  type PushedTag,
  type StandingTag,
  type TagOutcome,
  type TagStanding,
} from './tag-outcome.ts';

/** How tags are put back. */
interface RestoreRules {
  readonly onTag: OnTag;
  /** `leave` does not reset tags: another job may have published the same list, and relies on it. */
  readonly afterFailure: 'restore' | 'leave';
}

/** The state of a tag after other tags could not be set. */
interface RestoredTag extends StandingTag {
  /** Whether there is no sign that the tag was moved. */
  readonly isUntouched: boolean;
}

/**
 * Moves tags back to the digest they had, unless someone else has moved them since: the tags that this run set,
 * and those that it may have set although the push failed. One after the other, since some registries cannot take
 * one manifest under several tags at once. A tag that this run created stays: registries have no common way to
 * remove only a tag. A registry's failure is never thrown; it becomes the tag's state.
 */
export async function restoreTags(
  outcomes: readonly TagOutcome[],
  { onTag, afterFailure }: RestoreRules,
  context: RunContext,
): Promise<readonly RestoredTag[]> {
  const restored: RestoredTag[] = [];
  const settled = async (tag: TargetTag, finding: Finding): Promise<Standing> => {
    if (finding.kind !== 'restorable') return finding;
    if (afterFailure === 'restore') return putBack(tag, finding, onTag, context);
    return {
      standing: 'moved',
      state: 'moved, and not put back: another job may have published the same list',
    };
  };
  for (const outcome of outcomes) {
    const tag = { repository: outcome.repository, tag: outcome.tag };
    // Each tag is read right before it is written: restoring the others may have taken minutes.
    const finding = await findingOf(outcome, context);
    const isUntouched = finding.kind === 'untouched';
    const standing = await settled(tag, finding);
    restored.push({ ...tag, state: standing.state, standing: standing.standing, isUntouched });
  }
  return restored;
}

/** The action for a tag; `otherwise` is its state when it cannot be put back. */
type Finding = ({ readonly kind: 'untouched' | 'final' } & Standing) | Restorable;

type Standing = Pick<StandingTag, 'standing' | 'state'>;

interface Restorable {
  readonly kind: 'restorable';
  readonly previous: Digest;
  readonly otherwise: string;
}

async function findingOf(outcome: TagOutcome, context: RunContext): Promise<Finding> {
  const { wanted: ours } = outcome;
  switch (outcome.state) {
    case 'untried':
      return final('untouched', 'not created, because other tags could not be set');
    case 'unchanged':
      return final('untouched', `unchanged, holds ${ours}`);
    case 'created':
      return final('created', `created, holds ${ours}`);
    case 'moved':
      return findingOfMoved(outcome, context);
    case 'failed':
      return findingOfFailed(outcome, await readTag(outcome, context));
  }
}

function final(standing: TagStanding, state: string): Finding {
  return { kind: 'final', standing, state };
}

async function findingOfMoved(tag: PushedTag, context: RunContext): Promise<Finding> {
  const { wanted: ours, previous } = tag;
  if (previous === undefined) {
    return final('moved', `moved to ${ours}; what it held before could not be read`);
  }
  const moved = `moved to ${ours} and could not be put back to ${previous}`;
  const reading = await readTag(tag, context);
  switch (reading.kind) {
    case 'ours':
    // A registry may still show the old manifest; writing it again does no harm.
    case 'previous':
      return { kind: 'restorable', previous, otherwise: moved };
    case 'foreign':
      return final('overtaken', `holds ${reading.held}, which someone else pushed`);
    case 'missing':
      return final('overtaken', 'is gone: someone else removed it');
    case 'unreadable':
      return final('moved', `${moved}: ${reading.error.message}`);
  }
}

function findingOfFailed({ wanted: ours, previous, error }: FailedTag, reading: TagReading): Finding {
  const reason = messageOf(error);
  switch (reading.kind) {
    case 'ours':
      return previous === undefined
        ? final('created', `created despite the error, holds ${ours}: ${reason}`)
        : {
            kind: 'restorable',
            previous,
            otherwise: `moved despite the error, and could not be put back: ${reason}`,
          };
    case 'unreadable':
      // Only the last try was denied; an earlier one may have taken effect without a response.
      return isRefusal(error)
        ? { kind: 'untouched', standing: 'unknown', state: `probably not moved: ${reason}` }
        : final('unknown', `may have been moved: ${reason}`);
    default:
      return { kind: 'untouched', standing: 'untouched', state: `not moved: ${reason}` };
  }
}

/** The content of a tag before it is put back. */
type TagReading =
  | { readonly kind: 'ours' | 'previous' | 'missing' }
  | { readonly kind: 'foreign'; readonly held: Digest }
  | { readonly kind: 'unreadable'; readonly error: ActionError };

async function readTag(tag: PushedTag | FailedTag, { client }: RunContext): Promise<TagReading> {
  try {
    const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
    if (held === undefined) return { kind: 'missing' };
    if (held === tag.wanted || held === tag.earlier) return { kind: 'ours' };
    return held === tag.previous ? { kind: 'previous' } : { kind: 'foreign', held };
  } catch (error) {
    if (error instanceof ActionError) return { kind: 'unreadable', error };
    throw error;
  }
}

async function putBack(
  tag: TargetTag,
  { previous, otherwise }: Restorable,
  onTag: OnTag,
  { client }: RunContext,
): Promise<Standing> {
  try {
    const before = await client.getManifest(tag.repository, previous);
    onTag(tag, 'underway');
    await client.putManifest(tag.repository, tag.tag, before);
    onTag(tag, 'left');
    return { standing: 'restored', state: `put back to ${previous}` };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { standing: 'moved', state: `${otherwise}: ${error.message}` };
  }
}
