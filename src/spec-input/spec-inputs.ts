/**
 * The inputs that a list of a spec can have, and the forms of their values: `word` is one line of text, `lines` one
 * item per line or a list, `pairs` the same or a mapping. `optional` exists only here: such a list is left out when its
 * tags or sources are empty.
 */
export const specInputs = {
  tags: 'lines',
  sources: 'lines',
  platforms: 'lines',
  annotations: 'pairs',
  format: 'word',
  'prefer-index': 'word',
  attestations: 'word',
  amend: 'word',
  'platform-mismatch': 'word',
  'revision-mismatch': 'word',
  'duplicate-platforms': 'word',
  'removed-platforms': 'word',
  'immutable-tags': 'lines',
  'forward-only-tags': 'lines',
  optional: 'word',
} as const satisfies Readonly<Record<string, 'lines' | 'pairs' | 'word'>>;

export type SpecInput = keyof typeof specInputs;

/** The inputs that apply to the whole step. */
export const stepInputs: readonly string[] = [
  ...['push', 'missing-sources', 'wait-for-sources', 'copy-referrers', 'purge', 'purge-sources'],
  ...['registry-auth', 'credential-helpers', 'insecure-registries', 'github-token'],
  ...['spec', 'declare-subjects', 'repository-annotations', 'summary'],
];

/** The value of an input, in the form of the input itself. */
export interface SpecValue {
  readonly text: string;
  /** The line of the spec for each line of the text. */
  readonly lines: readonly number[];
}

export type SpecValues = ReadonlyMap<SpecInput, SpecValue>;

/** What was read of one list. */
export interface SpecEntry {
  readonly inputs: SpecValues;
  /** The inputs with a problem; their values are incomplete. */
  readonly flawed: ReadonlySet<SpecInput>;
  /** The input without a value for which an optional list is left out. */
  readonly leftOutFor?: SpecInput | undefined;
}

export function isSpecInput(name: string): name is SpecInput {
  return Object.hasOwn(specInputs, name);
}
