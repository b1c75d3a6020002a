import type { Inspection } from '../../inspection/inspection.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import type { Platform } from '../../oci/platform.ts';
import type { CopyResult } from '../../pipeline/copy/target.ts';
import type { HeldBackTag } from '../../pipeline/list.ts';
import type { Member } from '../../pipeline/member.ts';
import type { TargetTag } from '../../pipeline/request.ts';
import type { TagStatus } from '../../pipeline/tag.ts';
import type { PushAccess } from '../../pipeline/tags/dry-run.ts';

/** The result of a run, for the summary. */
export type Report =
  | ListsReport
  | DeferredReport
  | LeftOutReport
  | InspectionReport
  | PurgeReport
  | FailedReport
  | CancelledReport;

/** Lists that were published, or would be. */
export interface ListsReport {
  readonly status: 'published' | 'dry-run';
  /** At least one; several for a `spec`. */
  readonly lists: readonly Result[];
  readonly warnings: readonly string[];
}

/** A run that published nothing, because sources are still missing. */
export interface DeferredReport {
  readonly status: 'deferred';
  /** The tags that the last job will publish. */
  readonly tags: readonly TargetTag[];
  readonly sources: readonly ReportedSource[];
  readonly warnings: readonly string[];
}

/** A run that published nothing, because every list is optional and was left out. */
export interface LeftOutReport {
  readonly status: 'left-out';
  /** Why, for each list. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** Staging tags and drafts that were removed, or would be. */
export interface PurgeReport {
  readonly status: 'purged';
  readonly mode: 'purge' | 'dry-run';
  readonly tags: readonly PurgedName[];
  readonly drafts: readonly PurgedName[];
  readonly warnings: readonly string[];
}

/** A tag or a draft, and its result; `found`: a dry run found it, and another run would remove it. */
export interface PurgedName {
  readonly name: string;
  readonly state: 'removed' | 'found' | 'absent' | 'changed' | 'refused';
}

/** A run that was cancelled. */
export interface CancelledReport extends Omit<FailedReport, 'status'> {
  readonly status: 'cancelled';
}

/** A run that failed. */
export interface FailedReport {
  readonly status: 'failed';
  readonly failure: ReportedFailure;
  /** The tags to publish and how each stands now; empty when the inputs could not be read. */
  readonly tags: readonly FailedRunTag[];
  /** Empty when the run failed before it had a list of its sources. */
  readonly sources: readonly ReportedSource[];
  readonly warnings: readonly string[];
}

/** The report of the inspect action. */
export interface InspectionReport {
  readonly status: 'inspected';
  /** The value of the input `image`; absent when the inputs could not be read. */
  readonly name?: string | undefined;
  /** Absent when it could not be read. */
  readonly inspection?: Inspection | undefined;
  /** Absent when all expectations are met. */
  readonly failure?: ReportedFailure | undefined;
  readonly warnings: readonly string[];
}

/** The result for one list. */
export interface Result {
  /** The manifest that the registry served on the read-back; in a dry run, the manifest that would be pushed. */
  readonly served: Manifest;
  readonly members: readonly Member[];
  readonly tags: readonly ReportedTag[];
  /** The tags that hold a newer version, and stay. */
  readonly heldBack?: readonly HeldBackTag[] | undefined;
  /** The content that was copied to repositories that did not have it. */
  readonly copies: readonly CopyResult[];
  /** The docker CLI's drafts that were removed. */
  readonly purged: readonly string[];
  /** Whether a push would be allowed, for a dry run. */
  readonly pushAccess?: readonly PushAccess[] | undefined;
  /** The list that the new one replaces; absent when there was none, or when it was not read. */
  readonly before?: PreviousList | undefined;
  /** The entries that clients of common platforms pull, in display order; absent when they were not computed. */
  readonly pulls?: readonly ClientPull[] | undefined;
}

/** The result for one tag, for outputs and summary. */
export interface ReportedTag extends TargetTag {
  /** The digest it held before; absent when there was no such tag, or when it could not be read. */
  readonly previous?: Digest | undefined;
  /** `dry-run`: not written. `unknown`: not written, and its current content could not be read. */
  readonly state: 'created' | 'moved' | 'unchanged' | 'dry-run' | 'unknown';
}

/** The list that a tag held before the run. */
export interface PreviousList {
  /** The tag that held it. */
  readonly tag: string;
  readonly digest: Digest;
  /** Its images, without attestations. */
  readonly entries: readonly PreviousEntry[];
}

/** An image of the list that a tag held before the run. */
export interface PreviousEntry {
  readonly platform: Platform;
  readonly digest: Digest;
}

/** The entry that clients of one platform pull from the list. */
export interface ClientPull {
  /** Such as `linux/arm/v7` or `windows/amd64 (10.0.20348)`. */
  readonly client: string;
  /** `none`: the pull fails. */
  readonly entry: ClientEntry | 'none';
  /** The entry that podman and skopeo pull, if it is another one. */
  readonly podman?: ClientEntry | 'none' | undefined;
  /** The entry that they pulled before; absent when the tag did not exist or was not read. */
  readonly before?: ClientEntry | 'none' | undefined;
}

/** An entry that a client chooses. */
export interface ClientEntry {
  /** Absent when the entry does not say. */
  readonly platform?: Platform | undefined;
  readonly digest: Digest;
}

/** How one source stood when the run ended. */
export type ReportedSource =
  | {
      /** The reference, path or line, as messages name it. */
      readonly name: string;
      readonly state: 'found';
      readonly digest: Digest;
      /** Those of its images. */
      readonly platforms: readonly Platform[];
    }
  | { readonly name: string; readonly state: 'missing' | 'unread' }
  | { readonly name: string; readonly state: 'refused'; readonly reason: string };

/** Why a run failed. */
export interface ReportedFailure {
  /** The heading in docs/TROUBLESHOOTING.md; absent for a bug of this action. */
  readonly code?: string | undefined;
  /** A few words, such as `A source does not exist`. */
  readonly title: string;
  /** The error's message; every line of it is shown as a line. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  /** The URL of the code's section; absent when the action's repository is not known. */
  readonly page?: string | undefined;
}

/** How one tag stands after a run that failed. */
export interface FailedRunTag extends TargetTag {
  readonly state: TagStatus['state'];
  /** Its current content, if known. */
  readonly digest?: Digest | undefined;
  /** Why it was not set or not put back. */
  readonly reason?: string | undefined;
}
