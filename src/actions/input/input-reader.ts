import { InputError, type InputProblem } from '../../run/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { checkSingleWord, findYamlList } from '../../sources/input/pasted-form.ts';
import { attempt } from '../../sources/input/problem-list.ts';
import { type InputItem, splitList } from './input-list.ts';
import { parseChoice, parseFlag } from './input-value.ts';

/** Reads inputs one by one and collects their problems. */
export class InputReader {
  readonly #runner: Pick<Runner, 'input'>;
  readonly #problems: InputProblem[] = [];
  /** What is valid, but may not be what was meant. */
  readonly warnings: string[] = [];

  constructor(runner: Pick<Runner, 'input'>) {
    this.#runner = runner;
  }

  list<T>(
    input: string,
    parse: (text: string) => T,
    split: Parameters<typeof splitList>[1] = {},
  ): readonly T[] {
    const text = this.#runner.input(input);
    const pasted = findYamlList(text);
    if (pasted !== undefined) {
      this.#problems.push({ input, ...pasted });
      return [];
    }
    return splitList(text, split).flatMap((item) => this.#parsed(input, item, parse) ?? []);
  }

  /** A list of single words. */
  words<T>(input: string, parse: (text: string) => T): readonly T[] {
    const parseWord = (text: string): T => {
      checkSingleWord(text);
      return parse(text);
    };
    return this.list(input, parseWord, { commas: 'separate' });
  }

  /** The value of an input; undefined, its default, when it is empty: so is `${{ inputs.format }}` that no caller gave. */
  value<T>(input: string, parse: (text: string) => T): T | undefined {
    const text = this.#runner.input(input).trim();
    return text === '' ? undefined : this.#parsed(input, { text }, parse);
  }

  choice<const T extends string>(input: string, choices: readonly [T, ...T[]]): T {
    return this.value(input, (text) => parseChoice(text, choices)) ?? choices[0];
  }

  flag<const T>(
    input: string,
    meanings: { readonly true: T; readonly false: T },
    standard: 'true' | 'false' = 'true',
  ): T {
    return meanings[this.value(input, parseFlag) ?? standard];
  }

  /** An input's text as it is. */
  text(input: string): string {
    return this.#runner.input(input);
  }

  /** Adds problems that were found elsewhere. */
  refuse(problems: readonly InputProblem[]): void {
    this.#problems.push(...problems);
  }

  /** Adds a problem with an input that has none yet. */
  require(input: string, message: string): void {
    if (!this.#problems.some((problem) => problem.input === input)) this.#problems.push({ input, message });
  }

  /** Throws InputError when there is a problem. */
  finish(): void {
    if (this.#problems.length > 0) throw new InputError(this.#problems);
  }

  #parsed<T>(input: string, { text, line }: InputItem, parse: (text: string) => T): T | undefined {
    return attempt(
      () => parse(text),
      (message) => this.#problems.push({ input, line, message }),
    );
  }
}
