import { quote } from '../oci/format-error.ts';
import type { InputProblem } from '../run/errors.ts';
import type { SpecField, SpecMapping } from './spec-node.ts';

/** Collects all problems of the `spec` input, or of one list of it, each with its line. */
export class SpecProblems {
  readonly problems: InputProblem[];
  readonly warnings: InputProblem[];
  /** Lists that are left out, for the log. */
  readonly notes: InputProblem[];
  readonly #place: string;

  constructor(place = '', whole?: SpecProblems) {
    this.#place = place;
    this.problems = whole?.problems ?? [];
    this.warnings = whole?.warnings ?? [];
    this.notes = whole?.notes ?? [];
  }

  /** The same problems; what is added here is about one list, by its number from 1. */
  ofList(number: number): SpecProblems {
    return new SpecProblems(`list ${number}: `, this);
  }

  get count(): number {
    return this.problems.length;
  }

  add(line: number, message: string): void {
    this.problems.push({ input: 'spec', line, message: this.#place + message });
  }

  /** Without the list's number: lines of several lists are told as one. */
  warn(line: number, message: string): void {
    this.warnings.push({ input: 'spec', line, message });
  }

  note(line: number, message: string): void {
    this.notes.push({ input: 'spec', line, message: this.#place + message });
  }

  /** The fields with every key once; a repeated key is a problem that names both lines. */
  uniqueFields({ fields }: SpecMapping): readonly SpecField[] {
    const seen = new Map<string, SpecField>();
    for (const { key, line, value } of fields) {
      const first = seen.get(key);
      if (first === undefined) seen.set(key, { key, line, value });
      else this.add(line, `${quoteKey(key)} is given a second time; the first is on line ${first.line}`);
    }
    return [...seen.values()];
  }
}

/** A key for messages: a spec may be a file, so text that does not look like a key is not shown. */
export function quoteKey(key: string): string {
  return /^[A-Za-z<][\w.<-]{0,39}$/.test(key) ? quote(key) : 'a key';
}
