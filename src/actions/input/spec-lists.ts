import { isSpecInput, type SpecValue } from '../../spec-input/spec-inputs.ts';
import type { SpecList } from '../../spec-input/spec-list.ts';
import { InputReader, type InputTexts } from './input-reader.ts';
import { readSpecText, type SpecDirectory } from './spec-text.ts';

/** One reader for each list of the `spec` input; the step's reader collects problems of the spec itself. */
export async function specReaders(
  step: InputReader,
  defaults: InputTexts,
  directory: SpecDirectory,
): Promise<readonly InputReader[]> {
  refuseListInputs(step);
  const text = await readSpecText(step, directory);
  if (text === undefined) return [];
  // The YAML parser takes a while to load.
  const { parseSpec } = await import('./spec-input.ts');
  const { lists, problems, warnings, notes } = await parseSpec(text);
  for (const { line, message } of problems) step.refuse('spec', line, message);
  for (const { line, message } of warnings) step.warn((lines) => `spec ${lines}: ${message}`, `line ${line}`);
  for (const { line, message } of notes) step.notes.push(`spec line ${line}: ${message}`);
  return lists.map((list) => new InputReader(textsOf(list, defaults)));
}

// Their values could be meant for every list, or for one more.
function refuseListInputs(step: InputReader): void {
  for (const input of ['tags', 'sources']) {
    if (step.text(input).trim() !== '')
      step.refuse(
        input,
        undefined,
        `is set in addition to \`spec\`, whose lists have their own ${input}; remove one of them`,
      );
  }
}

// The inputs of the step are the defaults of each list.
function textsOf({ number, line: start, inputs, flawed }: SpecList, defaults: InputTexts): InputTexts {
  const ownValue = (name: string): SpecValue | undefined =>
    isSpecInput(name) ? inputs.get(name) : undefined;
  return {
    input: (name) => ownValue(name)?.text ?? defaults.input(name),
    lineOf: (name, line) => lineIn(ownValue(name), line),
    problem: (name, line, message) => {
      if (isSpecInput(name) && flawed.has(name)) return undefined;
      const value = ownValue(name);
      if (value === undefined && defaults.input(name) !== '') return defaults.problem(name, line, message);
      const at = line === undefined ? (value?.lines[0] ?? start) : lineIn(value, line);
      return { input: 'spec', line: at, message: `list ${number}: ${name}: ${message}` };
    },
  };
}

function lineIn(value: SpecValue | undefined, line: number): number {
  return value?.lines[line - 1] ?? line;
}
