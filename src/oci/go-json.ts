import { escapeUnits } from './format-error.ts';

/** Valid JSON text whose strings and numbers stay as they are written, as Go's `json.RawMessage`. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Writes a JSON value as Go's `json.MarshalIndent(value, "", indent)` does: object keys in their order, nothing inside
 * empty objects and arrays, `<`, `>`, `&`, U+2028 and U+2029 escaped, no newline at the end. Fields that are
 * undefined are left out.
 */
export function marshalIndent(value: unknown, indent: string): string {
  return write(value, indent, '\n');
}

/** The same map with its keys in the order Go writes a map's keys: by their UTF-8 bytes. */
export function sortedMap(map: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(map).sort(([a], [b]) => compareUtf8(a, b)));
}

function write(value: unknown, indent: string, newline: string): string {
  if (typeof value === 'string') return writeString(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof RawJson) return indentRaw(value.text, indent, newline);
  const deeper = newline + indent;
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, indent, deeper));
    return enclose(items, '[]', newline, deeper);
  }
  const fields = value instanceof Map ? [...value] : Object.entries(value);
  const lines = fields
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${writeString(key)}: ${write(item, indent, deeper)}`);
  return enclose(lines, '{}', newline, deeper);
}

// A string, the brackets of something empty, a bracket or separator, white space, or a number or word.
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|\{\s*\}|\[\s*\]|[{}[\],:]|\s+|[^\s{}[\],:"]+/g;

function indentRaw(text: string, indent: string, newline: string): string {
  let line = newline;
  return text.replace(token, (part) => {
    if (part.startsWith('"')) return escapeHtml(part);
    if (part === ',') return part + line;
    if (part === ':') return `${part} `;
    if (part === '{' || part === '[') {
      line += indent;
      return part + line;
    }
    if (part === '}' || part === ']') {
      line = line.slice(0, -indent.length);
      return line + part;
    }
    return part.replaceAll(/\s/g, '');
  });
}

function enclose(lines: readonly string[], pair: string, newline: string, deeper: string): string {
  if (lines.length === 0) return pair;
  return pair.charAt(0) + deeper + lines.join(`,${deeper}`) + newline + pair.charAt(1);
}

/** A lone surrogate becomes U+FFFD, as in Go's decoder. */
function writeString(text: string): string {
  return escapeHtml(JSON.stringify(text.toWellFormed()));
}

function escapeHtml(literal: string): string {
  return literal.replace(/[<>&\u2028\u2029]/g, escapeUnits);
}

/**
 * Compares two strings by the bytes of their UTF-8 form, as Go sorts strings: negative, zero or positive.
 *
 * UTF-16 order differs: surrogate pairs (U+10000 and up) come before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Moves surrogates behind all other code units, where their code points belong. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
