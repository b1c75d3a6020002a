import type { Clock } from './clock.ts';
import { ActionError } from './errors.ts';

/** Milliseconds after a cancellation until its report; the runner sends its second signal after 7.5 s. */
const maxCancellation = 5_500;
/** Milliseconds that a request which writes may still take then. */
const maxWrite = 2_500;

/** The cancellation of a job: it ends what only reads, and waits for what must not be left half done. */
export class Cancellation {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
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

  /** Aborted when the job is cancelled; its reason is ActionError STOPPED. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get isCancelled(): boolean {
    return this.signal.aborted;
  }

  /** A cancellation that never comes, for cleaning up after one. */
  unstoppable(): Cancellation {
    return new Cancellation(this.#clock);
  }

  /** Waits for a request that only reads; throws ActionError STOPPED as soon as the job is cancelled. */
  reading<T>(request: Promise<T>): Promise<T> {
    return Promise.race([request, this.#stopped.then(() => this.#throw())]);
  }

  /** Waits for a request that writes, and after a cancellation only a little longer; then throws ActionError STOPPED. */
  writing<T>(request: Promise<T>): Promise<T> {
    return Promise.race([request, this.afterWrites().then(() => this.#throw())]);
  }

  /** Resolves some time after the cancellation: a request that writes and has no answer by then may never get one. */
  async afterWrites(): Promise<void> {
    await this.#stopped;
    await this.#clock.sleep(maxWrite);
  }

  /** Throws ActionError STOPPED when the job is cancelled: nothing more is begun. */
  checkGoingOn(): void {
    this.signal.throwIfAborted();
  }

  /** Does work that a cancellation waits for. After a cancellation it never resolves: the process ends. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.#work.add(done);
    await done.catch(() => undefined);
    await this.pass();
    this.#work.delete(done);
    return done;
  }

  /** Never resolves when the job is cancelled: the report of the cancellation is the last of the process. */
  async pass(): Promise<void> {
    if (this.isCancelled) await new Promise(() => {});
  }

  /**
   * Cancels the job, and waits for all work, at most so long that its report is written within six seconds. Returns the
   * errors of the work.
   */
  async cancel(): Promise<readonly unknown[]> {
    this.#stop.abort(new ActionError('STOPPED', 'The job was cancelled'));
    if (this.#work.size === 0) return [];
    const ended = await Promise.race([Promise.allSettled(this.#work), this.#clock.sleep(maxCancellation)]);
    return (ended ?? []).flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  }

  #throw(): never {
    throw this.signal.reason;
  }
}
