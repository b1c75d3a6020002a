import { FormatError, quote } from '../../oci/format-error.ts';
import { parseJsonDocument } from '../../oci/json-document.ts';

/** One item of a list input. */
export interface InputItem {
  readonly text: string;
  readonly line?: number;
  /** The item's place in a JSON array, such as `[1]`. */
  readonly path?: string;
}

/** The form of a list: one item per line, and with `separate` also commas between items. */
interface ListForm {
  readonly commas?: 'separate';
}

/**
 * The items of a list input, without blank lines and whole-line `#` comments. With commas, each item may be in quotes,
 * and the text may be a JSON array of strings, or a JSON string, as `toJSON` writes them. Throws FormatError when the
 * array is malformed.
 */
export function splitList(text: string, form: ListForm = {}): readonly InputItem[] {
  if (form.commas === 'separate') {
    const whole = text.trim();
    if (/^\{\s*"/.test(whole))
      throw new FormatError('is a JSON object', 'one item per line, or a JSON array of strings');
    if (/^\[\s*["{\]]/.test(whole)) return splitArray(whole);
    const string = /^".*"$/s.test(whole) ? parseString(whole) : undefined;
    if (string !== undefined) return splitList(string, form);
  }
  return text.split(/\r\n|\n/).flatMap((line, at) => {
    if (line.trimStart().startsWith('#')) return [];
    const parts = form.commas === 'separate' ? withoutQuotes(line).split(',').map(withoutQuotes) : [line];
    return parts
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => ({ text: part, line: at + 1 }));
  });
}

function splitArray(text: string): readonly InputItem[] {
  const value = parseJsonDocument(new TextEncoder().encode(text), 'allow');
  return (Array.isArray(value) ? value : []).flatMap((item: unknown, at) => {
    const path = `[${at}]`;
    if (typeof item !== 'string')
      throw new FormatError(`${path} of ${quote(text)} is not text`, 'an array of strings');
    return splitList(item, { commas: 'separate' }).map((each) => ({ text: each.text, path }));
  });
}

/** Undefined for a text that only has quotes at both ends. */
function parseString(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function withoutQuotes(text: string): string {
  const [, double, single] = /^\s*(?:"([^"]*)"|'([^']*)')\s*$/.exec(text) ?? [];
  return double ?? single ?? text;
}
