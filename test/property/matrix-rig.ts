/** A model of the jobs of a matrix that publish one list in a shared registry, one atomic step at a time. */
import type { Digest } from '../../src/oci/digest.ts';
import {
  type MissingSources,
  nextStep,
  type SourceReading,
  waitsForMissing,
} from '../../src/policy/missing-sources.ts';
import { digestFor } from '../unit/policy/entries.ts';

/** The content of the tag after a PUT: the digests of its sources. */
export type TagContent = ReadonlySet<Digest>;

/** A registry whose tags can be read only some steps after they were written. */
export class ModelRegistry {
  readonly #staged = new Map<string, { readonly digest: Digest; readonly at: number }[]>();
  readonly #lag: number;
  /** Every content the tag ever had, the last one now. */
  readonly history: TagContent[] = [];
  now = 0;

  constructor(lag: number) {
    this.#lag = lag;
  }

  stage(label: string, version = 1): void {
    const versions = this.#staged.get(label) ?? [];
    this.#staged.set(label, [...versions, { digest: digestFor(`${label} ${version}`), at: this.now }]);
  }

  unstage(label: string): void {
    this.#staged.delete(label);
  }

  read(label: string): Digest | undefined {
    return this.#staged.get(label)?.findLast(({ at }) => this.now - at >= this.#lag)?.digest;
  }

  put(sources: readonly SourceReading[]): void {
    this.history.push(new Set(sources.flatMap(({ digest }) => digest ?? [])));
  }
}

export interface JobOptions {
  readonly mode: MissingSources;
  readonly labels: readonly string[];
  /** The number of steps for which a look waits for missing sources. */
  readonly wait: number;
  /** The content this job pushes; undefined for a job whose build failed. */
  readonly version: number | undefined;
  /** `never` leaves out the look after a PUT, to show what it is for. */
  readonly looksAgain?: 'never';
}

/** Runs one job: yields wherever another job could act in between; returns how it ended. */
export function* runJob(registry: ModelRegistry, own: string, options: JobOptions): Generator<void, string> {
  if (options.version === undefined) return 'failed';
  registry.stage(own, options.version);
  let published: readonly SourceReading[] | undefined;
  for (;;) {
    yield;
    const wait = waitsForMissing(options.mode, published) ? options.wait : 0;
    const readings = yield* look(registry, options.labels, wait);
    const step = nextStep(options.mode, readings, published);
    if (step.kind !== 'publish') return step.kind;
    yield;
    registry.put(step.sources);
    published = step.sources;
    if (options.looksAgain === 'never') return 'finish';
  }
}

// Gives up only after a round that began when the wait was over.
function* look(
  registry: ModelRegistry,
  labels: readonly string[],
  wait: number,
): Generator<void, readonly SourceReading[]> {
  const found = new Map<string, Digest>();
  for (const began = registry.now; ; ) {
    const isLast = registry.now - began >= wait;
    for (const label of labels.filter((each) => !found.has(each))) {
      const digest = registry.read(label);
      if (digest !== undefined) found.set(label, digest);
      yield;
    }
    if (isLast || found.size === labels.length) break;
  }
  return labels.map((label) => ({ label, digest: found.get(label) }));
}

/**
 * Runs the jobs: those of `schedule` take their next step in its order, then all take turns until they have ended.
 * Gives how each ended.
 */
export function runSchedule(
  registry: ModelRegistry,
  jobs: readonly Generator<void, string>[],
  schedule: readonly number[],
): readonly string[] {
  const ends = new Map<number, string>();
  const step = (at: number): void => {
    const job = jobs[at];
    if (job === undefined || ends.has(at)) return;
    const { done, value } = job.next();
    registry.now += 1;
    if (done) ends.set(at, value);
  };
  for (const at of schedule) step(at);
  while (ends.size < jobs.length) for (const at of jobs.keys()) step(at);
  return jobs.map((_, at) => ends.get(at) ?? '');
}
