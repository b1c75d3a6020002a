/** How many round trips a run takes one after the other: requests are held until no more come, then all let go. */
import type { TestRegistry } from '../registry/registry.ts';
import { holdRequest, serverPause } from './test-clock.ts';

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
  let wave = { size: 0, go: Promise.withResolvers<void>() };
  const hold = async (): Promise<void> => {
    const own = wave;
    own.size += 1;
    const size = own.size;
    void serverPause(quiet).then(() => {
      if (own.size !== size || own !== wave) return;
      wave = { size: 0, go: Promise.withResolvers() };
      sizes.push(size);
      own.go.resolve();
    });
    await holdRequest(own.go.promise);
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
