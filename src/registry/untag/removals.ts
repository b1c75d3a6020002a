import { formatRepository } from '../../oci/reference.ts';
import type { Clock } from '../../run/clock.ts';
import { ActionError, messageOf } from '../../run/errors.ts';
import { tagName } from './repository-identity.ts';
import type { StagingTag } from './staging-tag.ts';

/** Milliseconds after a cancellation until its report; the runner sends its second signal after 7.5 s. */
const maxCancellation = 5_500;
/** Milliseconds that a request which writes may still take then. */
const maxWrite = 2_500;

/**
 * What a run knows of a tag that it removes. `underway`: a removal was sent and not answered. `placeholder`: the tag
 * holds a placeholder, or may hold it soon. `probe`: a throw-away tag that exists, or may exist soon.
 */
type RemovalState =
  | 'left'
  | 'underway'
  | 'removed'
  | 'absent'
  | 'changed'
  | 'placeholder'
  | 'put back'
  | 'probe';

/** The tags that a run removes, with the state of each, and the end of the run when its job is cancelled. */
export class Removals {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #tags = new Map<string, { readonly tag: StagingTag; readonly state: RemovalState }>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  readonly #stopped: Promise<void>;

  constructor(clock: Pick<Clock, 'now' | 'sleep'>) {
    this.#clock = clock;
    this.#stopped = new Promise((resolve) => this.#stop.signal.addEventListener('abort', () => resolve()));
  }

  /** A clock whose sleeps end with STOPPED when the job is cancelled. */
  get clock(): Pick<Clock, 'now' | 'sleep'> {
    return { now: () => this.#clock.now(), sleep: (time) => this.reading(this.#clock.sleep(time)) };
  }

  /** Removals that no cancellation ends, for cleaning up after one. */
  unstoppable(): Removals {
    return new Removals(this.#clock);
  }

  get isCancelled(): boolean {
    return this.#stop.signal.aborted;
  }

  /** The names of the tags in a state, in the order in which they were first marked. */
  namesIn(state: RemovalState): readonly string[] {
    return [...this.#tags].flatMap(([name, known]) => (known.state === state ? name : []));
  }

  /** A throw-away tag stays one until it is dropped. */
  mark(tag: StagingTag, state: RemovalState): void {
    const name = tagName(tag);
    if (this.#tags.get(name)?.state !== 'probe') this.#tags.set(name, { tag, state });
  }

  /** Drops a throw-away tag that no longer exists. */
  drop(tag: StagingTag): void {
    this.#tags.delete(tagName(tag));
  }

  /** Waits for a request that only reads; throws ActionError STOPPED as soon as the job is cancelled. */
  reading<T>(request: Promise<T>): Promise<T> {
    return Promise.race([request, this.#stopped.then(stop)]);
  }

  /** Waits for a request that writes, and after a cancellation only a little longer; then throws ActionError STOPPED. */
  writing<T>(request: Promise<T>): Promise<T> {
    return Promise.race([request, this.#stopped.then(() => this.#clock.sleep(maxWrite)).then(stop)]);
  }

  /** Throws ActionError STOPPED when the job is cancelled: nothing more is touched. */
  checkGoingOn(): void {
    if (this.isCancelled) stop();
  }

  /** Does work that a cancellation waits for. After a cancellation it never resolves: the process ends. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.#work.add(done);
    await done.catch(() => undefined);
    if (this.isCancelled) await new Promise(() => {});
    this.#work.delete(done);
    return done;
  }

  /**
   * Ends the removals of a cancelled job within six seconds: nothing more is removed, and tags that hold a placeholder
   * get their manifests back. Returns a line for each tag, also when the time was not enough; none without removals.
   */
  async cancel(): Promise<readonly string[]> {
    this.#stop.abort();
    const work = [...this.#work];
    if (work.length === 0) return this.#lines();
    const ended = await Promise.race([Promise.allSettled(work), this.#clock.sleep(maxCancellation)]);
    const failures = (ended ?? []).flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    return [...this.#lines(), ...failures.map(messageOf)];
  }

  #lines(): readonly string[] {
    return [...this.#tags.values()].map(({ tag, state }) => `${tagName(tag)} ${sentences[state](tag)}`);
  }
}

const sentences: Readonly<Record<RemovalState, (tag: StagingTag) => string>> = {
  left: () => 'was not touched',
  underway: () => 'was being removed, and may or may not exist',
  removed: () => 'was removed',
  absent: () => 'did not exist',
  changed: () => 'holds another manifest than expected, and was not touched',
  placeholder: (tag) =>
    `holds an empty placeholder, or may still get one, not ${tag.manifest.digest}. ${remedyFor(tag)}`,
  'put back': ({ manifest }) => `holds ${manifest.digest} again`,
  probe: () => 'is a throw-away tag of this step, and may still exist. Remove it.',
};

/** What to type when a tag holds a placeholder. */
export function remedyFor({ repository, tag, manifest }: StagingTag): string {
  return `Set it again: \`crane tag ${formatRepository(repository)}@${manifest.digest} ${tag}\`.`;
}

function stop(): never {
  throw new ActionError('STOPPED', 'The job was cancelled');
}
