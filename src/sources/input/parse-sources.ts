import { FormatError, quote } from '../../oci/format-error.ts';
import { type JsonObject, parseJsonDocument } from '../../oci/json-document.ts';
import type { Platform } from '../../oci/platform.ts';
import type { InputProblem } from '../../run/errors.ts';
import { foreignForm } from '../explanation.ts';
import type { SourceLine } from '../source.ts';
import { type Declaration, parseDeclaration } from './declaration.ts';
import { isSource, type JsonSource, listSources, locateObject } from './json-sources.ts';
import { type Expansion, expandTemplate, parseLocator, sourceForms } from './locator.ts';
import { checkFollowing, findYamlList } from './pasted-form.ts';
import { attempt, formatFlaw, type ParsedSources, ProblemList, type SourcePosition } from './problem-list.ts';
import { type Item, splitItems, splitWords } from './split-items.ts';

/**
 * Reads the `sources` input.
 *
 *     input  = *( line / comment / JSON ), one per line; a JSON document may span several
 *     line   = source [ os/arch[/variant] ] *( key "=" value ), see {@link splitWords}
 *     source = see {@link parseLocator}, with placeholders see {@link expandTemplate}
 *     JSON   = a descriptor or build metadata, followed by the same words as a source, see {@link locateObject},
 *              or an object or array whose strings are inputs themselves, see {@link listSources}
 *
 * Takes linear time, and stops at 4096 sources with a problem. `platforms`: what templates expand over.
 */
export function parseSources(text: string, platforms: readonly Platform[]): ParsedSources {
  const pasted = findYamlList(text);
  if (pasted !== undefined) return refused(pasted);
  if (text.trim() === 'null') return refused(nullInput);
  const list = new ProblemList();
  readText(text, { list, platforms });
  if (list.count > 0) return list.finish();
  const message = `lists no source; if an expression stands there, its value is empty (expected: ${sourceForms})`;
  return refused({ message });
}

function refused(problem: Omit<InputProblem, 'input'>): ParsedSources {
  return { lines: [], problems: [{ input: 'sources', ...problem }], documents: 0 };
}

/** `toJSON` of a context that does not exist. */
const nullInput = {
  message:
    'is null: the job or its outputs do not exist; list the job in `needs`, and set its `outputs` (expected: the outputs of a job, or sources)',
};

interface Context {
  readonly list: ProblemList;
  readonly platforms: readonly Platform[];
  /** Where the text stands, when it is a string in a JSON document. */
  readonly position?: SourcePosition;
}

function readText(text: string, context: Context): void {
  for (const item of splitItems(text)) {
    if (context.list.full) return;
    readItem(item, context);
  }
}

function readItem({ line, content }: Item, context: Context): void {
  const { list, position = { line } } = context;
  if (content.kind === 'flaw') list.refuse(position, content.message);
  else if (content.kind === 'line') readLine(content.text, position, context);
  else readDocument(content, position, context);
}

/** Forbidden in a line: C0 without the tab, DEL, C1, and Unicode's own line breaks. */
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;

function readLine(line: string, position: SourcePosition, { list, platforms }: Context): void {
  const text = withoutQuotes(line);
  if (forbidden.test(text)) {
    list.refuse(position, `${quote(text)} contains a control character`);
    return;
  }
  const flaws: string[] = [];
  const sources = readWords(text, platforms, (message) => flaws.push(message));
  const explained = flaws.length === 0 ? undefined : foreignForm(text, 'sources', wordsOf(text));
  for (const message of explained ? [formatFlaw(explained)] : flaws) list.refuse(position, message);
  if (explained === undefined) for (const source of sources) add(list, position, source);
}

/** The line without the quotes around it, which YAML keeps within a block. A path in double quotes is one word. */
function withoutQuotes(line: string): string {
  const isPath = /^"(?:oci|oci-archive|digests|metadata):/.test(line);
  return !isPath && /^'[^']+'$|^"[^"]+"$/.test(line) ? line.slice(1, -1).trim() : line;
}

