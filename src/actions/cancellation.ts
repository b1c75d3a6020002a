import type { TargetTag } from '../pipeline/request.ts';
import { describeStatus } from '../pipeline/tag.ts';
import type { Run } from '../publish/run.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { wantsSummary } from './failure.ts';
import type { FailedReport, ReportedFailure } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** Reports a cancelled job: an annotation that tells each tag, and a summary unless the input `summary` is false. */
export async function reportCancellation(
  lines: readonly string[],
  runner: Pick<Runner, 'environment' | 'input'>,
  log: RunnerLog,
  reportOf: (failure: ReportedFailure) => FailedReport,
): Promise<void> {
  const cause = ['Cancelled.', ...lines].join('\n');
  log.failed('Cancelled', cause);
  if (!wantsSummary(runner)) return;
  const report = reportOf({ title: 'Cancelled', cause: log.withoutSecrets(cause) });
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

/** A line for each tag of a cancelled publish, for each tag of a source that it was to remove, and for each error. */
export function linesOf(run: Run | undefined, errors: readonly unknown[]): readonly string[] {
  const sources = run?.removal.removals.lines ?? [];
  const others = errors.filter((error) => !(error instanceof ActionError && toldByTags.has(error.code)));
  return [
    ...(run === undefined ? ['No tag was moved.'] : tagLines(run)),
    ...(sources.length === 0 ? [] : ['Tags of sources:', ...sources]),
    ...others.map(messageOf),
  ];
}

const toldByTags: ReadonlySet<string> = new Set(['STOPPED', 'TAGS_FAILED']);

function tagLines({ request, ledger }: Run): readonly string[] {
  const tags = request.lists.flatMap((list) => list.tags);
  const isMoved = (tag: TargetTag): boolean => ledger.status(tag).state !== 'untouched';
  if (!tags.some(isMoved)) return ['No tag was moved.'];
  return tags.map((tag) => describeStatus(tag, ledger.status(tag)));
}
