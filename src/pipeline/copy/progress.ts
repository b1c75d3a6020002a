import { formatBytes, formatRate } from '../byte-size.ts';
import type { RunContext } from '../run-context.ts';

const firstLine = 5_000;
const nextLine = 15_000;

/** Logs the progress of a copy to one target: after 5 seconds, then every 15, and only while bytes move. */
export class CopyProgress {
  readonly #heading: string;
  readonly #context: Pick<RunContext, 'observer' | 'clock'>;
  readonly #started: number;
  #due: number;
  #blobs = { expected: 0, done: 0 };
  #bytes = { expected: 0, done: 0 };

  /** Every line begins with `heading`: `Copying to ghcr.io/acme/app`. */
  constructor(heading: string, context: Pick<RunContext, 'observer' | 'clock'>) {
    this.#heading = heading;
    this.#context = context;
    this.#started = context.clock.now();
    this.#due = this.#started + firstLine;
  }

  /** Milliseconds since the copy began. */
  get elapsed(): number {
    return this.#context.clock.now() - this.#started;
  }

  /** Adds a blob of this size to those that are to be transferred. */
  addExpected(bytes: number): void {
    this.#blobs.expected += 1;
    this.#bytes.expected += bytes;
  }

  /** Adds transferred bytes; a negative number when a blob starts over. */
  moved(bytes: number): void {
    this.#bytes.done += bytes;
    const now = this.#context.clock.now();
    if (now < this.#due) return;
    this.#due = now + nextLine;
    this.#context.observer.info(this.#line());
  }

  done(): void {
    this.#blobs.done += 1;
  }

  #line(): string {
    const { done, expected } = this.#bytes;
    const blobs = `${this.#blobs.done} of ${this.#blobs.expected} blobs`;
    return `${this.#heading}: ${blobs}, ${formatBytes(done)} of ${formatBytes(expected)}, ${formatRate(done, this.elapsed)}`;
  }
}
