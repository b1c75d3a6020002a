import { FormatError, quote } from './format-error.ts';

/**
 * How deep arrays and objects may nest. A manifest needs 5 levels (document, manifests, entry, platform,
 * os.features); the rest is room for fields yet to be specified.
 */
const deepest = 64;

const quotationMark = 0x22;
const comma = 0x2c;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;
const leftBrace = 0x7b;
const rightBrace = 0x7d;

export type CaseVariants = 'refuse' | 'allow';

/**
 * Parses a JSON document that means the same to every reader: strict UTF-8, and in no object two keys that are
 * equal or, unless `caseVariants` is `allow`, differ only in case. Go reads `Layers` as `layers` and takes the last
 * of two equal keys, others take the first (CVE-2021-41190).
 *
 * @throws FormatError when the bytes are not such a document, or nest deeper than 64 levels.
 */
export function parseJsonDocument(bytes: Uint8Array, caseVariants: CaseVariants = 'refuse'): unknown {
  const text = decode(bytes);
  refuseAmbiguousKeys(text, caseVariants);
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the text unescaped.
    throw new FormatError(`the document is not JSON: it ${beginning(text)}`, 'a JSON document');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError('the document is not valid UTF-8', 'a JSON document in UTF-8');
  }
}

function beginning(text: string): string {
  return text === '' ? 'is empty' : `begins with ${quote(text.slice(0, 60))}`;
}

/**
 * Walks the text once and looks at every object's keys. It runs before JSON.parse, so that nothing is built of a
 * hostile document; of a text that is no JSON it only has to return or throw in linear time.
 */
function refuseAmbiguousKeys(text: string, caseVariants: CaseVariants): void {
  const open: (Map<string, string> | undefined)[] = [];
  let keyIsNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quotationMark) {
      const end = endOfString(text, at);
      if (keyIsNext) addKey(open.at(-1), text.slice(at, end + 1), caseVariants);
      keyIsNext = false;
      at = end;
    } else if (character === leftBrace || character === leftBracket) {
      if (open.length >= deepest)
        throw new FormatError(`the document nests deeper than ${deepest} levels`, 'less nesting');
      open.push(character === leftBrace ? new Map() : undefined);
      keyIsNext = character === leftBrace;
    } else if (character === rightBrace || character === rightBracket) {
      open.pop();
      keyIsNext = false;
    } else if (character === comma) {
      keyIsNext = open.at(-1) !== undefined;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quotationMark) return at;
    if (character === backslash) at += 1;
  }
  return text.length;
}

function addKey(keys: Map<string, string> | undefined, literal: string, caseVariants: CaseVariants): void {
  const key = unescapeKey(literal);
  const folded = caseVariants === 'allow' ? key : foldCase(key);
  const other = keys?.get(folded);
  if (other === key)
    throw new FormatError(`the document has the key ${quote(key)} twice in one object`, 'unique keys');
  if (other !== undefined) {
    throw new FormatError(
      `the document has the keys ${quote(other)} and ${quote(key)}, which differ only in case, in one object`,
      'unique keys',
    );
  }
  keys?.set(folded, key);
}

function unescapeKey(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new FormatError(`the document has the malformed key ${quote(literal)}`, 'a JSON document');
  }
}

/** Upper case first, because Go also folds the long s (U+017F) and the Kelvin sign (U+212A) to plain letters. */
function foldCase(key: string): string {
  return key.toUpperCase().toLowerCase();
}
