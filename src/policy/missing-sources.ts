import type { Digest } from '../oci/digest.ts';
import { quote } from '../oci/format-error.ts';

/**
 * How the jobs of a matrix publish one list without a merge job. Each job pushes its own source, then looks at
 * all sources and does what {@link nextStep} returns until that is `finish`, `defer` or `nothing`.
 *
 *     defer     publishes only when every source exists: the tag is never incomplete
 *     ignore    publishes the sources that exist: the tag is complete at the end, and may be incomplete until then
 *
 * Why it ends complete: a job finishes only after a look, begun after its last PUT, that found nothing it did not
 * publish. Take the last PUT of all jobs: at that job's last look every source was in it, because a source that
 * appears later has a job that looks after that, finds it new and PUTs again.
 *
 * This requires:
 *
 *  -  A source is pushed before its job looks, is not removed while the jobs run, and is not left from an earlier run.
 *  -  A look waits for missing sources for longer than a registry may hide a new tag. Otherwise, two jobs that push
 *     at the same moment can miss each other: with `defer` no job publishes, with `ignore` the list stays incomplete.
 *     Only a look that may be the last must wait: see {@link waitsForMissing}.
 *  -  A tag that is pushed again, for example when all jobs run again, is updated at once: a look waits only for
 *     missing sources.
 *  -  A job that is killed between its PUT and its look may leave an older list; it is red then.
 */
export type MissingSources = 'defer' | 'ignore';

const soleSourceRemedies = `List all platforms of the matrix in \`platforms\`, instead of \`\${{ matrix.platform }}\`, and write the source with \`{platform}\`. Or, if the matrix may have only one job, set missing-sources to \`\${{ strategy.job-total > 1 && 'defer' || 'error' }}\``;

/** The result of a look for one source. */
export interface SourceReading {
  /** The name of the source in messages; the same in every look. */
  readonly label: string;
  /** Undefined for a source that is missing. */
  readonly digest: Digest | undefined;
}

/**
 * The next step of a job after a look.
 *
 *     publish     writes the list of these sources, then looks again
 *     defer       ends without having published: another job will
 *     finish      ends: the last list that it published has all sources that exist
 *     nothing     no source exists, not even its own
 */
type MissingSourcesStep =
  | { readonly kind: 'publish'; readonly sources: readonly SourceReading[] }
  | { readonly kind: 'defer' | 'finish' | 'nothing' };

/**
 * Decides what a job does after a look.
 *
 * @param look every source, in the order of the list
 * @param published the sources of the list that this job wrote last; undefined before its first PUT
 */
export function nextStep(
  mode: MissingSources,
  look: readonly SourceReading[],
  published: readonly SourceReading[] | undefined,
): MissingSourcesStep {
  const found = look.filter(isFound);
  if (published !== undefined && !isNewer(found, published)) return { kind: 'finish' };
  if (found.length === 0) return { kind: 'nothing' };
  if (mode === 'defer' && found.length < look.length) {
    return { kind: published === undefined ? 'defer' : 'finish' };
  }
  return { kind: 'publish', sources: remembered(look, published ?? []) };
}

/**
 * The flaw of a list that defers although it names the only source of its own job: every job would find all its sources
 * and publish its own image alone. Undefined for a list of several sources or platforms.
 */
export function soleSourceFlaw(
  sources: readonly string[],
  platforms: readonly unknown[],
): string | undefined {
  const [own, ...others] = sources;
  if (own === undefined || others.length > 0 || platforms.length > 1) return undefined;
  return `defer has one source, ${quote(own)}, so each job would publish its own image alone. ${soleSourceRemedies}`;
}

/** Whether a look waits for missing sources; with `defer`, one that is missing after a PUT was removed since. */
export function waitsForMissing(
  mode: MissingSources,
  published: readonly SourceReading[] | undefined,
): boolean {
  return mode === 'ignore' || published === undefined;
}

function isFound({ digest }: SourceReading): boolean {
  return digest !== undefined;
}

// A source that moved counts as new: a job that runs again pushes its tag a second time.
function isNewer(found: readonly SourceReading[], published: readonly SourceReading[]): boolean {
  const digests = new Map(published.map(({ label, digest }) => [label, digest]));
  return found.some(({ label, digest }) => digests.get(label) !== digest);
}

// Another job may have removed a source in the meantime; its published image stays in the list.
function remembered(
  look: readonly SourceReading[],
  published: readonly SourceReading[],
): readonly SourceReading[] {
  return look.flatMap((reading) => {
    const known = isFound(reading) ? reading : published.find(({ label }) => label === reading.label);
    return known ?? [];
  });
}
