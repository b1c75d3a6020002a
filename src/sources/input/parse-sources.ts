import { parseDescriptor } from '../../oci/descriptor.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { parseJsonDocument } from '../../oci/json-document.ts';
import type { Platform } from '../../oci/platform.ts';
import type { InputProblem } from '../../run/errors.ts';
import { parseBuildResult } from '../build-result.ts';
import type { Locator, SourceLine } from '../source.ts';
import { type Declaration, parseDeclaration } from './declaration.ts';
import { findLeaves, type Leaf } from './json-sources.ts';
import { parseLocator, sourceForms } from './locator.ts';
import { ProblemList, type SourcePosition } from './problem-list.ts';
import { type Item, splitItems } from './split-items.ts';
import { splitWords } from './split-words.ts';
import { type Expansion, expandTemplate } from './template.ts';

export interface ParsedSources {
  readonly lines: readonly SourceLine[];
  /** All that is wrong, in the input's order; `lines` is of use only when this is empty. */
  readonly problems: readonly InputProblem[];
}

/**
 * Reads the `sources` input.
 *
 *     input  = *( line / comment / JSON ), one a line; a JSON document may go on over several
 *     line   = source [ os/arch[/variant] ] *( key "=" value ), see {@link splitWords}
 *     source = see {@link parseLocator}, with placeholders see {@link expandTemplate}
 *     JSON   = a descriptor or build metadata, followed by the same words as a source,
 *              or an object or array whose strings are lines themselves, see {@link findLeaves}
 *
 * Takes linear time, and stops at 4096 sources with a problem that says so.
 *
 * @param platforms what templates expand over
 */
export function parseSources(text: string, platforms: readonly Platform[]): ParsedSources {
  const list = new ProblemList();
  readText(text, { list, platforms });
  if (list.count > 0) return list.finish();
  return {
    lines: [],
    problems: [{ input: 'sources', message: `lists no source (expected: ${sourceForms})` }],
  };
}

interface Reading {
  readonly list: ProblemList;
  readonly platforms: readonly Platform[];
  /** Where the text stands, when it is a string in a JSON document. */
  readonly place?: SourcePosition;
}

function readText(text: string, reading: Reading): void {
  for (const item of splitItems(text)) {
    if (reading.list.full) return;
    readItem(item, reading);
  }
}

function readItem({ line, content }: Item, reading: Reading): void {
  const { list, place = { line } } = reading;
  if (content.kind === 'flaw') {
    list.refuseForm(place, content.error);
  } else if (content.kind === 'line') {
    readLine(content.text, place, reading);
  } else {
    readDocument(content, place, reading);
  }
}

/** What no line may hold: C0 without the tab, DEL, C1, and Unicode's own line breaks. */
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;

function readLine(text: string, place: SourcePosition, reading: Reading): void {
  const { list } = reading;
  if (forbidden.test(text)) {
    list.refuse(place, `${quote(text)} holds a control character`);
    return;
  }
  const [word, ...rest] = list.attempt(place, () => splitWords(text)) ?? [];
  if (word === undefined) return;
  const named = locate(word, place, reading);
  const declaration = readDeclaration(rest, place, list);
  for (const { expansion, locator } of named) {
    const written = text.startsWith(word) ? expansion.text + text.slice(word.length) : text;
    add(list, place, { text: written, locator, ...specify(declaration, expansion) });
  }
}

function locate(word: string, place: SourcePosition, { list, platforms }: Reading): readonly Named[] {
  const expansions = list.attempt(place, () => expandTemplate(word, platforms)) ?? [];
  return expansions.flatMap((expansion) => {
    const locator = list.attempt(place, () => parseLocator(expansion.text));
    return locator === undefined ? [] : [{ expansion, locator }];
  });
}

interface Named {
  readonly expansion: Expansion;
  readonly locator: Locator;
}

function readDeclaration(words: readonly string[], place: SourcePosition, list: ProblemList): Declaration {
  return parseDeclaration(words, (error) => list.refuseForm(place, error));
}

/** The line's own words win over the template's platform; a variant belongs to the architecture beside it. */
function specify({ declared, annotations }: Declaration, expansion: Expansion): Declaration {
  const { variant, ...named } = expansion.declared;
  const kept = variant === undefined || declared.architecture !== undefined ? named : expansion.declared;
  return { declared: { ...kept, ...declared }, annotations };
}

function add(list: ProblemList, place: SourcePosition, line: Omit<SourceLine, 'line'>): void {
  const text = place.path ? `${place.path}: ${line.text}` : line.text;
  list.add({ ...line, text, line: place.line });
}

interface Document {
  readonly document: string;
  readonly rest: string;
}

function readDocument({ document, rest }: Document, place: SourcePosition, reading: Reading): void {
  const { list } = reading;
  const value = list.attempt(place, () => parseJson(document, rest));
  if (value === undefined) return;
  const before = list.count;
  const declaration = readDeclaration(list.attempt(place, () => splitWords(rest)) ?? [], place, list);
  for (const leaf of findLeaves(value, place.path ?? '')) {
    if (list.full) return;
    if (leaf.path !== (place.path ?? '') && rest !== '') {
      list.refuse(place, `${quote(rest)} follows JSON that lists sources; say it beside each of them`);
      return;
    }
    readLeaf(leaf, declaration, { ...reading, place: { line: place.line, path: leaf.path } });
  }
  if (list.count === before)
    list.refuse(place, `${quote(document)} lists no source (expected: ${sourceForms})`);
}

function parseJson(document: string, rest: string): unknown {
  if (rest !== '' && !/^\s/.test(rest))
    throw new FormatError(`${quote(rest)} follows JSON`, 'a space after it');
  return parseJsonDocument(new TextEncoder().encode(document), 'allow');
}

function readLeaf(leaf: Leaf, declaration: Declaration, reading: Reading & { place: SourcePosition }): void {
  const { list, place } = reading;
  if (leaf.kind === 'flaw') {
    list.refuse(place, leaf.message);
  } else if (leaf.kind === 'text') {
    readString(leaf.text, reading);
  } else {
    const locator = list.attempt(place, () => locateLeaf(leaf));
    if (locator) add(list, place, { text: JSON.stringify(leaf.value), locator, ...declaration });
  }
}

function readString(text: string, reading: Reading & { place: SourcePosition }): void {
  const before = reading.list.count;
  readText(text, reading);
  if (reading.list.count === before) reading.list.refuse(reading.place, `${quote(text)} names no source`);
}

function locateLeaf(leaf: Leaf & { kind: 'descriptor' | 'build' }): Locator {
  if (leaf.kind === 'descriptor') return { kind: 'descriptor', descriptor: parseDescriptor(leaf.value) };
  const { digest, names } = parseBuildResult(leaf.value);
  const [name] = names;
  return name ? { kind: 'reference', ...name, digest } : { kind: 'digest', digest };
}
