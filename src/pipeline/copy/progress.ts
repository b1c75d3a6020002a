import type { Observer } from '../../run/observer.ts';
import { formatBytes, formatRate } from '../byte-size.ts';

/** What progress is told through, and the clock it goes by, in milliseconds. */
export interface ProgressParts {
  readonly observer: Observer;
  readonly now: () => number;
}

const firstLine = 5_000;
const nextLine = 15_000;

/** Tells how far a copy to one target has come: after 5 seconds, then every 15, and only while bytes move. */
export class CopyProgress {
  readonly #heading: string;
  readonly #parts: ProgressParts;
  readonly #started: number;
  #due: number;
  #blobs = { expected: 0, done: 0 };
  #bytes = { expected: 0, done: 0 };

  /** `heading` stands in front of every line: `Copying to ghcr.io/acme/app`. */
  constructor(heading: string, parts: ProgressParts) {
    this.#heading = heading;
    this.#parts = parts;
    this.#started = parts.now();
    this.#due = this.#started + firstLine;
  }

  /** Milliseconds since the copy began. */
  get elapsed(): number {
    return this.#parts.now() - this.#started;
  }

  /** A blob of so many bytes is to be transferred. */
  addExpected(bytes: number): void {
    this.#blobs.expected += 1;
    this.#bytes.expected += bytes;
  }

  /** So many bytes went by; a negative number when a blob starts over. */
  moved(bytes: number): void {
    this.#bytes.done += bytes;
    const now = this.#parts.now();
    if (now < this.#due) return;
    this.#due = now + nextLine;
    this.#parts.observer.info(this.#line());
  }

  /** A blob that was expected is where it should be. */
  done(): void {
    this.#blobs.done += 1;
  }

  #line(): string {
    const { done, expected } = this.#bytes;
    const blobs = `${this.#blobs.done} of ${this.#blobs.expected} blobs`;
    return `${this.#heading}: ${blobs}, ${formatBytes(done)} of ${formatBytes(expected)}, ${formatRate(done, this.elapsed)}`;
  }
}
