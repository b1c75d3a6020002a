/** How many round trips a run takes one after the other: requests are held until no more come, then all let go. */
import type { TestRegistry } from '../registry/registry.ts';

/** Longer than a client thinks between two requests that it sends without waiting for an answer. */
const quiet = 250;

export interface Waves {
  /** Round trips so far. */
  readonly count: number;
  /** How many requests each of them had. */
  readonly sizes: readonly number[];
}

/** Holds all requests to come of these registries. */
export function countWaves(...registries: readonly TestRegistry[]): Waves {
  const sizes: number[] = [];
  let held: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const letGo = (): void => {
    const wave = held;
    held = [];
    sizes.push(wave.length);
    for (const go of wave) go();
  };
  const hold = (): Promise<void> => {
    clearTimeout(timer);
    timer = setTimeout(letGo, quiet);
    return new Promise((go) => held.push(go));
  };
  for (const registry of registries)
    registry.inject({ fault: 'before', call: hold, on: { times: Number.POSITIVE_INFINITY } });
  return {
    get count() {
      return sizes.length;
    },
    sizes,
  };
}
