/** The legs of a matrix: each pushes its image under a staging tag of the run, then runs the step itself. */

import { makeImage, type TestContent } from '../support/images/images.ts';
import type { ManifestDocument } from '../support/images/manifest-document.ts';
import type { ActionInputs, ActionRun, RunOptions } from '../support/run/run-action.ts';
import type { Scenario } from '../support/run/scenario.ts';

export const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
] as const;

/** Numbers from 0 up to 1 that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LegsOptions {
  readonly mode: 'defer' | 'ignore';
  /** Tells rounds apart. */
  readonly round: string;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** The longest pause before a leg's push and before its step. */
  readonly pause: number;
  readonly inputs?: ActionInputs;
  readonly run?: RunOptions;
  /** Inputs that differ between the legs. */
  readonly inputsFor?: (platform: string) => ActionInputs;
  /** A leg that ends after its push. */
  readonly lost?: string;
  /** The legs to run; default all. */
  readonly only?: readonly string[];
  /** Tells contents apart; default `round`. */
  readonly content?: string;
}

/** The image that a leg pushes, by platform. */
export function imageOf(platform: string, round: string): TestContent {
  return makeImage(platform, { name: round });
}

/** Runs all legs at once; every leg ends with its step. */
export async function runLegs(t: Scenario, options: LegsOptions): Promise<readonly ActionRun[]> {
  const { mode, round, random, sleep, pause, only = platforms, content = round } = options;
  const inputs = {
    tags: t.ref(`app:${round}`),
    sources: t.ref(`app:run-${round}-{platform}`),
    platforms: platforms.join('\n'),
    'missing-sources': mode,
    ...options.inputs,
  };
  const runs = await Promise.all(
    only.map(async (platform) => {
      const [early, late] = [random() * pause, random() * pause];
      await sleep(early);
      await t.push(`app:run-${round}-${platform.replaceAll('/', '-')}`, imageOf(platform, content));
      await sleep(late);
      if (platform === options.lost) return [];
      return [await t.publish({ ...inputs, ...options.inputsFor?.(platform) }, options.run)];
    }),
  );
  return runs.flat();
}

/** The digests of a list's entries, sorted. */
export function digestsOf(bytes: Uint8Array): readonly string[] {
  const { manifests = [] } = JSON.parse(Buffer.from(bytes).toString()) as ManifestDocument;
  return manifests.map(({ digest }) => digest).sort();
}

/** The digests that a complete list has. */
export function completeOf(round: string): readonly string[] {
  return platforms.map((platform) => imageOf(platform, round).digest).sort();
}
