import type { Observer } from '../../run/observer.ts';

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
  expect(bytes: number): void {
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

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes for people, in decimal units: `48.2 MB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

/** Bytes a second over so many milliseconds: `31.0 MB/s`. */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${formatBytes(Math.round((bytes * 1000) / Math.max(1, milliseconds)))}/s`;
}
