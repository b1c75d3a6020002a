import { quote } from '../oci/format-error.ts';
import type { InputProblem } from '../run/errors.ts';
import type { SpecField, SpecMapping } from './spec-node.ts';

/** Collects all problems of the `spec` input, each with its list and line. */
export class SpecProblems {
  readonly problems: InputProblem[] = [];
  readonly warnings: InputProblem[] = [];

  /** @param list the number of the list, from 1; undefined for the input as a whole */
  add(list: number | undefined, line: number, message: string): void {
    this.problems.push(problemOf(list, line, message));
  }

  warn(list: number | undefined, line: number, message: string): void {
    this.warnings.push(problemOf(list, line, message));
  }

  /** The fields with every key once; a repeated key is a problem that names both lines. */
  uniqueFields(list: number, { fields }: SpecMapping): readonly SpecField[] {
    const seen = new Map<string, SpecField>();
    for (const field of fields) {
      const first = seen.get(field.key);
      if (first === undefined) seen.set(field.key, field);
      else
        this.add(
          list,
          field.line,
          `${quoteKey(field.key)} is given a second time; the first is on line ${first.line}`,
        );
    }
    return [...seen.values()];
  }
}

/** A key for messages: a spec may be a file, so text that does not look like a key is not shown. */
export function quoteKey(key: string): string {
  return /^[A-Za-z<][\w.<-]{0,39}$/.test(key) ? quote(key) : 'a key';
}

function problemOf(list: number | undefined, line: number, message: string): InputProblem {
  return { input: 'spec', line, message: list === undefined ? message : `list ${list}: ${message}` };
}
