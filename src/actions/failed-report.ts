import { formatReference, sameRepository } from '../oci/reference.ts';
import type { SourceOutcome } from '../pipeline/plan.ts';
import { type TagState, TagsError } from '../pipeline/tag-outcome.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { SourceLine } from '../sources/source.ts';
import type { Run } from './run.ts';
import type { FailedReport, FailedRunTag, ReportedFailure, ReportedSource } from './summary/report.ts';

/** The report of a failed run: the state of each source and each tag, without secrets. */
export function failedReport(
  failure: ReportedFailure,
  error: unknown,
  log: Pick<RunnerLog, 'warnings' | 'withoutSecrets'>,
  run: Run | undefined,
): FailedReport {
  const safe = (text: string): string => log.withoutSecrets(text);
  const sources = (run?.request.lists ?? []).flatMap((list) => list.sources);
  return {
    status: 'failed',
    failure,
    tags: tagsOf(error, run).map((tag) => ({ ...tag, reason: tag.reason && safe(tag.reason) })),
    sources: sources.map((line) => reportedSource(line, run?.sourceOutcomes.get(line), safe)),
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
  const images = outcome.filter(({ attestationSubject }) => attestationSubject === undefined);
  const platforms = images.flatMap(({ descriptor }) => descriptor.platform ?? []);
  return { name, state: 'found', digest: first.descriptor.digest, platforms };
}

const standings: Readonly<Record<TagState, FailedRunTag['state']>> = {
  underway: 'unknown',
  set: 'moved',
  left: 'untouched',
};

function tagsOf(error: unknown, run: Run | undefined): readonly FailedRunTag[] {
  const known = error instanceof TagsError ? error.tags : [];
  const tags = (run?.request.lists ?? []).flatMap((list) => list.tags);
  return tags.map(({ repository, tag }) => {
    const told = known.find((each) => each.tag === tag && sameRepository(each.repository, repository));
    if (told !== undefined) return { repository, tag, state: told.standing, reason: told.state };
    const state = run?.tags.get(formatReference({ repository, tag }));
    return { repository, tag, state: state === undefined ? 'untouched' : standings[state] };
  });
}
