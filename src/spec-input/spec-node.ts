/** A value of the `spec` input, with its lines in the input (1-based). */
export type SpecNode = SpecText | SpecSequence | SpecMapping;

/** A scalar as it is written: `true` and `1.0` are text. An empty value is an empty text. */
export interface SpecText {
  readonly kind: 'text';
  readonly text: string;
  readonly line: number;
  /** Where the lines of the text begin: on the line after `line` in a block (`|`), on `line` otherwise. */
  readonly style: 'inline' | 'block';
  /** Whether it stands for a value that has a problem already. */
  readonly refused?: boolean;
}

interface SpecSequence {
  readonly kind: 'sequence';
  readonly items: readonly SpecNode[];
  readonly line: number;
}

export interface SpecMapping {
  readonly kind: 'mapping';
  readonly fields: readonly SpecField[];
  readonly line: number;
}

export interface SpecField {
  readonly key: string;
  readonly line: number;
  readonly value: SpecNode;
}

/** The kind of a value, for messages. */
export function describeNode(node: SpecNode): string {
  return { text: 'text', sequence: 'a list', mapping: 'a mapping' }[node.kind];
}
