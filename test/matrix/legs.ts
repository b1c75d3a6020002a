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
}

/** The image that a leg pushes, by platform. */
export function imageOf(platform: string, round: string): TestContent {
  return makeImage(platform, { name: round });
}

/** Runs all legs at once; every leg ends with its step. */
export function runLegs(t: Scenario, options: LegsOptions): Promise<readonly ActionRun[]> {
  const { mode, round, random, sleep, pause } = options;
  const inputs = {
    tags: t.ref(`app:${round}`),
    sources: t.ref(`app:run-${round}-{platform}`),
    platforms: platforms.join('\n'),
    'missing-sources': mode,
    ...options.inputs,
  };
  return Promise.all(
    platforms.map(async (platform) => {
      const [early, late] = [random() * pause, random() * pause];
      await sleep(early);
      await t.push(`app:run-${round}-${platform.replaceAll('/', '-')}`, imageOf(platform, round));
      await sleep(late);
      return t.publish(inputs, options.run);
    }),
  );
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
