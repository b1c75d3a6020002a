import type { Digest } from '../../oci/digest.ts';
import { AuthError, ConflictError, RegistryError } from '../../run/errors.ts';
import type { TargetTag } from '../request.ts';
import type { PushedTag } from '../tag.ts';

/** The result of pushing one tag. */
export type TagOutcome = PushedTag | FailedTag | UntriedTag;

/** A tag that could not be set. */
export interface FailedTag extends TargetTag {
  readonly wanted: Digest;
  /** The digest it held before the run, if it is known. */
  readonly previous?: Digest | undefined;
  readonly state: 'failed';
  readonly error: unknown;
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

/** Whether the registry itself denied a write; after 408 and 429 an earlier try may still have taken effect. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof AuthError || error instanceof ConflictError) return true;
  if (!(error instanceof RegistryError)) return false;
  const { status } = error.failure;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
