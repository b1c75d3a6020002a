import {
  type MissingSources,
  nextStep,
  type SourceReading,
  waitsForMissing,
} from '../../policy/missing-sources.ts';
import type { Clock } from '../../run/clock.ts';
import { ActionError, SourceError } from '../../run/errors.ts';

/** What the tags held when a leg read its list back. */
export interface RoundOutcome {
  /** The error of a list that another run overwrote with one that lacks entries of ours; undefined when all is well. */
  readonly overwritten?: ActionError | undefined;
}

/** What a leg of a matrix does in one round. */
interface Leg<Outcome extends RoundOutcome> {
  /** Reads every source, and asks for missing ones for so many milliseconds. */
  look(wait: number): Promise<readonly SourceReading[]>;
  /** Publishes the lists of these sources and reads them back. */
  publish(sources: readonly SourceReading[]): Promise<Outcome>;
}

/** How a leg waits. */
interface LegRules {
  readonly mode: MissingSources;
  /** Milliseconds for which a registry may hide a new tag. */
  readonly wait: number;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  /** `one` for a dry run, which publishes nothing that could change. */
  readonly rounds: 'repeated' | 'one';
}

/** How a leg ended, and what its last look found. */
export type LegEnd<Outcome> =
  | { readonly kind: 'published'; readonly outcome: Outcome; readonly look: readonly SourceReading[] }
  | { readonly kind: 'deferred'; readonly look: readonly SourceReading[] };

/** Rounds of a leg: a list of 64 sources that appear one by one takes 64. */
const maxRounds = 100;

/** Times that a list is written again because an older one of another leg took its place. */
const maxRepeats = 5;

/** Milliseconds between two writes of the same list. */
const repeatPause = { min: 500, max: 2500 };

/**
 * Takes one leg through its rounds as nextStep decides. A list that a slower leg has overwritten with an older one is
 * written again. Throws SourceError SOURCE_MISSING when no source exists, SOURCE_UNSTABLE when the sources never stop
 * changing, and the round's own error when others keep overwriting its list.
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
