import { isAmended, tagsOf } from '../pipeline/list.ts';
import type { PublishRequest } from '../pipeline/request.ts';
import { TagMovedError } from '../pipeline/tag.ts';
import { nextStep, type SourceReading, waitsForMissing } from '../policy/missing-sources.ts';
import type { Clock } from '../run/clock.ts';
import { ActionError, ConflictError, SourceError } from '../run/errors.ts';
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

/** Milliseconds until amended tags are read once more: longer than another job takes from its read to its PUT. */
const settlePause = { min: 1000, max: 1500 };

/** The end of a run, and the last readings of its sources; none with `missing-sources: error`. */
type RunEnd =
  | {
      readonly kind: 'published';
      readonly results: readonly Result[];
      readonly readings: readonly SourceReading[];
    }
  | { readonly kind: 'deferred'; readonly readings: readonly SourceReading[] };

/** What a round has written. */
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
    else if (repeats === maxRepeats) throw conflict(last.undone, request);
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

async function look(
  sources: RoundSources,
  last: Written | undefined,
  run: Run,
): Promise<{ readonly step: Step; readonly readings: readonly SourceReading[] }> {
  const { missingSources, waitForSources } = run.request;
  if (missingSources === 'error') {
    return {
      step: last === undefined ? { kind: 'publish', sources: 'all' } : { kind: 'finish' },
      readings: [],
    };
  }
  const written = sources === 'all' ? undefined : sources;
  const wait = waitsForMissing(missingSources, written) ? waitForSources : 0;
  const readings = await run.log.group('Look for the sources', () => run.sources.read(wait));
  return { step: nextStep(missingSources, readings, written), readings };
}

async function writeRound(
  publish: () => Promise<readonly Result[]>,
  last: Written | undefined,
  run: Run,
): Promise<Written> {
  try {
    const results = await publish();
    return (await isHeld(results, run)) ? { results } : { results, undone: new TagMovedError() };
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

// A registry has no compare-and-swap: a job that read the tags before this one wrote them may write them after it.
async function isHeld(results: readonly Result[], { request, context, ledger }: Run): Promise<boolean> {
  if (request.mode === 'dry-run' || !results.some(isAmended)) return true;
  await context.clock.sleep(between(settlePause, context.clock));
  ledger.reread(tagsOf(results));
  const held = results.flatMap(({ tags, served }) =>
    tags.map(async (tag) => (await ledger.of(tag)) === served.digest),
  );
  return (await Promise.all(held)).every(Boolean);
}

async function published(
  { results }: Written,
  readings: readonly SourceReading[],
  { log, guards, ledger }: Run,
): Promise<RunEnd> {
  const served = results.map((result) => ({ ...result, manifest: result.served }));
  await log.group('Compare with the earlier lists', () => guards.warn(served, ledger.before));
  return { kind: 'published', results, readings };
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

function conflict(cause: ActionError, { lists }: PublishRequest): ActionError {
  if (lists.every(({ base }) => base === 'replace')) return cause;
  const message = `Other jobs changed the tags during all ${maxRepeats + 1} attempts to amend them`;
  return new ConflictError('AMEND_CONFLICT', message, {
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

function between({ min, max }: typeof repeatPause, { random }: Pick<Clock, 'random'>): number {
  return min + random() * (max - min);
}
