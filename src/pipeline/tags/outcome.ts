import type { Digest } from '../../oci/digest.ts';
import { ActionError, AuthError, ConflictError, RegistryError } from '../../run/errors.ts';
import type { TagLedger } from '../ledger.ts';
import type { TargetTag } from '../request.ts';
import { describeStatus, type PushedTag } from '../tag.ts';

/** The result of pushing one tag. */
export type TagOutcome = PushedTag | FailedTag | UntriedTag;

/** A tag that could not be set. */
export interface FailedTag extends TargetTag {
  readonly wanted: Digest;
  /** The digest it held before the run, if it is known. */
  readonly previous?: Digest | undefined;
  readonly state: 'failed';
  readonly error: unknown;
  /** A write without an answer, which may still take effect. */
  readonly write?: Promise<unknown>;
}

/** A tag that was not tried, because others could not be set. */
interface UntriedTag extends TargetTag {
  readonly wanted: Digest;
  readonly state: 'untried';
}

/** Whether the tag holds our manifest now. */
export function isPushed(outcome: TagOutcome): outcome is PushedTag {
  return outcome.state !== 'failed' && outcome.state !== 'untried';
}

const hopelessAlone: ReadonlySet<string> = new Set(['TOO_LARGE', 'RATE_LIMITED']);

/** Whether a write that failed beside others may succeed on its own. */
export function isHopefulAlone(error: unknown): boolean {
  if (error instanceof ConflictError) return error.code === 'TAG_REFUSED';
  return error instanceof RegistryError && !hopelessAlone.has(error.code);
}

/** The error that lists the state of every tag of the run. */
export function tagsFailed(
  tags: readonly TargetTag[],
  unset: number,
  ledger: TagLedger,
  cause: ActionError,
): ActionError {
  const lines = tags.map((tag) => describeStatus(tag, ledger.status(tag)));
  const message = `${unset} of ${tags.length} tags could not be set:\n${lines.join('\n')}`;
  return new ActionError('TAGS_FAILED', message, { hint: cause.hint, cause });
}

/** Whether the registry itself denied a write; after 408 and 429 an earlier try may still have taken effect. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof AuthError || error instanceof ConflictError) return true;
  if (!(error instanceof RegistryError)) return false;
  const { status } = error.failure;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
