import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { CopyResult } from '../pipeline/copy/target.ts';
import type { Member } from '../pipeline/member.ts';
import type { TargetTag } from '../pipeline/request.ts';

/** What became of one tag, as outputs and summary show it. */
export interface ReportedTag extends TargetTag {
  /** The digest it held before; absent when there was no such tag. */
  readonly previous?: Digest | undefined;
  readonly state: 'created' | 'moved' | 'unchanged' | 'dry-run';
}

/** What a run came to. */
export interface Result {
  /** What the registry served on the read-back; in a dry run what would be pushed. */
  readonly served: Manifest;
  readonly members: readonly Member[];
  readonly tags: readonly ReportedTag[];
  /** What was copied to repositories that lacked it. */
  readonly copies: readonly CopyResult[];
  /** The docker CLI's drafts that were removed. */
  readonly purged: readonly string[];
}

/** What a run came to, and what it warned of. */
export interface Report extends Result {
  readonly warnings: readonly string[];
}
