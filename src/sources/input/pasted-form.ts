import { FormatError, quote } from '../../oci/format-error.ts';

const blockForm = 'one item per line, in a block that begins with "|"';

/** A text that has the form of something else, and its 1-based line. */
interface PastedForm {
  readonly line: number;
  readonly message: string;
}

/**
 * Finds a YAML list in a list input: GitHub hands `- item` lines over as they are, since inputs are text.
 * One problem stands for all of its lines.
 */
export function findYamlList(text: string): PastedForm | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  if (!/^\s*-(?:\s|$)/.test(lines[at] ?? '')) return undefined;
  const message = `is a YAML list, but inputs are text; remove "- " from the lines (expected: ${blockForm})`;
  return { line: at + 1, message };
}

/** Throws FormatError for an item with white space in it, where items are single words: a comment, or a folded block. */
export function checkSingleWord(text: string): void {
  const [word = '', next] = text.split(/\s+/, 2);
  if (next === undefined) return;
  if (next.startsWith('#')) throw commentBehind(quote(word));
  throw new FormatError(`${quote(text)} contains several items on one line`, blockForm);
}

/** Throws FormatError when a comment or another source, as a folded block (`>`) joins them, is among the words behind a source. */
export function checkFollowing(words: readonly string[]): 'valid' {
  const strange = words.find((word) => word.startsWith('#') || (!word.includes('=') && /[:@]/.test(word)));
  if (strange === undefined) return 'valid';
  if (strange.startsWith('#')) throw commentBehind('the source');
  const message = `${quote(strange)} is a second source on the line`;
  throw new FormatError(message, 'one source per line, in a block that begins with "|", not ">"');
}

function commentBehind(item: string): FormatError {
  return new FormatError(`a comment follows ${item} on its line`, 'comments on lines of their own');
}
