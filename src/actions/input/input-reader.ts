import { quote } from '../../oci/format-error.ts';
import { dockerHub, formatRepository, type Repository } from '../../oci/reference.ts';
import { InputError, type InputProblem } from '../../run/errors.ts';
import type { Finding } from '../../run/finding.ts';
import type { Runner } from '../../runner/runner.ts';
import { explaining, type ItemKind } from '../../sources/explanation.ts';
import { checkSingleWord, findYamlList } from '../../sources/input/pasted-form.ts';
import { attempt } from '../../sources/input/problem-list.ts';
import { type InputItem, splitList } from './input-list.ts';
import { parseChoice, parseFlag } from './input-value.ts';

/** Where inputs are written, and how messages name a place there. */
export interface InputTexts {
  /** The text of an input; empty when it is not given. */
  input(name: string): string;
  /** The line number of an input's line in the document that users see. */
  lineOf(name: string, line: number): number;
  /** A problem with an input, or with a line of it; undefined if another problem is its cause. */
  problem(name: string, line: number | undefined, message: string): InputProblem | undefined;
}

/** The inputs of the step; the name of each that is read is added to `names`. */
export function stepTexts(runner: Pick<Runner, 'input'>, names: Set<string> = new Set()): InputTexts {
  return {
    input: (name) => {
      names.add(name);
      return runner.input(name);
    },
    lineOf: (_, line) => line,
    problem: (input, line, message) => ({ input, line, message }),
  };
}

/** Reads inputs one by one and collects their problems. */
export class InputReader {
  readonly #texts: InputTexts;
  readonly problems: InputProblem[] = [];
  /** Warnings about valid inputs that may be mistakes. */
  readonly warnings: Finding[] = [];
  /** The names without a registry, as they are written, by the long name of the repository. */
  readonly shortNames = new Map<string, { readonly name: string; readonly input: 'tags' | 'sources' }>();
  /** What the log says of valid inputs. */
  readonly notes: string[] = [];

  constructor(texts: InputTexts) {
    this.#texts = texts;
  }

  text(input: string): string {
    return this.#texts.input(input);
  }

  /** The line number of an input's line in the document that users see. */
  lineOf(input: string, line: number): number {
    return this.#texts.lineOf(input, line);
  }

