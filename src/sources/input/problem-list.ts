import { FormatError } from '../../oci/format-error.ts';
import type { InputProblem } from '../../run/errors.ts';
import type { SourceLine } from '../source.ts';

/** The most sources one input may list; templates count each reference they stand for. */
export const sourceLimit = 4096;

/** Where in the input something stands: its line, and inside JSON the path to it, such as `outputs.arm64`. */
export interface SourcePosition {
  readonly line: number;
  readonly path?: string | undefined;
}

/** Gathers what parsing the `sources` input comes to: lines, and every problem, up to {@link sourceLimit}. */
export class ProblemList {
  readonly #lines: SourceLine[] = [];
  readonly #problems: InputProblem[] = [];
  #full = false;

  /** Whether the limit is reached, so that there is no use in reading on. */
  get full(): boolean {
    return this.#full;
  }

  /** How many lines and problems there are. */
  get count(): number {
    return this.#lines.length + this.#problems.length;
  }

  add(line: SourceLine): void {
    if (this.#lines.length < sourceLimit) this.#lines.push(line);
    else this.#stop(line.line, `lists more than ${sourceLimit} sources; one list holds at most that many`);
  }

  refuse(place: SourcePosition, message: string): void {
    const text = place.path ? `${place.path}: ${message}` : message;
    if (this.#problems.length < sourceLimit) {
      this.#problems.push({ input: 'sources', line: place.line, message: text });
    } else {
      this.#stop(place.line, `has more problems than these ${sourceLimit}`);
    }
  }

  /** Runs `read`; a FormatError it throws becomes a problem, and the result undefined. */
  attempt<T>(place: SourcePosition, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.refuseForm(place, error);
      return undefined;
    }
  }

  refuseForm(place: SourcePosition, error: FormatError): void {
    this.refuse(place, `${error.message} (expected: ${error.expected})`);
  }

  finish(): { readonly lines: readonly SourceLine[]; readonly problems: readonly InputProblem[] } {
    return { lines: this.#lines, problems: this.#problems };
  }

  #stop(line: number, message: string): void {
    if (!this.#full)
      this.#problems.push({ input: 'sources', line, message: `${message}; the rest was not read` });
    this.#full = true;
  }
}
