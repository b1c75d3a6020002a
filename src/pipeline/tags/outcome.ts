import type { Digest } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import { isMissingChild } from '../../registry/put-manifest.ts';
import { ActionError, AuthError, ConflictError, RegistryError } from '../../run/errors.ts';
import type { TagLedger } from '../ledger.ts';
import { type AssembledList, describeHeldBack, type HeldBackTag } from '../list.ts';
import type { TargetTag } from '../request.ts';
import { describeStatus, type PushedTag } from '../tag.ts';

/** The result of pushing one tag. */
export type TagOutcome = PushedTag | FailedTag | UntriedTag | LeftTag;

/** The guards of tags, asked by what the ledger has read last. */
export interface PushGuards {
  /** Throws ConflictError if the tags of these lists may not be set. */
  check(lists: readonly AssembledList[], ledger: TagLedger): Promise<void>;
  /** The tag with the newer version that it holds; undefined if it may move. */
  newer(list: AssembledList, tag: TargetTag, ledger: TagLedger): Promise<HeldBackTag | undefined>;
}

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

interface UntriedTag extends TargetTag {
  readonly wanted: Digest;
  readonly state: 'untried';
}

/** A tag that another job has set to a newer version before the run could set it. */
export interface LeftTag extends TargetTag {
  readonly wanted: Digest;
  readonly state: 'held back';
  readonly heldBack: HeldBackTag;
}

/** Thrown where a tag was to be set that now holds a newer version: not a failure. */
export class HeldBack extends Error {
  readonly tag: HeldBackTag;

  constructor(tag: HeldBackTag) {
    super(describeHeldBack(tag));
    this.tag = tag;
  }
}

/** Whether the tag holds our manifest now. */
export function isPushed(outcome: TagOutcome): outcome is PushedTag {
  return isDone(outcome) && outcome.state !== 'held back';
}

/** Whether nothing is left to do for the tag. */
export function isDone(outcome: TagOutcome): outcome is PushedTag | LeftTag {
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

const refusedWrites: ReadonlySet<number> = new Set([400, 405, 409, 412, 422]);

/** Whether a registry denied the write of a tag itself. */
export function isRefusedWrite(error: ActionError): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}

const immutableWords = /\b(TAG_INVALID|TAG_IMMUTABLE|DENIED|PRECONDITION)\b|immutab|overwrit|already exists/i;

/** Whether the registry's answer, which the message ends with, says that a tag is immutable, or may mean that. */
function saysImmutable({ message }: ActionError): boolean {
  const [, answer = ''] = /.*? (\(\d{3}\b.*)$/s.exec(message) ?? [];
  return answer.startsWith('(409') || (immutableWords.test(answer) && !/permission/i.test(answer));
}

/** The error of a denied write, with what the tag holds. */
export function besideHeld(
  { list: { manifest }, tag }: { readonly list: Pick<AssembledList, 'manifest'>; readonly tag: TargetTag },
  held: Digest,
  cause: ActionError,
): ActionError {
  // 403 may mean that the tag is immutable, or that the login may not push.
  const remedy = 'Publish a new tag if this one is immutable.';
  if (cause instanceof AuthError) {
    const message = `${cause.message}; the tag holds ${held}, not ${manifest.digest}`;
    const hint = [cause.hint, saysImmutable(cause) && remedy].filter(Boolean).join(' ');
    return new AuthError(cause.code, message, { hint, cause });
  }
  if (!isRefusedWrite(cause) || !saysImmutable(cause)) return cause;
  const message = `${formatReference(tag)} holds ${held} and the registry refuses to move it to ${manifest.digest}: ${cause.message}`;
  return new ConflictError('TAG_REFUSED', message, { hint: remedy, cause });
}
