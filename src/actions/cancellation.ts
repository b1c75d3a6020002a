import type { TargetTag } from '../pipeline/request.ts';
import { describeStatus } from '../pipeline/tag.ts';
import type { Run } from '../publish/run.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { wantsSummary } from './failure.ts';
import type { FailedReport, ReportedFailure } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/**
 * Reports a cancelled job: an annotation, and a summary unless the input `summary` is false. `tags` are lines for the
 * annotation only, because the summary has a table of them.
 */
export async function reportCancellation(
  tags: readonly string[],
  others: readonly string[],
  runner: Pick<Runner, 'environment' | 'input'>,
  log: RunnerLog,
  reportOf: (failure: ReportedFailure) => FailedReport,
): Promise<void> {
  log.failed('Cancelled', ['Cancelled.', ...tags, ...others].join('\n'));
  if (!wantsSummary(runner)) return;
  const cause = log.withoutSecrets(['The job was cancelled.', ...others].join('\n'));
  const report = { ...reportOf({ title: 'Cancelled', cause }), status: 'cancelled' } as const;
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

/** A line for each tag of a cancelled publish. */
export function tagLines(run: Run | undefined): readonly string[] {
  if (run === undefined) return ['No tag was moved.'];
  const { request, ledger } = run;
  const tags = request.lists.flatMap((list) => list.tags);
  const isMoved = (tag: TargetTag): boolean => ledger.status(tag).state !== 'untouched';
  return tags.some(isMoved)
    ? tags.map((tag) => describeStatus(tag, ledger.status(tag)))
    : ['No tag was moved.'];
}

/** A line for each tag of a source that a cancelled publish was to remove, and for each error that tags do not tell. */
export function sourceLines(run: Run | undefined, errors: readonly unknown[]): readonly string[] {
  const sources = run?.removal.removals.lines ?? [];
  const others = errors.filter((error) => !(error instanceof ActionError && toldByTags.has(error.code)));
  return [...(sources.length === 0 ? [] : ['Tags of sources:', ...sources]), ...others.map(messageOf)];
}

const toldByTags: ReadonlySet<string> = new Set(['STOPPED', 'TAGS_FAILED']);
