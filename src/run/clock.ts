/** The clock of a run; tests pass their own. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to 1, for jitter. */
  readonly random: () => number;
}

/** A random number of milliseconds. */
export function between(
  { min, max }: { readonly min: number; readonly max: number },
  clock: Pick<Clock, 'random'>,
): number {
  return min + clock.random() * (max - min);
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
  random: Math.random,
};
