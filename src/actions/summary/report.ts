import type { Inspection } from '../../inspection/inspection.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Platform } from '../../oci/platform.ts';
import type { TargetTag } from '../../pipeline/request.ts';
import type { TagStatus } from '../../pipeline/tag.ts';
import type { UntouchedTag } from '../../pipeline/tags/dry-run.ts';
import type { Choosable } from '../../policy/puller.ts';
import type { Result as RunResult } from '../../publish/result.ts';

/** The result of a run, for the summary. */
export type Report =
  | ListsReport
  | DeferredReport
  | LeftOutReport
  | InspectionReport
  | PurgeReport
  | FailedReport;

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

/** A run that failed, or was cancelled. */
export interface FailedReport {
  readonly status: 'failed' | 'cancelled';
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

/** The result for one list: what outputs and summary show of it. */
export interface Result
  extends Pick<RunResult, 'served' | 'members' | 'heldBack' | 'copies' | 'purged' | 'pushAccess' | 'before'> {
  readonly tags: readonly ReportedTag[];
  /** The entries that clients of common platforms pull, in display order; absent when they were not computed. */
  readonly pulls?: readonly ClientPull[];
}

/** The result for one tag, for outputs and summary. */
export type ReportedTag = Pick<RunResult['tags'][number], keyof UntouchedTag>;

/** The entry that clients of one platform pull from the list. */
export interface ClientPull {
  /** Such as `linux/arm/v7` or `windows/amd64 (10.0.20348)`. */
  readonly client: string;
  /** `none`: the pull fails. */
  readonly entry: Choosable | 'none';
  /** The entry that podman and skopeo pull, if it is another one. */
  readonly podman?: Choosable | 'none' | undefined;
  /** The entry that they pulled before; absent when the tag did not exist or was not read. */
  readonly before?: Choosable | 'none' | undefined;
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
  readonly remedy?: string | undefined;
  /** The URL of the code's section; absent when the action's repository is not known. */
  readonly page?: string | undefined;
}

/** How one tag stands after a run that failed. */
export type FailedRunTag = TargetTag & TagStatus;

/** A summary's Markdown, in the order in which it is read. Empty parts are left out. */
export interface SummaryParts {
  /** Status, name and what to know at a glance. */
  readonly head: string;
  /** Parts before the warnings. */
  readonly lead?: readonly string[];
  readonly body: readonly string[];
  /** Documents that are left out first when the summary is too large. */
  readonly documents: readonly string[];
}
