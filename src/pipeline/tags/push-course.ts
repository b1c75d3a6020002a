import type { Cancellation } from '../../run/cancellation.ts';
import { knownDigest, type TagContent } from '../tag.ts';

/**
 * Decides which tags a push still writes when the job is cancelled. Before the first one, it writes none. After that,
 * tags that were moved go back; but the tags that are left are written instead if another job may rely on those that
 * are set (`finish`), or once a tag was written that cannot go back: a new one, or one that could not be read.
 */
export class PushCourse {
  readonly #cancellation: Cancellation;
  readonly #afterCancel: 'restore' | 'finish';
  #written: 'none' | 'restorable' | 'for good' = 'none';

  constructor(cancellation: Cancellation, afterCancel: 'restore' | 'finish') {
    this.#cancellation = cancellation;
    this.#afterCancel = afterCancel;
  }

  /** Whether the job was cancelled, and tags that were moved go back. */
  get isOver(): boolean {
    if (!this.#cancellation.isCancelled || this.#written === 'for good') return false;
    return this.#written === 'none' || this.#afterCancel === 'restore';
  }

  /** Records that a tag is about to be written, which goes back to `restorable`; throws STOPPED if none may be. */
  begin(restorable: TagContent): void {
    this.check();
    if (knownDigest(restorable) === undefined) this.#written = 'for good';
    else if (this.#written === 'none') this.#written = 'restorable';
  }

  /** Throws ActionError STOPPED if no tag may be written. */
  check(): void {
    if (this.isOver) this.#cancellation.checkGoingOn();
  }

  /** Waits for a request that only reads; throws ActionError STOPPED as soon as no tag may be written. */
  async reading<T>(request: Promise<T>): Promise<T> {
    try {
      return await this.#cancellation.reading(request);
    } catch (error) {
      if (this.isOver) throw error;
      return request;
    }
  }

  /** Waits for the answer to a write, but only a little longer once tags go back. */
  async answer<T>(write: Promise<T>): Promise<T | 'unanswered'> {
    const late = this.#cancellation.afterWrites().then(() => 'unanswered' as const);
    const first = await Promise.race([write, late]);
    return first === 'unanswered' && !this.isOver ? write : first;
  }
}
