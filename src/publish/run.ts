import type { Guards } from '../pipeline/guards/guards.ts';
import type { TagLedger } from '../pipeline/ledger.ts';
import type { AssembledList } from '../pipeline/list.ts';
import type { PublishRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import type { TagContext } from '../pipeline/tags/restore.ts';
import type { PurgeContext } from '../pipeline/untag/purge-tags.ts';
import type { SourceReadings } from './source-readings.ts';

/** One run of the publish action: its request, and what all its rounds work with. */
export interface Run {
  readonly request: PublishRequest;
  /** `several`: lists are written again when sources appear, or when other jobs change amended tags. */
  readonly rounds: 'one' | 'several';
  readonly context: RunContext;
  readonly log: {
    /** Runs one stage with its lines folded under a heading. */
    group<T>(heading: string, stage: () => Promise<T>): Promise<T>;
  };
  readonly sources: SourceReadings;
  readonly ledger: TagLedger;
  readonly guards: Guards;
  /** Throws ConflictError SUBJECT_CONFLICT if the job cannot declare these lists as its artifacts. */
  checkSubjects(lists: readonly AssembledList[]): Promise<void>;
  readonly dockerConfig: string;
  readonly removal: Pick<PurgeContext, 'management' | 'github' | 'removals' | 'runId'>;
}

/** What the writes of tags of a run work with. */
export function tagContextOf({ request, rounds, context, ledger }: Run): TagContext {
  const afterFailure = request.missingSources === 'error' ? 'restore' : 'leave';
  return { ...context, ledger, afterFailure, afterCancel: rounds === 'one' ? 'restore' : 'finish' };
}

/** Whether a run may write its lists more than once. A dry run reads the sources once. */
export function roundsOf({ mode, missingSources, lists }: PublishRequest): Run['rounds'] {
  const isAmending = lists.some(({ base }) => base === 'amend');
  return mode === 'push' && (missingSources !== 'error' || isAmending) ? 'several' : 'one';
}
