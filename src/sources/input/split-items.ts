import { FormatError } from '../../oci/format-error.ts';

/** An item of the `sources` input. */
export interface Item {
  /** 1-based line of the input on which it starts. */
  readonly line: number;
  readonly content: ItemContent;
}

/** A line, a JSON document with the text that follows it on its last line, or a problem. */
type ItemContent =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'json'; readonly document: string; readonly rest: string }
  | { readonly kind: 'flaw'; readonly message: string };

interface Span {
  readonly content: ItemContent;
  readonly end: number;
}

/**
 * Splits the `sources` input into items: one per line, except that a JSON document extends to its closing bracket.
 *
 * Blank lines and lines that start with `#` are skipped. Takes linear time: text in which no closing
 * bracket was found is not searched again.
 */
export function* splitItems(text: string): Generator<Item> {
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const { content, end } = readSpan(text, start);
    const isIgnored = content.kind === 'line' && /^(?:$|#)/.test(content.text);
    if (!isIgnored) yield { line, content };
    line += text.slice(start, end).split('\n').length - 1;
    start = end;
  }
}

function readSpan(text: string, start: number): Span {
  const first = endOfRun(/[^\S\n]*/y, text, start);
  if (startsJson(text, first)) return readDocument(text, first);
  const end = endOfLine(text, start);
  return { content: { kind: 'line', text: text.slice(start, end).trim() }, end };
}

function readDocument(text: string, start: number): Span {
  const closed = findClosing(text, start);
  if (closed.closing === undefined) {
    const message = 'the JSON that starts here is not closed (expected: one JSON object or array)';
    return { content: { kind: 'flaw', message }, end: endOfLine(text, closed.searched) };
  }
  const end = endOfLine(text, closed.closing);
  const document = text.slice(start, closed.closing);
  return { content: { kind: 'json', document, rest: text.slice(closed.closing, end).trimEnd() }, end };
}

/** A template (`{arch}/app`) and an IPv6 host (`[::1]:5000`) start with a bracket too. */
function startsJson(text: string, start: number): boolean {
  const opening = /\{\s*["}]|\[\s*["{[\]]/y;
  opening.lastIndex = start;
  return opening.test(text);
}

interface Closing {
  /** The index after the bracket that closes the document, or undefined when there is none. */
  readonly closing?: number;
  /** How far the text was searched. */
  readonly searched: number;
}

/** Finds where a document's brackets balance, skipping strings; the JSON parser checks the rest. */
function findClosing(text: string, start: number): Closing {
  const mark = /["{}[\]]/g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '"') {
      const string = findQuote(text, mark.lastIndex);
      if (string.closing === undefined) return string;
      mark.lastIndex = string.closing;
    } else {
      depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
    }
    if (depth === 0) return { closing: mark.lastIndex, searched: mark.lastIndex };
  }
  return { searched: text.length };
}

/** Finds where a string ends; JSON strings contain no line breaks. */
function findQuote(text: string, start: number): Closing {
  const mark = /["\\\n]/g;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '"') return { closing: mark.lastIndex, searched: mark.lastIndex };
    if (found[0] === '\n') return { searched: found.index };
    mark.lastIndex++;
  }
  return { searched: text.length };
}

function endOfLine(text: string, start: number): number {
  const newline = text.indexOf('\n', start);
  return newline < 0 ? text.length : newline + 1;
}

/**
 * Splits a source line into its words. White space separates words. Double quotes, anywhere in a word, keep the white space between them; inside quotes, two
 * in a row stand for one: `title="a b"`, `"title=a b"` and `"a ""b"""` are one word each. A backslash is an ordinary
 * character, so Windows paths need no escapes. Takes linear time. Throws FormatError when a quote is not closed.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  const skipBlanks = (start: number): number => endOfRun(/\s*/y, text, start);
  for (let at = skipBlanks(0); at < text.length; at = skipBlanks(at)) {
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
