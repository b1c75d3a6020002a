import { ActionError, InputError } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { titleOf } from './error-titles.ts';
import { troubleshootingPage } from './summary/pages.ts';
import type { FailedReport, Report, ReportedFailure } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

const defaultRemedy = 'Read more about this error on the page below.';
const inputRemedy = 'Correct the inputs of this step in the workflow.';

/**
 * Makes the step fail: an annotation with title, cause, remedy and link, and a summary unless the input `summary` is
 * false. An error that is not an ActionError is a bug and is shown with its stack. `reportOf` builds the report of the
 * failure for the summary; its texts contain no secrets.
 */
export async function reportFailure(
  error: unknown,
  runner: Pick<Runner, 'environment' | 'input'>,
  log: RunnerLog,
  reportOf: (failure: ReportedFailure) => Report,
): Promise<void> {
  const failure = failureOf(error, runner.environment);
  const code = error instanceof ActionError && !(error instanceof InputError) ? ` [${error.code}]` : '';
  const page = failure.page ?? (failure.code && `docs/TROUBLESHOOTING.md#${failure.code.toLowerCase()}`);
  const lines = [`${failure.cause}${code}`, failure.remedy, page];
  log.failed(failure.title, lines.filter(Boolean).join('\n'));
  if (!wantsSummary(runner)) return;
  const report = reportOf({
    ...failure,
    cause: log.withoutSecrets(failure.cause),
    remedy: failure.remedy && log.withoutSecrets(failure.remedy),
  });
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

/** Reports a cancelled job as annotation and summary; `tags` are for the annotation, as the summary has their table. */
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

/** Whether the input `summary` is not false; also when the other inputs could not be read. */
function wantsSummary(runner: Pick<Runner, 'input'>): boolean {
  return !/^false$/i.test(runner.input('summary').trim());
}

function failureOf(error: unknown, environment: Runner['environment']): ReportedFailure {
  if (!(error instanceof ActionError)) return bug(error);
  const { code, message, hint } = error;
  const shared = { code, title: titleOf(code), page: troubleshootingPage(code, environment) };
  if (!(error instanceof InputError)) return { ...shared, cause: message, remedy: hint ?? defaultRemedy };
  const count = error.problems.length;
  const headline = count === 1 ? 'Invalid input' : `${count} invalid inputs`;
  return { ...shared, cause: `${headline}:\n${message}`, remedy: hint ?? inputRemedy };
}

function bug(error: unknown): ReportedFailure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    title: 'Bug in multiarch-manifest-action',
    cause: `This is a bug in multiarch-manifest-action. Please report it with this text.\n${text}`,
  };
}
