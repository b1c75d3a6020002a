/** Inputs as the runner hands them to an action. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface ActionMetadata {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
}

/** INPUT_* variables: what is given, and action.yml's defaults for the rest; an expression counts as empty. */
export function inputEnvironment(given: Readonly<Record<string, string>>): Record<string, string> {
  const file = new URL('../../action.yml', import.meta.url);
  const { inputs } = parse(readFileSync(file, 'utf8')) as ActionMetadata;
  const names = new Set([...Object.keys(inputs), ...Object.keys(given)]);
  return Object.fromEntries(
    [...names].map((name) => [
      `INPUT_${name.toUpperCase()}`,
      given[name] ?? inputs[name]?.default?.replace(/^\$\{\{.*\}\}$/, '') ?? '',
    ]),
  );
}
