import type { ListRequest, PublishRequest } from '../../pipeline/request.ts';
import type { InputProblem } from '../../run/errors.ts';

/** The inputs that decide how several jobs publish one tag. */
type SharedTags = Pick<PublishRequest, 'missingSources' | 'waitForSources' | 'sourceTags'> &
  Pick<ListRequest, 'base'>;

/** What of these inputs cannot both hold, with both of them named. */
export function findContradictions({
  missingSources,
  base,
  sourceTags,
}: SharedTags): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  if (base === 'amend' && missingSources === 'defer') {
    const message =
      'amend: true cannot be combined with `missing-sources: defer`, which publishes only a list that has all sources; remove one of them';
    problems.push({ input: 'amend', message });
  }
  if (sourceTags === 'purge' && missingSources === 'ignore') {
    const message =
      'true cannot be combined with `missing-sources: ignore`: other jobs would not find the sources any more, and publish a list without them; use `missing-sources: defer`, or remove the tags in a last job with the purging action';
    problems.push({ input: 'purge-sources', message });
  }
  return problems;
}

/** What of these inputs is valid, but makes jobs miss each other's sources. */
export function findRisks({ missingSources, waitForSources }: SharedTags): readonly string[] {
  if (missingSources === 'error' || waitForSources > 0) return [];
  const outcome = missingSources === 'defer' ? 'none of them publishes' : 'the list stays incomplete';
  return [
    `wait-for-sources is 0: a registry may show a new tag only after a while. Two jobs that finish at the same time may then miss each other's image, and ${outcome}. Set it to a few seconds at least.`,
  ];
}
