import type { Clock } from '../../run/clock.ts';
import { ActionError, ConflictError, messageOf } from '../../run/errors.ts';

/** Maximum attempts to amend and write a list while other jobs change its tags. */
const maxAttempts = 5;

/** Milliseconds between two attempts, random, so that jobs that amend at the same time do not collide again. */
const pause = { min: 300, max: 3000 };

/** Milliseconds until the tags are read once more: longer than another job takes from its read to its PUT. */
const settlePause = { min: 1000, max: 1500 };

/** One attempt; `attempt` counts from 1. */
interface AmendSteps<Outcome> {
  /**
   * Merges and writes; throws movedError or VerifyError OVERTAKEN when another job writes the tags at the same time, and
   * ConflictError AMEND_TAGS when they hold different content.
   */
  write(attempt: number): Promise<Outcome>;
  /** Whether the tags hold what was written. */
  isHeld(outcome: Outcome): Promise<boolean>;
}

/**
 * Amends until the tags hold the written list. A registry has no compare-and-swap: the tags are read right before the
 * write, right after it, and once more a moment later, which detects a job that read before our write and wrote after
 * it. Tags that hold different content are read again, because another job may be about to set them all. Throws
 * ConflictError AMEND_CONFLICT when other jobs change the tags during every attempt, and AMEND_TAGS when the tags hold
 * the same different content twice.
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

/** The error for a tag that another job changed between our read and our write. */
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
  const message = `Other jobs changed the tags during all ${maxAttempts} attempts to amend them`;
  return new ConflictError('AMEND_CONFLICT', message, {
    hint: 'Let only one job at a time amend a tag: give the jobs a `concurrency:` group.',
    cause,
  });
}

function between({ min, max }: typeof pause, { random }: Pick<Clock, 'random'>): number {
  return min + random() * (max - min);
}
