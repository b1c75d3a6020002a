import { quote } from '../oci/format-error.ts';
import {
  isSpecInput,
  type SpecEntry,
  type SpecInput,
  type SpecValue,
  specInputs,
  stepInputs,
} from './spec-inputs.ts';
import type { SpecField, SpecMapping } from './spec-node.ts';
import { quoteKey, type SpecProblems } from './spec-problems.ts';
import { readLines, readPairs, readWord, specValue } from './spec-value.ts';

/** Reads a list whose keys are names of inputs. */
export function readInputsForm(mapping: SpecMapping, problems: SpecProblems): SpecEntry {
  const inputs = new Map<SpecInput, SpecValue>();
  const flawed = new Set<SpecInput>();
  const fields = problems.uniqueFields(mapping);
  for (const field of fields) {
    const { key, line, value } = field;
    const before = problems.count;
    if (!isSpecInput(key)) problems.add(line, unknownKey(key));
    else {
      inputs.set(key, readValue(key, field, problems));
      if (problems.count > before || (value.kind === 'text' && value.refused)) flawed.add(key);
    }
  }
  // Empty means the default, as it does for an input.
  for (const [key, { text }] of inputs) if (text.trim() === '') inputs.delete(key);
  const isOptional = readOptional(inputs.get('optional'), problems);
  const absent = required.filter((name) => !inputs.has(name) && !flawed.has(name));
  const empty = absent.filter((name) => fields.some(({ key }) => key === name));
  if (isOptional && empty.length === absent.length) return { inputs, flawed, leftOutFor: empty[0] };
  for (const name of absent) {
    const field = fields.find(({ key }) => key === name);
    problems.add(field?.line ?? mapping.line, field ? `${name} is empty; ${emptyRemedy}` : `has no ${name}`);
    flawed.add(name);
  }
  return { inputs, flawed };
}

const required = ['tags', 'sources'] as const;
const emptyRemedy =
  'check that the output in its place is set, or write `optional: true` to leave such a list out';

function readOptional(value: SpecValue | undefined, problems: SpecProblems): boolean {
  const { text = 'false', lines = [] } = value ?? {};
  if (!/^(?:true|false)$/i.test(text))
    problems.add(lines[0] ?? 1, `optional is ${quote(text)}; write true or false`);
  return /^true$/i.test(text);
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