  list<T>(
    input: string,
    parse: (text: string) => T,
    split: Parameters<typeof splitList>[1] = {},
  ): readonly T[] {
    const text = this.text(input);
    const pasted = findYamlList(text);
    if (pasted !== undefined) {
      this.refuse(input, pasted.line, pasted.message);
      return [];
    }
    const items = attempt(
      () => splitList(text, split),
      (message) => this.refuse(input, undefined, message),
    );
    return (items ?? []).flatMap((item) => this.#parsed(input, item, parse) ?? []);
  }

  /** A list of single words; what has the form of something else is explained. */
  words<T>(input: string, kind: ItemKind, parse: (text: string) => T): readonly T[] {
    const parseWord = explaining(kind, (text) => {
      checkSingleWord(text);
      return parse(text);
    });
    return this.list(input, parseWord, { commas: 'separate' });
  }

  /**
   * The value of an input; undefined (its default) when it is empty, like `${{ inputs.format }}` that no caller set.
   */
  value<T>(input: string, parse: (text: string) => T): T | undefined {
    const text = this.text(input).trim();
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

  /** Notes the name in a text if it stands there without its registry. */
  noteShortName(input: 'tags' | 'sources', text: string, repository: Repository): void {
    if (repository.registry !== dockerHub) return;
    const names = text.split(/\s+/).map((word) => word.split(/[:@]/, 1)[0] ?? '');
    const name = names.find((each) => each === repository.path || `library/${each}` === repository.path);
    if (name !== undefined) this.shortNames.set(formatRepository(repository), { name, input });
  }

  /** Adds a warning; those with one text are told as one, with all that they are about. */
  warn(say: Finding['say'], about = ''): void {
    this.warnings.push({ about, say });
  }

  refuse(input: string, line: number | undefined, message: string): void {
    const problem = this.#texts.problem(input, line, message);
    if (problem !== undefined) this.problems.push(problem);
  }

  /** Adds a problem with an input that has none yet. */
  require(input: string, message: string): void {
    const problem = this.#texts.problem(input, undefined, message);
    if (problem === undefined || this.problems.some((other) => other.input === problem.input)) return;
    this.problems.push(problem);
  }

  #parsed<T>(input: string, { text, line, path }: InputItem, parse: (text: string) => T): T | undefined {
    return attempt(
      () => parse(text),
      (message) => this.refuse(input, line, path === undefined ? message : `${path}: ${message}`),
    );
  }
}

/** The input by which another action makes a dry run, whether a value asks for one, and what to do here. */
export interface OtherDryRun {
  readonly name: string;
  readonly asks: (value: string) => boolean;
  readonly remedy: string;
}

/**
 * The problems, and those of inputs that the step sets and nobody reads, if their names show what they mean: GitHub hands
 * these over as variables, with a warning in its own log. `names`: all inputs of the action.
 */
export function nameUnknownInputs(
  problems: readonly InputProblem[],
  names: ReadonlySet<string>,
  { input, environment }: Pick<Runner, 'input' | 'environment'>,
  dryRun: OtherDryRun,
): readonly InputProblem[] {
  const unknown = unknownNames(names, environment);
  if (unknown.length === 0) return problems;
  const shown = unknown.slice(0, 5).map(quote).join(', ');
  const isEmpty = ({ input: name, line }: InputProblem) =>
    line === undefined && names.has(name) && input(name).trim() === '';
  const told = new Set(problems.filter(isEmpty).map((problem) => problem.input));
  const named = problems.map((problem) => {
    const message = `is empty, and the step sets ${shown}, which this action does not have (expected: the value as \`${problem.input}\`)`;
    return isEmpty(problem) ? { input: problem.input, message } : problem;
  });
  const wrong = unknown.flatMap((name) => {
    const variable = `INPUT_${name.toUpperCase()}`;
    const meant = meantBy(name, environment[variable] ?? '', names, dryRun);
    if (meant === undefined || told.has(meant.name)) return [];
    const rename = name.includes('-') ? '' : `, or rename ${variable} if \`env\` sets it`;
    return [{ input: name, message: `is not an input of this action: ${meant.remedy}${rename}` }];
  });
  return [...named, ...wrong];
}

function meantBy(
  name: string,
  value: string,
  names: ReadonlySet<string>,
  dryRun: OtherDryRun,
): Pick<OtherDryRun, 'name' | 'remedy'> | undefined {
  const isMeant = (other: string) => lettersOf(other) === lettersOf(name);
  if (isMeant(dryRun.name)) return dryRun.asks(value) ? dryRun : undefined;
  // A variable of the job looks the same, and INPUT_TAG is a likely one.
  const meant = /[-_]/.test(name) ? [...names].find(isMeant) : undefined;
  return meant === undefined ? undefined : { name: meant, remedy: `write \`${meant}\`` };
}

function unknownNames(names: ReadonlySet<string>, environment: Runner['environment']): readonly string[] {
  const known = new Set([...names].map((name) => `INPUT_${name.toUpperCase()}`));
  const variables = Object.keys(environment).filter((name) => name.startsWith('INPUT_') && !known.has(name));
  const filled = variables.filter((name) => environment[name]?.trim());
  return filled.map((name) => name.slice('INPUT_'.length).toLowerCase());
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '').replace(/s$/, '');
}

/** Throws InputError when there are problems; problems that several lists share are reported once. */
export function refuseProblems(problems: readonly InputProblem[]): void {
  const distinct = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  if (distinct.size > 0) throw new InputError([...distinct.values()]);
}
