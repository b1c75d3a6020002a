import {
  type MissingSources,
  nextStep,
  type SourceReading,
  waitsForMissing,
} from '../../policy/missing-sources.ts';
import type { Clock } from '../../run/clock.ts';
import { ActionError, SourceError } from '../../run/errors.ts';

/** The content of the tags when a job read its list back. */
export interface RoundOutcome {
  /** The error when another run overwrote the list with one that does not have all entries; otherwise undefined. */
  readonly overwritten?: ActionError | undefined;
}

/** The actions of a matrix leg (one job of the matrix) in one round. */
interface Leg<Outcome extends RoundOutcome> {
  /** Reads every source, and waits for missing ones for the given milliseconds. */
  look(wait: number): Promise<readonly SourceReading[]>;
  /** Publishes the lists of these sources and reads them back. */
  publish(sources: readonly SourceReading[]): Promise<Outcome>;
}

/** The waiting rules of a leg. */
interface LegRules {
  readonly mode: MissingSources;
  /** Milliseconds for which a registry may hide a new tag. */
  readonly wait: number;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  /** `one` for a dry run, which publishes nothing that could change. */
  readonly rounds: 'repeated' | 'one';
}

/** The end of a leg, and the result of its last look at the sources. */
export type LegEnd<Outcome> =
  | { readonly kind: 'published'; readonly outcome: Outcome; readonly look: readonly SourceReading[] }
  | { readonly kind: 'deferred'; readonly look: readonly SourceReading[] };

/** Maximum rounds of a leg: a list of 64 sources that appear one by one needs 64. */
const maxRounds = 100;

/** Maximum times that a list is written again because another leg overwrote it with an older one. */
const maxRepeats = 5;

/** Milliseconds between two writes of the same list. */
const repeatPause = { min: 500, max: 2500 };

/**
 * Runs the rounds of one leg as nextStep decides. A list that a slower leg has overwritten with an older one is written
 * again. Throws SourceError SOURCE_MISSING when no source exists, SOURCE_UNSTABLE when the sources keep changing, and
 * the error of the round when other legs keep overwriting its list.
 */
export async function runLeg<Outcome extends RoundOutcome>(
  { mode, wait, clock, rounds }: LegRules,
  leg: Leg<Outcome>,
): Promise<LegEnd<Outcome>> {
  let published: readonly SourceReading[] | undefined;
  let outcome: Outcome | undefined;
  let repeats = 0;
  for (let round = 0; round < maxRounds; round += 1) {
    const look = await leg.look(waitsForMissing(mode, published) ? wait : 0);
    const step = nextStep(mode, look, published);
    if (step.kind === 'publish') {
      published = step.sources;
    } else if (published === undefined || outcome === undefined) {
      if (step.kind === 'nothing') throw noSource(look);
      return { kind: 'deferred', look };
    } else if (outcome.overwritten === undefined) {
      return { kind: 'published', outcome, look };
    } else {
      if (repeats === maxRepeats) throw outcome.overwritten;
      repeats += 1;
      await clock.sleep(repeatPause.min + clock.random() * (repeatPause.max - repeatPause.min));
    }
    outcome = await leg.publish(published);
    if (rounds === 'one') return { kind: 'published', outcome, look };
  }
  throw unstable();
}

function noSource(look: readonly SourceReading[]): SourceError {
  const labels = look.map(({ label }) => label).join(', ');
  return new SourceError('SOURCE_MISSING', `None of the sources exists: ${labels}`, {
    hint: 'Push the image of this job before this step, and check the names in `sources`.',
  });
}

function unstable(): ActionError {
  return new ActionError(
    'SOURCE_UNSTABLE',
    `The sources changed ${maxRounds} times while they were published`,
    {
      hint: 'Give each run its own staging tags, with `github.run_id` in their names.',
    },
  );
}
