import {
  isSpecInput,
  type SpecInput,
  type SpecValue,
  type SpecValues,
  specInputs,
  stepInputs,
} from './spec-inputs.ts';
import type { SpecField, SpecMapping } from './spec-node.ts';
import { quoteKey, type SpecProblems } from './spec-problems.ts';
import { readLines, readPairs, readWord, specValue } from './spec-value.ts';

/** Reads a list whose keys are names of inputs. */
export function readInputsForm(mapping: SpecMapping, problems: SpecProblems): SpecValues {
  const values = new Map<SpecInput, SpecValue>();
  const flawed = new Set<string>();
  for (const field of problems.uniqueFields(mapping)) {
    const { key, line } = field;
    const before = problems.problems.length;
    if (!isSpecInput(key)) problems.add(line, unknownKey(key));
    else values.set(key, readValue(key, field, problems));
    if (problems.problems.length > before) flawed.add(key);
  }
  // Empty means the default, as it does for an input.
  for (const [key, { text }] of values) if (text.trim() === '') values.delete(key);
  for (const name of ['tags', 'sources'] as const) {
    if (!values.has(name) && !flawed.has(name)) problems.add(mapping.line, `has no ${name}`);
  }
  return values;
}

function readValue(name: SpecInput, { value }: SpecField, problems: SpecProblems): SpecValue {
  if (specInputs[name] === 'lines') return specValue(readLines(value, name, problems));
  if (specInputs[name] === 'pairs') return specValue(readPairs(value, name, problems));
  const word = readWord(value, name, problems);
  return specValue(word === undefined ? [] : [word]);
}

function unknownKey(key: string): string {
  if (stepInputs.includes(key)) return `${key} is for the whole step; set it as an input of the step`;
  return `${quoteKey(key)} is not known; expected one of ${Object.keys(specInputs).join(', ')}, or image and manifests`;
}
