import { formatReference } from '../oci/reference.ts';
import type { TagStatus } from '../pipeline/tag.ts';
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
    ...tagLines(run),
    ...(sources.length === 0 ? [] : ['Tags of sources:', ...sources]),
    ...others.map(messageOf),
  ];
}

const toldByTags: ReadonlySet<string> = new Set(['STOPPED', 'TAGS_FAILED']);

function tagLines(run: Run | undefined): readonly string[] {
  const tags = run?.request.lists.flatMap((list) => list.tags) ?? [];
  const told = tags.map((tag) => ({ name: formatReference(tag), ...run?.ledger.status(tag) }));
  if (told.every(({ state }) => state === 'untouched')) return ['No tag was moved.'];
  return told.map(({ name, state = 'untouched', words = sentences[state] }) => `${name}: ${words}`);
}

const sentences: Readonly<Record<TagStatus['state'], string>> = {
  untouched: 'not changed',
  created: 'created',
  moved: 'moved to the new list',
  restored: 'put back',
  overtaken: 'pushed by something else',
  unknown: 'was being written, and may or may not be set',
};
