import { digestOf } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import type { PlannedList } from '../pipeline/list.ts';
import { combineLines, logPlan, planList, type SourceOutcome } from '../pipeline/plan.ts';
import type { ListRequest, PublishRequest } from '../pipeline/request.ts';
import { type SourceReading, soleSourceFlaw } from '../policy/missing-sources.ts';
import { ActionError, InputError, waitForAll } from '../run/errors.ts';
import { Memo } from '../run/memo.ts';
import type { Observer } from '../run/observer.ts';
import { resolveSource } from '../sources/resolve/resolve.ts';
import type { Resolved, SourceContext, SourceLine } from '../sources/source.ts';
import { forEachList, listName } from './each-list.ts';

/** The sources of one round: all, of which none may be missing, or those that were found. */
export type RoundSources = 'all' | readonly SourceReading[];

type Fetch = SourceContext['fetch'];

interface ReadingContext {
  /** The context that resolves the sources of a list; `fetch` defaults to one that waits for missing sources. */
  sourcesOf(list: ListRequest, fetch?: Fetch): SourceContext;
  /** A fetch without results of earlier readings that waits for a missing source for the given milliseconds. */
  fetchWithin(wait: number): Fetch;
  readonly observer: Observer;
}

type SourceRequest = Pick<PublishRequest, 'lists' | 'form' | 'missingSources'>;

/** The sources of all lists: read again before each round if other jobs push them, too, and planned for the round. */
export class SourceReadings {
  readonly #request: SourceRequest;
  readonly #context: ReadingContext;
  /** The name of each line; names are unique. */
  readonly #labels: ReadonlyMap<SourceLine, string>;
  /** The last content that was found for each reference, also if it has been removed since. */
  readonly #seen = new Map<string, Resolved>();
  readonly #outcomes = new Map<SourceLine, SourceOutcome>();
  readonly #plans = new Memo<RoundSources, readonly PlannedList[]>();

  constructor(request: SourceRequest, context: ReadingContext) {
    this.#request = request;
    this.#context = context;
    this.#labels = labelsOf(request.lists.flatMap(({ sources }) => sources));
  }

  /** Reads every source; throws the error of an unusable source, but not of a missing one. */
  async read(wait: number): Promise<readonly SourceReading[]> {
    const found = this.#context.fetchWithin(wait);
    const fetch: Fetch = async (line, reference) => {
      const resolved = await found(line, reference);
      this.#seen.set(formatReference(reference), resolved);
      return resolved;
    };
    const readings = this.#request.lists.flatMap((list) => {
      const sources = this.#context.sourcesOf(list, fetch);
      return list.sources.map((line) => this.#read(line, sources));
    });
    return waitForAll(readings, combineLines);
  }

  /** Plans the lists of these sources once: what is written again is the same. Throws InputError for a sole source. */
  plan(sources: RoundSources): Promise<readonly PlannedList[]> {
    return this.#plans.get(sources, async () => {
      if (sources === 'all')
        return this.#planAll(this.#request.lists, (list) => this.#context.sourcesOf(list));
      const planned = await this.#planAll(this.listsOf(sources), (list) => this.sourcesOf(list));
      this.#refuseSoleSource(planned);
      return planned;
    });
  }

  #refuseSoleSource(planned: readonly PlannedList[]): void {
    const { form, missingSources } = this.#request;
    if (missingSources !== 'defer' || form === 'spec') return;
    for (const { resolvedSources, request } of planned) {
      const message = soleSourceFlaw(
        resolvedSources.map(({ label }) => label),
        request.platforms,
      );
      if (message !== undefined) throw new InputError([{ input: 'missing-sources', message }]);
    }
  }

  /** Throws the error of a source that exists and cannot be used: it fails in the job that pushed it, too. */
  async check(readings: readonly SourceReading[]): Promise<void> {
    const found = this.listsOf(readings.filter(({ digest }) => digest !== undefined));
    const lists = found.map((list) => ({ ...list, missingPlatforms: 'allow' as const }));
    await this.#planAll(lists, (list) => this.sourcesOf(list));
  }

  /** The result for a source line; undefined while there is none. */
  outcomeOf(line: SourceLine): SourceOutcome | undefined {
    return this.#outcomes.get(line);
  }

  /** The lists with only these sources, without lists that have none of them. */
  listsOf(sources: readonly SourceReading[]): readonly ListRequest[] {
    const labels = new Set(sources.map(({ label }) => label));
    return this.#request.lists.flatMap((list) => {
      const own = list.sources.filter((line) => labels.has(this.#labelOf(line)));
      return own.length > 0 ? { ...list, sources: own } : [];
    });
  }

  /** The context that resolves the sources of such a list; it sends no request for content that was read. */
  sourcesOf(list: ListRequest): SourceContext {
    const later = this.#context.fetchWithin(0);
    return this.#context.sourcesOf(list, async (line, reference) => {
      const seen = this.#seen.get(formatReference(reference));
      return seen === undefined ? later(line, reference) : { ...seen, line };
    });
  }

  async #planAll(lists: readonly ListRequest[], sourcesOf: (list: ListRequest) => SourceContext) {
    const { observer } = this.#context;
    const onSource = (line: SourceLine, outcome: SourceOutcome) => this.#outcomes.set(line, outcome);
    const planned = await forEachList(
      lists.map((request) => ({ request })),
      ({ request }) => planList(request, sourcesOf(request), { observer }, onSource),
    );
    // Lists are planned in parallel, and logged one after the other.
    for (const list of planned) {
      if (planned.length > 1) observer.info(`${listName(list.request)}:`);
      logPlan(list, observer);
    }
    return planned;
  }

  #labelOf(line: SourceLine): string {
    return this.#labels.get(line) ?? line.text;
  }

  async #read(line: SourceLine, sources: SourceContext): Promise<SourceReading> {
    const label = this.#labelOf(line);
    try {
      return { label, digest: digestOfAll(await resolveSource(line, sources)) };
    } catch (error) {
      this.#outcomes.set(line, { error });
      // Only a 404 means that a source is missing: a 401 may also mean a wrong password.
      if (error instanceof ActionError && error.code === 'SOURCE_MISSING')
        return { label, digest: undefined };
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

function digestOfAll(resolved: readonly Resolved[]): SourceReading['digest'] {
  const [first, ...others] = resolved.map(({ manifest }) => manifest.digest);
  if (first === undefined || others.length === 0) return first;
  return digestOf(new TextEncoder().encode([first, ...others].join('\n')));
}
