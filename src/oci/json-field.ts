import { FormatError, hasControlCharacter, quote } from './format-error.ts';

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

/**
 * Checks a string without control characters; null and undefined become `''`, as Go reads them. Throws FormatError
 * naming `where`.
 */
export function stringAt(value: unknown, where: string): string {
  const string = value ?? '';
  if (typeof string !== 'string') throw new FormatError(`${where} is ${kindOf(string)}`, 'a string');
  if (!hasControlCharacter(string)) return string;
  throw new FormatError(`${where} is ${quote(string)}`, 'a string without control characters');
}

/**
 * Checks an array of strings without control characters; null and undefined become `[]`. Throws FormatError naming the
 * element.
 */
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
