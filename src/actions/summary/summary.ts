import { appendFile } from 'node:fs/promises';
import { messageOf } from '../../run/errors.ts';
import type { RunnerLog } from '../../runner/log.ts';
import { inspectionSummary } from './inspection.ts';
import { listsSummary } from './lists.ts';
import { markdownMessage, withoutSecrets } from './markdown.ts';
import { purgeSummary } from './purged.ts';
import type { Report, SummaryParts } from './report.ts';
import { deferredSummary, failedSummary, leftOutSummary } from './unpublished.ts';

/** Most bytes of a step's summary that the runner takes, with some room left. */
const maxSummaryBytes = 1_000_000;

/** Most warnings that are shown; the log has them all. */
const maxWarnings = 50;

/** The summary's Markdown without secrets, at most 1 MiB: parts that do not fit are replaced by a note. */
export function renderSummary(report: Report, secrets: readonly string[] = []): string {
  const { head, lead = [], body, documents } = partsOf(report);
  const top = [head, ...lead, warningList(report.warnings)];
  const candidates = [
    [...top, ...body, ...documents],
    [
      ...top,
      ...body,
      'The JSON is too large for a summary: output `json-file` names the file that holds it.',
    ],
    [head, 'The rest is too large for a summary: see the log, and the file that output `json-file` names.'],
  ];
  for (const parts of [...candidates, [head]]) {
    const text = withoutSecrets(`${parts.filter((part) => part !== '').join('\n\n')}\n`, secrets);
    if (Buffer.byteLength(text) <= maxSummaryBytes) return text;
  }
  return '';
}

function partsOf(report: Report): SummaryParts {
  if (report.status === 'inspected') return inspectionSummary(report);
  if (report.status === 'purged') return purgeSummary(report);
  if (report.status === 'left-out') return leftOutSummary(report);
  if (report.status === 'deferred') return deferredSummary(report);
  return 'failure' in report ? failedSummary(report) : listsSummary(report);
}

function warningList(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  const shown = warnings.slice(0, maxWarnings).map((text) => `- ${markdownMessage(text)}`);
  const more = warnings.length - shown.length;
  const rest = more === 0 ? [] : [`- … and ${more} more in the log.`];
  return ['⚠️ **Warnings**', '', ...shown, ...rest].join('\n');
}

/** Appends the summary to the runner's file; what cannot be written is a warning. */
export async function writeSummary(
  report: Report,
  file: string | undefined,
  log: Pick<RunnerLog, 'secrets' | 'warning'>,
): Promise<void> {
  if (file === undefined || file === '') return;
  try {
    await appendFile(file, renderSummary(report, log.secrets));
  } catch (error) {
    log.warning(`The job summary could not be written: ${messageOf(error)}`);
  }
}
