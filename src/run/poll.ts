import type { Clock } from './clock.ts';

/** Milliseconds between two looks: the first pause, which is doubled up to the longest. */
interface PollPauses {
  readonly first: number;
  readonly max: number;
}

/** The finding of one look: the result, or the time until which to look again, and what to do after that. */
export type Look<T> =
  | { readonly result: T }
  | {
      /** On the clock, in milliseconds. */
      readonly retryUntil: number;
      /** Gives the result of a poll that ran out of time, or throws. */
      readonly otherwise: () => T;
    };

/** Looks until there is a result or the time that the last look allowed is over; the last look is at its end. */
export async function pollUntil<T>(
  clock: Pick<Clock, 'now' | 'sleep'>,
  pauses: PollPauses,
  look: () => Promise<Look<T>>,
): Promise<T> {
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.max)) {
    const found = await look();
    if ('result' in found) return found.result;
    const left = found.retryUntil - clock.now();
    if (left <= 0) return found.otherwise();
    await clock.sleep(Math.min(pause, left));
  }
}
