import type { Digest } from '../oci/digest.ts';
import type { Receipt } from '../registry/client.ts';
import { AuthError, ConflictError, RegistryError } from '../run/errors.ts';
import type { TargetTag } from './request.ts';

/** What became of one tag. */
export interface PushedTag extends TargetTag {
  /** The digest it held before; absent when there was no such tag, or when it could not be looked at. */
  readonly previous?: Digest | undefined;
  readonly state: 'created' | 'moved' | 'unchanged';
  /** Whether the registry itself named our digest for the tag. */
  readonly proof: Receipt['proof'];
}

/** Whether the registry itself said that it did not take a manifest; 408 and 429 leave open what earlier tries did. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof AuthError || error instanceof ConflictError) return true;
  if (!(error instanceof RegistryError)) return false;
  const { status } = error.failure;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** A tag that could not be set. */
export interface FailedTag extends TargetTag {
  /** The digest it held before the run, as far as is known. */
  readonly previous?: Digest | undefined;
  readonly error: unknown;
}

/** A tag that was not tried, because others could not be set. */
export interface UntriedTag extends TargetTag {
  readonly state: 'untried';
}

/** How a tag stands in the middle of a run: about to be written or in doubt, set by us, or left as it was. */
export type TagState = 'underway' | 'set' | 'left';

/** Told of each tag that is about to be written, and of what came of it. */
export type OnTag = (target: TargetTag, state: TagState) => void;
