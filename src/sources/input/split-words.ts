import { FormatError } from '../../oci/format-error.ts';

/**
 * Splits a source line into its words.
 *
 * White space separates words. Double quotes, anywhere in a word, keep the white space between them; inside quotes, two
 * in a row stand for one: `title="a b"`, `"title=a b"` and `"a ""b"""` are one word each. A backslash is an ordinary
 * character, so Windows paths need no escapes. Takes linear time. Throws FormatError when a quote is not closed.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const word = readWord(text, at);
    words.push(word.text);
    at = word.end;
  }
  return words;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

function skipBlanks(text: string, start: number): number {
  return endOfRun(/\s*/y, text, start);
}

function readWord(text: string, start: number): Piece {
  const pieces: string[] = [];
  let at = start;
  for (let piece = readPiece(text, at); piece.end > at; piece = readPiece(text, at)) {
    pieces.push(piece.text);
    at = piece.end;
  }
  return { text: pieces.join(''), end: at };
}

function readPiece(text: string, start: number): Piece {
  if (text[start] === '"') return readQuoted(text, start + 1);
  const end = endOfRun(/[^\s"]*/y, text, start);
  return { text: text.slice(start, end), end };
}

function readQuoted(text: string, start: number): Piece {
  const parts: string[] = [];
  for (let from = start; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new FormatError('a double quote is not closed', 'a closing " on the same line');
    parts.push(text.slice(from, quote));
    if (text[quote + 1] !== '"') return { text: parts.join('"'), end: quote + 1 };
    from = quote + 2;
  }
}

/** The end of the characters that `run`, a sticky expression, matches. */
function endOfRun(run: RegExp, text: string, start: number): number {
  run.lastIndex = start;
  run.test(text);
  return Math.max(run.lastIndex, start);
}