/** The words that have a form; the value of an annotation may be any text. */
function wordsOf(text: string): readonly string[] {
  const words =
    attempt(
      () => splitWords(text),
      () => {},
    ) ?? text.split(/\s+/);
  return words.filter((word) => !word.startsWith('annotation.'));
}

function readWords(
  text: string,
  platforms: readonly Platform[],
  refuse: (message: string) => void,
): readonly Omit<SourceLine, 'line'>[] {
  const [word, ...rest] = attempt(() => splitWords(text), refuse) ?? [];
  // The rest of such a line is not read: every word of it would be a problem of its own.
  if (word === undefined || attempt(() => checkFollowing(rest), refuse) === undefined) return [];
  const expansions = attempt(() => expandTemplate(word, platforms), refuse) ?? [];
  const located = expansions.flatMap((expansion) => {
    const locator = attempt(() => parseLocator(expansion.text), refuse);
    return locator === undefined ? [] : [{ expansion, locator }];
  });
  const declaration = parseDeclaration(rest, refuse);
  return located.map(({ expansion, locator }) => {
    const written = text.startsWith(word) ? expansion.text + text.slice(word.length) : text;
    return { text: written, locator, ...specify(declaration, expansion) };
  });
}

/** The line's own words win over the template's platform; a variant belongs to the architecture beside it. */
function specify({ declared, annotations }: Declaration, expansion: Expansion): Declaration {
  const { variant, ...named } = expansion.declared;
  const kept = variant === undefined || declared.architecture !== undefined ? named : expansion.declared;
  return { declared: { ...kept, ...declared }, annotations };
}

function add(list: ProblemList, { line, path }: SourcePosition, source: Omit<SourceLine, 'line'>): void {
  list.add({ ...source, text: path ? `${path}: ${source.text}` : source.text, line });
}

interface Document {
  readonly document: string;
  /** The text that follows it on its last line. */
  readonly rest: string;
}

function readDocument({ document, rest }: Document, position: SourcePosition, context: Context): void {
  const { list } = context;
  const value = list.attempt(position, () => parseJson(document, rest));
  if (value === undefined) return;
  if (isSource(value)) {
    readObject(value, rest, position, list);
    return;
  }
  const sources = listSources(value, position.path ?? '');
  if (sources.length === 0) {
    list.refuse(position, emptyDocument(document));
  } else if (rest !== '') {
    list.refuse(position, `${quote(rest)} follows JSON that lists sources; write it after each of them`);
  } else {
    list.addDocument();
    for (const source of sources) readSource(source, position.line, context);
  }
}

function emptyDocument(document: string): string {
  return /^[{[]\s*[\]}]$/.test(document)
    ? `${quote(document)} is empty: the job set no outputs, or GitHub dropped them because they contain a secret`
    : `${quote(document)} lists no source (expected: ${sourceForms})`;
}

function parseJson(document: string, rest: string): unknown {
  if (rest !== '' && !/^\s/.test(rest))
    throw new FormatError(`${quote(rest)} follows JSON`, 'a space after the JSON');
  return parseJsonDocument(new TextEncoder().encode(document), 'allow');
}

function readObject(value: JsonObject, rest: string, position: SourcePosition, list: ProblemList): void {
  const words = list.attempt(position, () => splitWords(rest)) ?? [];
  if (list.attempt(position, () => checkFollowing(words)) === undefined) return;
  const declaration = parseDeclaration(words, (message) => list.refuse(position, message));
  const locator = list.attempt(position, () => locateObject(value));
  if (locator) add(list, position, { text: JSON.stringify(value), locator, ...declaration });
}

function readSource(source: JsonSource, line: number, context: Context): void {
  const { list } = context;
  const position = { line, path: source.path };
  const before = list.count;
  if (list.full) return;
  if ('flaw' in source) {
    list.refuse(position, source.flaw);
    return;
  }
  if (source.text.trim() === '') {
    list.refuse(position, `is empty, not a source; check the step that sets the output`);
    return;
  }
  readText(source.text, { ...context, position });
  if (list.count === before) list.refuse(position, `${quote(source.text)} lists no source`);
}
