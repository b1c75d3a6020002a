import { formatReference, sameRepository } from '../oci/reference.ts';
import { isSameTag } from '../pipeline/list.ts';
import type { TargetTag } from '../pipeline/request.ts';
import { TagMovedError } from '../pipeline/tag.ts';
import { nextStep, type SourceReading, waitsForMissing } from '../policy/missing-sources.ts';
import { between } from '../run/clock.ts';
import { ActionError, ConflictError, SourceError } from '../run/errors.ts';
import { settle } from './read-back.ts';
import type { Result } from './result.ts';
import { publishRound } from './round.ts';
import type { Run } from './run.ts';
import type { RoundSources } from './source-readings.ts';

/** Maximum rounds: a list of 64 sources that appear one by one needs 64. */
const maxRounds = 100;

/** Maximum rounds that write the same lists again because other jobs have set their tags. */
const maxRepeats = 5;

/** Milliseconds before lists are written again, random, so that jobs that write at the same time do not collide again. */
const repeatPause = { min: 300, max: 3000 };

/** The end of a run, and the last readings of its sources; none with `missing-sources: error`. */
type RunEnd = { readonly readings: readonly SourceReading[] } & (
  | { readonly kind: 'published'; readonly results: readonly Result[] }
  | { readonly kind: 'deferred' }
);

interface Written {
  readonly results: readonly Result[];
  /** Why it must be written again: another job has set the tags. */
  readonly undone?: ActionError;
}

/**
 * Publishes the lists of a run in as many rounds as it takes: with `missing-sources`, until the last round has all
 * sources that exist, and until the tags hold what it wrote. Throws SourceError SOURCE_MISSING when no source exists,
 * SOURCE_UNSTABLE when the sources keep changing, and the conflict when other jobs set the tags after every round.
 */
export async function publishRounds(run: Run, publish = publishRound): Promise<RunEnd> {
  const { request, context, ledger } = run;
  let sources: RoundSources = 'all';
  let last: Written | undefined;
  let repeats = 0;
  for (let count = 0; count < maxRounds; count += 1) {
    const { step, readings } = await look(sources, last, run);
    if (step.kind === 'publish') sources = step.sources;
    else if (last === undefined) return unpublished(step.kind, readings, run);
    else if (last.undone === undefined) return published(last, readings, run);
    else if (repeats === maxRepeats) throw await conflict(last.undone, run);
    else {
      repeats += 1;
      await context.clock.sleep(between(repeatPause, context.clock));
    }
    // Other jobs may have set the tags since they were read.
    if (last !== undefined || ledger.isOld) ledger.reread(request.lists.flatMap(({ tags }) => tags));
    last = await writeRound(() => publish(sources, run), last, run);
    if (run.rounds === 'one') return published(last, readings, run);
  }
  throw unstable();
}

/** What to do next; `all` publishes every source, and fails if one is missing. */
type Step = ReturnType<typeof nextStep> | { readonly kind: 'publish'; readonly sources: 'all' };

async function look(sources: RoundSources, last: Written | undefined, run: Run) {
  const { missingSources, waitForSources } = run.request;
  if (missingSources === 'error') {
    const step: Step = last === undefined ? { kind: 'publish', sources: 'all' } : { kind: 'finish' };
    return { step, readings: [] };
  }
  const written = sources === 'all' ? undefined : sources;
  const wait = waitsForMissing(missingSources, written) ? waitForSources : 0;
  const readings = await run.log.group('Look for the sources', () => run.sources.read(wait));
  return { step: nextStep(missingSources, readings, written), readings };
}

async function writeRound(publish: () => Promise<readonly Result[]>, last: Written | undefined, run: Run) {
  try {
    return { results: await settle(await publish(), run) };
  } catch (error) {
    if (run.rounds === 'several' && isUndone(error, last)) return { results: [], undone: error };
    throw error;
  }
}

// Another job may be about to set all tags; tags that hold the same different content twice are none of its doing.
function isUndone(error: unknown, last: Written | undefined): error is ActionError {
  if (!(error instanceof ActionError)) return false;
  if (error.code === 'AMEND_TAGS') return error.message !== last?.undone?.message;
  return error instanceof TagMovedError || error.code === 'OVERTAKEN';
}

async function published(
  { results }: Written,
  readings: readonly SourceReading[],
  { log, guards, ledger }: Run,
): Promise<RunEnd> {
  const served = results.map((result) => ({ ...result, manifest: result.served }));
  const isDenied = (tag: TargetTag) => results.some((result) => hasNoAccess(result, tag));
  await log.group('Compare with the earlier lists', () => guards.warn(served, ledger.before, isDenied));
  return { kind: 'published', results, readings };
}

// A warning has said so when the tag was read back, or in a dry run.
function hasNoAccess({ state, request, pushAccess = [] }: Result, tag: TargetTag): boolean {
  if (state === 'confirmed' && request.tags.some((each) => isSameTag(each, tag))) return true;
  return pushAccess.some(({ repository, grant }) => {
    return grant === 'denied' && sameRepository(repository, tag.repository);
  });
}

async function unpublished(
  step: Step['kind'],
  readings: readonly SourceReading[],
  { log, sources }: Run,
): Promise<RunEnd> {
  if (step !== 'defer') throw noSource(readings);
  await log.group('Resolve the sources', () => sources.check(readings));
  return { kind: 'deferred', readings };
}

async function conflict(cause: ActionError, { request, ledger }: Run): Promise<ActionError> {
  const amended = request.lists.flatMap(({ base, tags }) => (base === 'amend' ? tags : []));
  if (amended.length === 0) return cause;
  const held = await Promise.all(
    amended.map(async (tag) => `${formatReference(tag)} ${await ledger.describe(tag)}`),
  );
  const headline = `Other jobs changed the tags during all ${maxRepeats + 1} attempts to amend them:`;
  return new ConflictError('AMEND_CONFLICT', [headline, ...held].join('\n'), {
    hint: 'Let only one job at a time amend a tag: give the jobs a `concurrency:` group.',
    cause,
  });
}

function noSource(readings: readonly SourceReading[]): SourceError {
  const labels = readings.map(({ label }) => label).join(', ');
  return new SourceError('SOURCE_MISSING', `None of the sources exists: ${labels}`, {
    hint: 'Push the image of this job before this step, and check the names in `sources`.',
  });
}

function unstable(): ActionError {
  const message = `The sources changed ${maxRounds} times while they were published`;
  return new ActionError('SOURCE_UNSTABLE', message, {
    hint: 'Give each run its own staging tags, with `github.run_id` in their names.',
  });
}
