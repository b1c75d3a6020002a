import type { SourceOutcome } from '../pipeline/plan.ts';
import type { Run } from '../publish/run.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { SourceLine } from '../sources/source.ts';
import type { FailedReport, ReportedFailure, ReportedSource } from './summary/report.ts';

/** The report of a failed run: the state of each source and each tag, without secrets. */
export function failedReport(
  failure: ReportedFailure,
  log: Pick<RunnerLog, 'warnings' | 'withoutSecrets'>,
  run: Run | undefined,
): FailedReport {
  const safe = (text: string): string => log.withoutSecrets(text);
  const lists = run?.request.lists ?? [];
  const tags = lists.flatMap((list) => list.tags);
  const sources = lists.flatMap((list) => list.sources);
  return {
    status: 'failed',
    failure,
    tags: tags.map((tag) => {
      const { state = 'untouched', held, why } = run?.ledger.status(tag) ?? {};
      return { ...tag, state, digest: held, reason: why && safe(why) };
    }),
    sources: sources.map((line) => reportedSource(line, run?.sources.outcomeOf(line), safe)),
    warnings: log.warnings,
  };
}

/** The state of a source line; `safe` removes secrets from its texts. */
export function reportedSource(
  { text }: SourceLine,
  outcome: SourceOutcome | undefined,
  safe: (text: string) => string,
): ReportedSource {
  const name = safe(text);
  if (outcome === undefined) return { name, state: 'unread' };
  if ('error' in outcome) {
    const { error } = outcome;
    if (error instanceof ActionError && error.code === 'SOURCE_MISSING') return { name, state: 'missing' };
    return { name, state: 'refused', reason: safe(messageOf(error)) };
  }
  const [first] = outcome;
  if (first === undefined) return { name, state: 'unread' };
  const images = outcome.filter(({ kind }) => kind === 'image');
  const platforms = images.flatMap(({ descriptor }) => descriptor.platform ?? []);
  return { name, state: 'found', digest: first.descriptor.digest, platforms };
}
