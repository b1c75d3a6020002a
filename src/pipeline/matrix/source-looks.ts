import { digestOf } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import type { SourceReading } from '../../policy/missing-sources.ts';
import { ActionError, waitForAll } from '../../run/errors.ts';
import { resolveSource } from '../../sources/resolve/resolve.ts';
import type { Resolved, SourceContext, SourceLine } from '../../sources/source.ts';
import { combineLines, type OnSource } from '../plan.ts';
import type { ListRequest } from '../request.ts';

/** Reads the manifest that a reference names. */
type Fetch = SourceContext['fetch'];

/** The services that a look uses. */
interface LookContext {
  /** A fetch without results of earlier looks that waits for a missing source for the given milliseconds. */
  fetchWithin(wait: number): Fetch;
  sourcesOf(list: ListRequest, fetch: Fetch): SourceContext;
  readonly onSource: OnSource;
}

/** The sources of all lists, read again by each look of a matrix leg. */
export class SourceLooks {
  readonly #lists: readonly ListRequest[];
  readonly #context: LookContext;
  /** The name of each line; names are unique. */
  readonly #labels: ReadonlyMap<SourceLine, string>;
  /** The last content that looks found for each reference, also if it has been removed since. */
  readonly #seen = new Map<string, Resolved>();

  constructor(lists: readonly ListRequest[], context: LookContext) {
    this.#lists = lists;
    this.#context = context;
    this.#labels = labelsOf(lists.flatMap(({ sources }) => sources));
  }

  /** Reads every source; throws the error of an unusable source, but not of a missing one. */
  async look(wait: number): Promise<readonly SourceReading[]> {
    const found = this.#context.fetchWithin(wait);
    const fetch: Fetch = async (line, reference) => {
      const resolved = await found(line, reference);
      this.#seen.set(formatReference(reference), resolved);
      return resolved;
    };
    const readings = this.#lists.flatMap((list) => {
      const sources = this.#context.sourcesOf(list, fetch);
      return list.sources.map((line) => this.#read(line, sources));
    });
    return waitForAll(readings, combineLines);
  }

  /** The lists with only these sources, without lists that have none of them. */
  listsOf(sources: readonly SourceReading[]): readonly ListRequest[] {
    const labels = new Set(sources.map(({ label }) => label));
    const lists = this.#lists.map((list) => {
      return { ...list, sources: list.sources.filter((line) => labels.has(this.#labelOf(line))) };
    });
    return lists.filter((list) => list.sources.length > 0);
  }

  /** The context that resolves the sources of such a list; it sends no request for content that a look has read. */
  sourcesOf(list: ListRequest): SourceContext {
    const later = this.#context.fetchWithin(0);
    return this.#context.sourcesOf(list, async (line, reference) => {
      const seen = this.#seen.get(formatReference(reference));
      return seen === undefined ? later(line, reference) : { ...seen, line };
    });
  }

  #labelOf(line: SourceLine): string {
    return this.#labels.get(line) ?? line.text;
  }

  async #read(line: SourceLine, sources: SourceContext): Promise<SourceReading> {
    const label = this.#labelOf(line);
    try {
      return { label, digest: digestOfAll(await resolveSource(line, sources)) };
    } catch (error) {
      this.#context.onSource(line, { error });
      if (isMissing(error)) return { label, digest: undefined };
      throw error;
    }
  }
}

// A quoted template gives all its lines the same text.
function labelsOf(lines: readonly SourceLine[]): ReadonlyMap<SourceLine, string> {
  const labels = new Map<SourceLine, string>();
  const taken = new Map<string, number>();
  for (const line of new Set(lines)) {
    const count = (taken.get(line.text) ?? 0) + 1;
    taken.set(line.text, count);
    labels.set(line, count === 1 ? line.text : `${line.text} (${count})`);
  }
  return labels;
}

// Only a 404 means that a source is missing: a 401 may also mean a wrong password.
function isMissing(error: unknown): boolean {
  return error instanceof ActionError && error.code === 'SOURCE_MISSING';
}

function digestOfAll(resolved: readonly Resolved[]): SourceReading['digest'] {
  const [first, ...others] = resolved.map(({ manifest }) => manifest.digest);
  if (first === undefined || others.length === 0) return first;
  return digestOf(new TextEncoder().encode([first, ...others].join('\n')));
}
