import type { Digest } from '../oci/digest.ts';
import type { Receipt } from '../registry/client.ts';
import {
  ActionError,
  type ActionErrorOptions,
  AuthError,
  ConflictError,
  RegistryError,
} from '../run/errors.ts';
import type { TargetTag } from './request.ts';

/** A tag to set. */
export interface WantedTag extends TargetTag {
  /** The digest that it should hold. */
  readonly wanted: Digest;
  /** What an earlier attempt of this run has set it to, if it held that until now. */
  readonly earlier?: Digest | undefined;
}

/** A tag that holds our manifest now. */
export interface PushedTag extends WantedTag {
  /** The digest it held before this run set it; absent when there was no such tag, or when it could not be read. */
  readonly previous?: Digest | undefined;
  readonly state: 'created' | 'moved' | 'unchanged';
  /** Whether the registry itself named our digest for the tag. */
  readonly proof: Receipt['proof'];
}

/** A tag that could not be set. */
export interface FailedTag extends WantedTag {
  /** The digest it held before the run, if it is known. */
  readonly previous?: Digest | undefined;
  readonly state: 'failed';
  readonly error: unknown;
}

/** A tag that was not tried, because others could not be set. */
interface UntriedTag extends WantedTag {
  readonly state: 'untried';
}

/** The result of pushing one tag. */
export type TagOutcome = PushedTag | FailedTag | UntriedTag;

/** Whether the tag holds our manifest now. */
export function isPushed(outcome: TagOutcome): outcome is PushedTag {
  return outcome.state !== 'failed' && outcome.state !== 'untried';
}

/** Whether the registry itself denied a write; after 408 and 429 an earlier try may still have taken effect. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof AuthError || error instanceof ConflictError) return true;
  if (!(error instanceof RegistryError)) return false;
  const { status } = error.failure;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** The state of a tag after a failed push, if it is known. */
export type TagStanding = 'untouched' | 'created' | 'moved' | 'restored' | 'overtaken' | 'unknown';

/** A tag after a push that failed. */
export interface StandingTag extends TargetTag {
  readonly standing: TagStanding;
  /** The same in words, with the reason. */
  readonly state: string;
}

/** Some of several tags could not be set. */
export class TagsError extends ActionError {
  /** Every tag of the run, in the order of its lists. */
  readonly tags: readonly StandingTag[];

  constructor(message: string, tags: readonly StandingTag[], options: ActionErrorOptions) {
    super('TAGS_FAILED', message, options);
    this.tags = tags;
  }
}

/** The state of a tag during a run: being written or in doubt, set by us, or left as it was. */
export type TagState = 'underway' | 'set' | 'left';

/** Called before a tag is written, and again when the result is known. */
export type OnTag = (target: TargetTag, state: TagState) => void;
