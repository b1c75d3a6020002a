import { FormatError, hasControlCharacter, quote } from './format-error.ts';

/**
 * Levels of nested arrays and objects. A manifest needs 5 (document, manifests, entry, platform, os.features); the rest
 * is for future fields.
 */
const maxDepth = 64;

/**
 * Objects and arrays, and keys, in a document. 4 MiB hold 37 000 of the shortest descriptors with three keys each, but
 * also 1.4 million empty arrays, which need 200 MB once parsed.
 */
const maxContainers = 100_000;
const maxKeys = 250_000;

const quotationMark = 0x22;
const comma = 0x2c;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;
const leftBrace = 0x7b;
const rightBrace = 0x7d;

type CaseVariants = 'refuse' | 'allow';

/**
 * Parses a JSON document that means the same to every reader: strict UTF-8, and no object with two keys that are equal
 * or, unless `caseVariants` is `allow`, differ only in case. Go reads `Layers` as `layers` and takes the last of two
 * equal keys, others take the first (CVE-2021-41190). Throws FormatError when the bytes are not such a document, or
 * when it has too many or too deep parts.
 */
export function parseJsonDocument(bytes: Uint8Array, caseVariants: CaseVariants = 'refuse'): unknown {
  const text = decode(bytes);
  new KeyCheck(text, caseVariants).run();
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the text without escapes.
    const beginning = text === '' ? 'is empty' : `begins with ${quote(text.slice(0, 60))}`;
    throw new FormatError(`the document is not JSON: it ${beginning}`, 'a JSON document');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError('the document is not valid UTF-8', 'a JSON document in UTF-8');
  }
}

/**
 * Walks the text once and checks the keys of every object. It runs before JSON.parse, so that a hostile document uses no
 * memory. For a text that is not JSON, it returns or throws in linear time.
 */
class KeyCheck {
  readonly #text: string;
  readonly #caseVariants: CaseVariants;
  /** The open objects and arrays: an object's keys so far, or undefined for an array. */
  readonly #open: (Map<string, string> | undefined)[] = [];
  #keyIsNext = false;
  #keys = 0;
  #containers = 0;

  constructor(text: string, caseVariants: CaseVariants) {
    this.#text = text;
    this.#caseVariants = caseVariants;
  }

  run(): void {
    for (let at = 0; at < this.#text.length; at += 1) {
      const character = this.#text.charCodeAt(at);
      if (character === quotationMark) at = this.#string(at);
      else if (character === comma) this.#keyIsNext = this.#open.at(-1) !== undefined;
      else if (character === leftBrace) this.#enter(new Map());
      else if (character === leftBracket) this.#enter(undefined);
      else if (character === rightBrace || character === rightBracket) {
        this.#open.pop();
        this.#keyIsNext = false;
      }
    }
  }

  #enter(keys: Map<string, string> | undefined): void {
    if (this.#open.length >= maxDepth) throw excessive(`nests deeper than ${maxDepth} levels`);
    this.#containers += 1;
    if (this.#containers > maxContainers)
      throw excessive(`has more than ${maxContainers} objects and arrays`);
    this.#open.push(keys);
    this.#keyIsNext = keys !== undefined;
  }

  /** Skips the string that starts here and returns its end. */
  #string(start: number): number {
    const end = endOfString(this.#text, start);
    if (this.#keyIsNext) this.#key(unescapeKey(this.#text.slice(start, end + 1)));
    this.#keyIsNext = false;
    return end;
  }

  #key(key: string): void {
    this.#keys += 1;
    if (this.#keys > maxKeys) throw excessive(`has more than ${maxKeys} keys`);
    // Upper case first, since Go also folds the long s (U+017F) and the Kelvin sign (U+212A) to plain letters.
    const folded = this.#caseVariants === 'allow' ? key : key.toUpperCase().toLowerCase();
    const siblings = this.#open.at(-1);
    const other = siblings?.get(folded);
    if (other !== undefined) throw ambiguous(other, key);
    siblings?.set(folded, key);
  }
}

function excessive(what: string): FormatError {
  return new FormatError(`the document ${what}`, 'a document of ordinary size');
}

function ambiguous(first: string, second: string): FormatError {
  const keys =
    first === second
      ? `the key ${quote(first)} twice`
      : `the keys ${quote(first)} and ${quote(second)}, which differ only in case,`;
  return new FormatError(`the document has ${keys} in one object`, 'every key once');
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quotationMark) return at;
    if (character === backslash) at += 1;
  }
  return text.length;
}

function unescapeKey(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new FormatError(`the document has the malformed key ${quote(literal)}`, 'a JSON document');
  }
}

/** An object of a parsed JSON document. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Checks that a value is a JSON object. `where`: the name of the value in messages, such as `manifests[2].platform`.
 * Throws FormatError naming `where`.
 */
export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new FormatError(`${where} is ${kindOf(value)}`, 'a JSON object');
}

/** Checks that a value is an array. Throws FormatError naming `where`. */
export function arrayAt(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new FormatError(`${where} is ${kindOf(value)}`, 'a JSON array');
}

/** Checks a string without control characters; null and undefined become `''`. Throws FormatError naming `where`. */
export function stringAt(value: unknown, where: string): string {
  const string = value ?? '';
  if (typeof string !== 'string') throw new FormatError(`${where} is ${kindOf(string)}`, 'a string');
  if (!hasControlCharacter(string)) return string;
  throw new FormatError(`${where} is ${quote(string)}`, 'a string without control characters');
}

/** Checks an array of such strings; null and undefined become `[]`. Throws FormatError naming the element. */
export function stringsAt(value: unknown, where: string): readonly string[] {
  return arrayAt(value ?? [], where).map((item, at) => stringAt(item, `${where}[${at}]`));
}

/**
 * Checks a map of annotations (OCI image-spec 1.1, annotations.md); null and undefined become undefined. Throws
 * FormatError for values that are not strings, and for keys that are empty or contain control characters.
 */
export function annotationsAt(value: unknown, where: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const map = objectAt(value, where);
  for (const [key, text] of Object.entries(map)) {
    if (key === '' || hasControlCharacter(key)) {
      throw new FormatError(`${where} has the key ${quote(key)}`, 'keys without control characters');
    }
    if (typeof text !== 'string') {
      throw new FormatError(`${where} has ${kindOf(text)} under ${quote(key)}`, 'a string');
    }
  }
  return map as Readonly<Record<string, string>>;
}

/** The kind of a JSON value, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
