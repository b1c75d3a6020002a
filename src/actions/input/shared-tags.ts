import { formatReference } from '../../oci/reference.ts';
import type { ListRequest, PublishRequest } from '../../pipeline/request.ts';
import { soleSourceFlaw } from '../../policy/missing-sources.ts';
import { matchesTagGlob } from '../../policy/tag-glob.ts';
import type { InputProblem } from '../../run/errors.ts';
import type { Locator } from '../../sources/source.ts';

type ConflictingInputs = Pick<
  ListRequest,
  'base' | 'tags' | 'immutableTags' | 'forwardOnlyTags' | 'removedPlatforms'
>;

/** Conflicts between inputs of one list and inputs of the step; each problem names both inputs. */
export function findContradictions(
  { base, tags, immutableTags, forwardOnlyTags, removedPlatforms }: ConflictingInputs,
  missingSources: PublishRequest['missingSources'],
): readonly InputProblem[] {
  const [fixed, forward] = [immutableTags, forwardOnlyTags].map((globs) => {
    const found = tags.find(({ tag }) => globs.some((glob) => matchesTagGlob(glob, tag)));
    return found && formatReference(found);
  });
  const ignores = missingSources === 'ignore';
  const remedy = 'use `missing-sources: defer`';
  const problems: readonly (readonly [isFound: boolean, input: string, message: string])[] = [
    [
      base === 'amend' && missingSources === 'defer',
      'amend',
      'cannot be combined with `missing-sources: defer`, which publishes only a list that has all sources; remove one of them',
    ],
    [
      base === 'amend' && fixed !== undefined,
      'amend',
      `cannot be combined with \`immutable-tags\` for ${fixed}, which it would move; remove one of them`,
    ],
    [
      ignores && fixed !== undefined,
      'missing-sources',
      `ignore cannot be combined with \`immutable-tags\` for ${fixed}, which moves as more sources appear; ${remedy}`,
    ],
    [
      ignores && forward !== undefined,
      'missing-sources',
      `ignore cannot be combined with \`forward-only-tags\` for ${forward}: every job writes the list again as more sources appear, also after a newer version was published; ${remedy}`,
    ],
    [
      ignores && removedPlatforms === 'error',
      'missing-sources',
      `ignore cannot be combined with \`removed-platforms: error\`, which fails every job until all sources exist; ${remedy}`,
    ],
  ];
  return problems.flatMap(([isFound, input, message]) => (isFound ? { input, message } : []));
}

/** The kinds of source lines that are one source; only reading the others shows how many they are. */
const singleKinds: ReadonlySet<Locator['kind']> = new Set(['reference', 'digest', 'descriptor']);

/** The flaw of a step that defers with one source, as far as its lines show it. */
export function findSoleSource({
  lists,
  form,
  missingSources,
}: Pick<PublishRequest, 'lists' | 'form' | 'missingSources'>): readonly InputProblem[] {
  if (missingSources !== 'defer' || form === 'spec') return [];
  return lists.flatMap(({ sources, platforms }) => {
    const isRead = sources.every(({ locator }) => singleKinds.has(locator.kind));
    const texts = sources.map(({ text }) => text);
    const message = isRead ? soleSourceFlaw(texts, platforms) : undefined;
    return message === undefined ? [] : { input: 'missing-sources', message };
  });
}

/** Conflicts between inputs of the step. */
export function findStepContradictions({
  missingSources,
  sourceTags,
}: Pick<PublishRequest, 'missingSources' | 'sourceTags'>): readonly InputProblem[] {
  if (missingSources === 'error' || sourceTags === 'keep') return [];
  // A job that reads later would treat a removed source as missing, and a source that is pushed again could be removed
  // before any job has published it.
  const message = `cannot be combined with \`missing-sources: ${missingSources}\`: other jobs may still need the sources. Remove the staging tags with the purge action, in a job that needs all jobs of the matrix`;
  return [{ input: 'purge-sources', message }];
}

/** Warnings about valid inputs with which jobs may miss each other's sources. */
export function findRisks({
  missingSources,
  waitForSources,
}: Pick<PublishRequest, 'missingSources' | 'waitForSources'>): readonly string[] {
  if (missingSources === 'error' || waitForSources > 0) return [];
  const outcome = missingSources === 'defer' ? 'none of them publishes' : 'the list stays incomplete';
  return [
    `wait-for-sources is 0: a registry may show a new tag only after a while. Two jobs that finish at the same time may then miss each other's image, and ${outcome}. Set it to at least a few seconds.`,
  ];
}
