import type { Digest } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import type { Receipt } from '../registry/client.ts';
import { ConflictError } from '../run/errors.ts';
import type { TargetTag } from './request.ts';

/** What a tag holds: a digest, nothing, or `unknown` when the registry denied the read. */
export type TagContent = Digest | 'unknown' | undefined;

/** The digest that a tag holds, if it is known. */
export function knownDigest(content: TagContent): Digest | undefined {
  return content === 'unknown' ? undefined : content;
}

/** What the run knows about a tag at any moment, also after a failure. */
export interface TagStatus {
  /**
   * `untouched`: holds what it held before. `created`, `moved`: the run has set it. `restored`: was moved, and put back.
   * `overtaken`: something else has set it since. `unknown`: being written, or the result is not known.
   */
  readonly state: 'untouched' | 'created' | 'moved' | 'restored' | 'overtaken' | 'unknown';
  readonly held?: Digest | undefined;
  readonly why?: string | undefined;
}

/** The words for a state, the same in log, error and summary. */
export const stateWords: Readonly<Record<TagStatus['state'], string>> = {
  untouched: 'not changed',
  created: 'created',
  moved: 'moved',
  restored: 'put back',
  overtaken: 'overtaken',
  unknown: 'unknown',
};

/** A line of an error: the tag, its state, its content and the reason. */
export function describeStatus(tag: TargetTag, { state, held, why }: TagStatus): string {
  const holds = held === undefined ? '' : `, holds ${held}`;
  return `${formatReference(tag)}: ${stateWords[state]}${holds}${why === undefined ? '' : `: ${why}`}`;
}

/** A tag that holds our manifest now. */
export interface PushedTag extends TargetTag {
  readonly wanted: Digest;
  /** The digest it held before this run set it; absent when there was no such tag, or when it could not be read. */
  readonly previous?: Digest | undefined;
  readonly state: 'created' | 'moved' | 'unchanged';
  /** Whether the registry itself named our digest for the tag. */
  readonly proof: Receipt['proof'];
}

/** Another job has changed a tag since its list was amended: the list must be amended again. */
export class TagMovedError extends ConflictError {
  constructor() {
    super('AMEND_CONFLICT', 'another job changed the tags before they were written');
  }
}
