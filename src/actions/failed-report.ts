import type { SourceOutcome } from '../pipeline/plan.ts';
import { describeStatus } from '../pipeline/tag.ts';
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
      const { why, ...status } = run?.ledger.status(tag) ?? { state: 'untouched' };
      return { ...tag, ...status, why: why && safe(why) };
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

/** A line for each tag of a cancelled publish. */
export function tagLines(run: Run | undefined): readonly string[] {
  if (run === undefined) return ['No tag was moved.'];
  const { request, ledger } = run;
  const tags = request.lists.flatMap((list) => list.tags);
  if (tags.every((tag) => ledger.status(tag).state === 'untouched')) return ['No tag was moved.'];
  return tags.map((tag) => describeStatus(tag, ledger.status(tag)));
}

/** A line for each tag of a source that a cancelled publish was to remove, and for each error that tags do not tell. */
export function sourceLines(run: Run | undefined, errors: readonly unknown[]): readonly string[] {
  const sources = run?.removal.removals.lines ?? [];
  const others = errors.filter((error) => !(error instanceof ActionError && toldByTags.has(error.code)));
  return [...(sources.length === 0 ? [] : ['Tags of sources:', ...sources]), ...others.map(messageOf)];
}

const toldByTags: ReadonlySet<string> = new Set(['STOPPED', 'TAGS_FAILED']);
