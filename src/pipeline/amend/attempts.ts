import type { Clock } from '../../run/clock.ts';
import { ActionError, ConflictError, messageOf } from '../../run/errors.ts';

/** Times that a list is amended and written before another job counts as one that never stops. */
const maxAttempts = 5;

/** Milliseconds between two attempts, at random, so that jobs that amend at once do not stay in step. */
const pause = { min: 300, max: 3000 };

/** Milliseconds after which the tags are looked at once more: longer than another job takes from its look to its PUT. */
const settlePause = { min: 1000, max: 1500 };

/** One attempt; `attempt` counts from 1. */
interface AmendSteps<Outcome> {
  /**
   * Merges and writes; throws movedError or VerifyError OVERTAKEN when another job writes the tags meanwhile, and
   * ConflictError AMEND_TAGS when they hold different content.
   */
  write(attempt: number): Promise<Outcome>;
  /** Whether the tags hold what was written. */
  isHeld(outcome: Outcome): Promise<boolean>;
}

/**
 * Amends until the tags hold what was written. A registry has no compare-and-swap: the tags are looked at right before
 * the write, read back right after it, and looked at once more a moment later, which catches a job that looked before
 * our write and wrote after it. Tags that hold different content are looked at again, because another job may be about
 * to set them all. Throws ConflictError AMEND_CONFLICT when others change the tags every time, and AMEND_TAGS when they
 * hold the same different content twice.
 */
export async function amendUntilHeld<Outcome>(
  clock: Pick<Clock, 'sleep' | 'random'>,
  { write, isHeld }: AmendSteps<Outcome>,
): Promise<Outcome> {
  let cause: unknown;
  let different: string | undefined;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (attempt > 1) await clock.sleep(between(pause, clock));
    try {
      const outcome = await write(attempt);
      await clock.sleep(between(settlePause, clock));
      if (await isHeld(outcome)) return outcome;
    } catch (error) {
      if (!isMoved(error) && !(isDifferent(error) && messageOf(error) !== different)) throw error;
      different = isDifferent(error) ? messageOf(error) : undefined;
      cause = error;
    }
  }
  throw conflict(cause);
}

/** Another job changed a tag between our look and our write. */
export function movedError(): ConflictError {
  return new ConflictError('AMEND_CONFLICT', 'another job changed the tags before they were written');
}

function isMoved(error: unknown): boolean {
  return error instanceof ActionError && (error.code === 'AMEND_CONFLICT' || error.code === 'OVERTAKEN');
}

function isDifferent(error: unknown): boolean {
  return error instanceof ActionError && error.code === 'AMEND_TAGS';
}

function conflict(cause: unknown): ConflictError {
  const message = `Other jobs changed the tags each of the ${maxAttempts} times that they were amended`;
  return new ConflictError('AMEND_CONFLICT', message, {
    hint: 'Let only one job at a time amend a tag: give the jobs a `concurrency:` group.',
    cause,
  });
}

function between({ min, max }: typeof pause, { random }: Pick<Clock, 'random'>): number {
  return min + random() * (max - min);
}
