import { FormatError, quote } from '../oci/format-error.ts';

/** A parsed pattern for tag names. */
export interface TagGlob {
  readonly text: string;
  readonly parts: readonly GlobPart[];
}

/** `*`, or a test for one character. */
type GlobPart =
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean };

const form =
  'a pattern for tag names: letters, digits, "_", "." and "-"; * matches any characters, ? one character, [a-z] or [!a-z] one character of a set';

const maxTagLength = 128;

/** Enough for a pattern with a complete tag and some sets. */
const maxGlobLength = 256;

/**
 * Parses a glob for tag names:
 *
 *     *         any characters, or none
 *     ?         one character
 *     [abc]     one of these characters; [a-z] is a range, a "-" at either end means itself
 *     [!abc]    one character that is not one of these; [^abc] is the same
 *
 * Every other character stands for itself and must be one that tags have. Throws FormatError naming what is wrong.
 */
export function parseTagGlob(text: string): TagGlob {
  if (text === '') throw new FormatError('the pattern is empty', form);
  if (text.length > maxGlobLength)
    throw flawed(text, `has ${text.length} characters`, `at most ${maxGlobLength} characters`);
  const parts: GlobPart[] = [];
  for (let at = 0; at < text.length; ) {
    const { part, end } = readPart(text, at);
    // Several stars in a row mean the same as one.
    if (part.kind !== 'any' || parts.at(-1)?.kind !== 'any') parts.push(part);
    at = end;
  }
  return { text, parts };
}

/** Whether the complete tag matches. Takes at most one step for each part of the glob and character of the tag. */
export function matchesTagGlob({ parts }: TagGlob, tag: string): boolean {
  if (tag.length > maxTagLength) return false;
  // The positions in the glob that the characters read so far can reach.
  let reached = afterStars(parts, new Set([0]));
  for (const character of tag) {
    reached = afterStars(parts, advance(parts, reached, character));
    if (reached.size === 0) return false;
  }
  return reached.has(parts.length);
}

function advance(parts: readonly GlobPart[], reached: ReadonlySet<number>, character: string) {
  const next = new Set<number>();
  for (const at of reached) {
    const part = parts[at];
    if (part?.kind === 'any') next.add(at);
    else if (part?.accepts(character)) next.add(at + 1);
  }
  return next;
}

function afterStars(parts: readonly GlobPart[], reached: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...reached].flatMap((at) => (parts[at]?.kind === 'any' ? [at, at + 1] : [at])));
}

interface ReadPart {
  readonly part: GlobPart;
  readonly end: number;
}

function readPart(text: string, at: number): ReadPart {
  const character = text.charAt(at);
  if (character === '*') return { part: { kind: 'any' }, end: at + 1 };
  if (character === '?') return { part: { kind: 'one', accepts: () => true }, end: at + 1 };
  if (character === '[') return readSet(text, at);
  if (isTagCharacter(character))
    return { part: { kind: 'one', accepts: (other) => other === character }, end: at + 1 };
  const isName = character === '/' || character === ':' || character === '@';
  const why = isName ? 'a pattern is for the tag alone, without registry and repository' : foreign;
  throw flawed(text, `has ${quote(character)} in it; ${why}`);
}

const foreign = 'tags cannot contain it';

function flawed(text: string, flaw: string, expected = form): FormatError {
  return new FormatError(`pattern ${quote(text)} ${flaw}`, expected);
}

function readSet(text: string, start: number): ReadPart {
  const end = text.indexOf(']', start);
  if (end < 0) throw flawed(text, 'has a "[" that is not closed');
  const isNegated = /[!^]/.test(text.charAt(start + 1));
  const members = text.slice(start + (isNegated ? 2 : 1), end);
  if (members === '') throw flawed(text, 'has an empty set');
  const ranges = readRanges(text, members);
  const isMember = (character: string) => ranges.some(([from, to]) => from <= character && character <= to);
  return { part: { kind: 'one', accepts: (character) => isMember(character) !== isNegated }, end: end + 1 };
}

function readRanges(text: string, members: string): readonly (readonly [from: string, to: string])[] {
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; ) {
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length;
    const range: [string, string] = [members.charAt(at), members.charAt(isRange ? at + 2 : at)];
    const strange = range.find((character) => !isTagCharacter(character));
    if (strange !== undefined) throw flawed(text, `has ${quote(strange)} in a set; ${foreign}`);
    if (range[0] > range[1])
      throw flawed(text, `has the range ${quote(range.join('-'))}, which runs backwards`);
    ranges.push(range);
    at += isRange ? 3 : 1;
  }
  return ranges;
}

function isTagCharacter(character: string): boolean {
  return /^[A-Za-z0-9_.-]$/.test(character);
}
