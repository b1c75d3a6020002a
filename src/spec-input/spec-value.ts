import type { SpecValue } from './spec-inputs.ts';
import { describeNode, type SpecField, type SpecNode, type SpecText } from './spec-node.ts';
import { quoteKey, type SpecProblems } from './spec-problems.ts';

/** One line of a value. */
export interface SpecRow {
  readonly text: string;
  readonly line: number;
}

/** Reads one line of text; undefined, with a problem that names the key, for any other value. */
export function readWord(node: SpecNode, key: string, problems: SpecProblems): SpecRow | undefined {
  if (node.kind !== 'text') {
    problems.add(node.line, `${key} is ${describeNode(node)}; write one value`);
    return undefined;
  }
  const text = node.text.trim();
  if (!text.includes('\n')) return { text, line: node.line };
  problems.add(node.line, `${key} has several lines; write one value`);
  return undefined;
}

/** Reads one item per line from a text, or from a list of texts. */
export function readLines(node: SpecNode, key: string, problems: SpecProblems): readonly SpecRow[] {
  if (node.kind === 'text') return rowsOf(node);
  if (node.kind === 'sequence') return node.items.flatMap((item) => readItem(item, key, problems) ?? []);
  problems.add(node.line, `${key} is a mapping; write one item per line, or a list`);
  return [];
}

/** Reads `key=value` lines from a text, a list or a mapping, with `prefix` before the keys of a mapping. */
export function readPairs(
  node: SpecNode,
  key: string,
  problems: SpecProblems,
  prefix = '',
): readonly SpecRow[] {
  if (node.kind !== 'mapping') return readLines(node, key, problems);
  return problems
    .uniqueFields(node)
    .flatMap((field) => readPair(field, key, problems) ?? [])
    .map(({ text, line }) => ({ text: prefix + text, line }));
}

/** The rows joined to one text. */
export function specValue(rows: readonly SpecRow[]): SpecValue {
  return { text: rows.map(({ text }) => text).join('\n'), lines: rows.map(({ line }) => line) };
}

function rowsOf({ text, line, style }: SpecText): readonly SpecRow[] {
  const rows = text.split('\n');
  return rows.map((row, at) => ({ text: row, line: style === 'block' ? line + 1 + at : line }));
}

function readItem(item: SpecNode, key: string, problems: SpecProblems): SpecRow | undefined {
  if (item.kind !== 'text') {
    const message = `${key} has ${describeNode(item)} among its items; write text, in quotes where it has braces`;
    problems.add(item.line, message);
    return undefined;
  }
  // An expression without a value would remove an image without a word.
  if (key === 'sources' && item.text.trim() === '' && !item.refused)
    problems.warn(item.line, 'an item of sources is empty, and is ignored');
  return readWord(item, `an item of ${key}`, problems);
}

function readPair(field: SpecField, name: string, problems: SpecProblems): SpecRow | undefined {
  const key = `${name} ${quoteKey(field.key)}`;
  const word = readWord(field.value, key, problems);
  if (field.key.includes('=')) {
    problems.add(field.line, `${key} has a "=" in its name`);
    return undefined;
  }
  return word && { text: `${field.key}=${word.text}`, line: field.line };
}
