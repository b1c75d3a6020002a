import { compareUtf8 } from './byte-order.ts';

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
  const deeper = newline + indent;
  if (Array.isArray(value)) {
    return enclose(
      value.map((item) => write(item, indent, deeper)),
      '[]',
      newline,
      deeper,
    );
  }
  const fields = value instanceof Map ? [...value] : Object.entries(value);
  const lines = fields
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${writeString(key)}: ${write(item, indent, deeper)}`);
  return enclose(lines, '{}', newline, deeper);
}

function enclose(lines: readonly string[], pair: string, newline: string, deeper: string): string {
  if (lines.length === 0) return pair;
  return pair.charAt(0) + deeper + lines.join(`,${deeper}`) + newline + pair.charAt(1);
}

/** A lone surrogate becomes U+FFFD, as in Go's decoder. */
function writeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
