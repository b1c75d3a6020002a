import { formatPlatform, samePlatform } from '../oci/platform.ts';
import { isSameTag } from '../pipeline/list.ts';
import type { ListRequest } from '../pipeline/request.ts';
import { platformsWithout } from '../pipeline/selection.ts';
import type { SourceReading } from '../policy/missing-sources.ts';
import { listName } from '../publish/each-list.ts';
import type { Result } from '../publish/result.ts';
import type { Environment } from '../run/environment.ts';
import type { Observer } from '../run/observer.ts';

/** Warns of sources that do not exist, and of lists and platforms that are not published without them. */
export function warnOfMissing(
  lists: readonly ListRequest[],
  results: readonly Result[],
  readings: readonly SourceReading[],
  observer: Pick<Observer, 'warning'>,
): void {
  const missing = missingOf(readings);
  // No tag is in two lists.
  const published = ({ tags: [first] }: ListRequest) => {
    return results.find(({ request, heldBack = [] }) => {
      return [...request.tags, ...heldBack].some((tag) => first && isSameTag(tag, first));
    });
  };
  const unpublished = lists.filter((list) => published(list) === undefined);
  const others = new Set(textsOf(lists.filter((list) => !unpublished.includes(list))));
  const told = new Set(textsOf(unpublished).filter((text) => !others.has(text)));
  const lacking = missing.filter((label) => !told.has(label));
  if (lacking.length > 0) observer.warning(`Published without missing sources: ${lacking.join(', ')}`);
  if (unpublished.length > 0)
    observer.warning(
      `Not published, because none of the sources exists: ${unpublished.map(listName).join(', ')}`,
    );
  for (const list of lists) {
    const platforms = unexplained(list, new Set(missing), published(list)?.members);
    if (platforms.length > 0)
      observer.warning(`No source supplies ${platforms.join(', ')} for ${listName(list)} yet`);
  }
}

function textsOf(lists: readonly ListRequest[]): readonly string[] {
  return lists.flatMap(({ sources }) => sources.map(({ text }) => text));
}

// A missing source with a declared platform is reported once.
function unexplained(
  { platforms, sources }: ListRequest,
  missing: ReadonlySet<string>,
  members: Result['members'] | undefined,
): readonly string[] {
  if (members === undefined) return [];
  const absent = sources.filter(({ text }) => missing.has(text)).map(({ declared }) => declared);
  return platformsWithout(members, platforms)
    .filter((platform) => !absent.some((declared) => samePlatform({ ...platform, ...declared }, platform)))
    .map(formatPlatform);
}

/** The names of the sources that do not exist. */
export function missingOf(readings: readonly SourceReading[]): readonly string[] {
  return readings.filter(({ digest }) => digest === undefined).map(({ label }) => label);
}

/** Warns of a job that defers in a later attempt: alone, after a clean-up, it waits for images that nothing pushes. */
export function warnOfAttempt(
  { GITHUB_RUN_ATTEMPT: attempt = '1' }: Environment,
  observer: Pick<Observer, 'warning'>,
): void {
  if (!/^\d+$/.test(attempt) || Number(attempt) < 2) return;
  observer.warning(
    `This job deferred in attempt ${attempt} of the run. The list is only published if another job of this attempt pushes the missing sources. If they were removed after an earlier attempt, re-run all jobs.`,
  );
}
