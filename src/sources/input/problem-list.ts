import { FormatError } from '../../oci/format-error.ts';
import type { InputProblem } from '../../run/errors.ts';
import type { SourceLine } from '../source.ts';

/** Sources that one input may list; templates count each reference they expand to. */
export const maxSources = 4096;

/** A position in the input: its line, and in JSON also the path, such as `outputs.arm64`. */
export interface SourcePosition {
  readonly line: number;
  readonly path?: string | undefined;
}

/** The result of parsing the `sources` input. */
export interface ParsedSources {
  readonly lines: readonly SourceLine[];
  /** All problems, in the order of the input; use `lines` only when this is empty. */
  readonly problems: readonly InputProblem[];
  /** The number of JSON documents that list sources, such as the outputs of a job. */
  readonly documents: number;
}

/** Collects the lines of the `sources` input and every problem, up to {@link maxSources} of each. */
export class ProblemList {
  readonly #lines: SourceLine[] = [];
  readonly #problems: InputProblem[] = [];
  #full = false;
  #documents = 0;

  /** Whether the limit is reached; reading on is of no use then. */
  get full(): boolean {
    return this.#full;
  }

  /** The number of lines and problems. */
  get count(): number {
    return this.#lines.length + this.#problems.length;
  }

  /** Counts a JSON document that lists sources. */
  addDocument(): void {
    this.#documents++;
  }

  add(line: SourceLine): void {
    if (this.#lines.length < maxSources) this.#lines.push(line);
    else this.#stop(line.line, `lists more than ${maxSources} sources, the maximum of one list`);
  }

  refuse({ line, path }: SourcePosition, message: string): void {
    const text = path ? `${path}: ${message}` : message;
    if (this.#problems.length < maxSources) this.#problems.push({ input: 'sources', line, message: text });
    else this.#stop(line, `has more than ${maxSources} problems`);
  }

  /** Runs `read`; a FormatError that it throws becomes a problem, and the result is undefined. */
  attempt<T>(position: SourcePosition, read: () => T): T | undefined {
    return attempt(read, (message) => this.refuse(position, message));
  }

  finish(): ParsedSources {
    return { lines: this.#lines, problems: this.#problems, documents: this.#documents };
  }

  #stop(line: number, message: string): void {
    if (!this.#full)
      this.#problems.push({ input: 'sources', line, message: `${message}; the rest was not read` });
    this.#full = true;
  }
}

/** Runs `read`; a FormatError that it throws goes to `refuse` as a message, and the result is undefined. */
export function attempt<T>(read: () => T, refuse: (message: string) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    refuse(formatFlaw(error));
    return undefined;
  }
}

/** What is wrong, and what to write, on one line. */
export function formatFlaw({ message, expected }: FormatError): string {
  return `${message} (expected: ${expected})`;
}
