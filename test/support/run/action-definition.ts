/** An action.yml as the runner reads it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The actions of this repository; `publish` is the one at its top. */
export type ActionName = 'publish' | 'inspect' | 'purge';

/** The code that runs. */
export type Entry = 'src' | 'dist';

interface Definition {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown } | null>>;
  readonly runs: { readonly main: string };
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The file a process starts. */
export function entryFile(action: ActionName, entry: Entry): string {
  if (entry === 'src') return join(root, 'src', `${action}.ts`);
  return join(directoryOf(action), readDefinition(action).runs.main);
}

/**
 * The INPUT_ variables of a step with these inputs, defaults filled in as the runner does.
 * Throws for an input that action.yml does not have.
 */
export function inputVariables(
  action: ActionName,
  inputs: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = readDefinition(action).inputs;
  const unknown = Object.keys(inputs).filter((name) => !(name in known));
  if (unknown.length > 0) throw new Error(`${action} has no input ${unknown.join(', ')}`);
  const values = Object.entries(known).map(([name, input]) => [
    name,
    inputs[name] ?? defaultOf(input?.default),
  ]);
  return Object.fromEntries(values.map(([name = '', value = '']) => [variableName(name), value]));
}

/** What runs: src, or dist with `ACTION_ENTRY=dist`. */
export function usualEntry(): Entry {
  const wanted = process.env['ACTION_ENTRY'] ?? 'src';
  if (wanted === 'src' || wanted === 'dist') return wanted;
  throw new Error(`ACTION_ENTRY is src or dist, not ${wanted}`);
}

function directoryOf(action: ActionName): string {
  return action === 'publish' ? root : join(root, action);
}

function readDefinition(action: ActionName): Definition {
  return parse(readFileSync(join(directoryOf(action), 'action.yml'), 'utf8')) as Definition;
}

/** The runner keeps dashes. */
function variableName(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}

/** Expressions have no value here: a test gives the input where it matters. */
function defaultOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = String(value);
  return /^\s*\$\{\{.*\}\}\s*$/.test(text) ? '' : text;
}
