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
  /** Where the next item's line starts. */
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
    const span = readSpan(text, start);
    if (!isIgnored(span.content)) yield { line, content: span.content };
    line += countNewlines(text, start, span.end);
    start = span.end;
  }
}

function readSpan(text: string, start: number): Span {
  const first = endOfIndent(text, start);
  return startsJson(text, first) ? readDocument(text, first) : readLine(text, start);
}

function readLine(text: string, start: number): Span {
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

function isIgnored(content: ItemContent): boolean {
  return content.kind === 'line' && (content.text === '' || content.text.startsWith('#'));
}

function endOfIndent(text: string, start: number): number {
  const indent = /[^\S\n]*/y;
  indent.lastIndex = start;
  indent.test(text);
  return Math.max(indent.lastIndex, start);
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

function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
