import { FormatError, quote } from '../oci/format-error.ts';
import { foreignForms } from './foreign-form.ts';
import { foreignValues } from './foreign-value.ts';

const tables = { ...foreignForms, ...foreignValues };

/** What an item of an input is; `paths` that do not exist. */
export type ItemKind = keyof typeof tables;

/** Explains a text that was refused by what people write in its place; undefined for other texts. */
export function foreignForm(
  text: string,
  kind: ItemKind,
  words: readonly string[] = text.split(/\s+/),
): FormatError | undefined {
  const subject = words.join('\n').slice(0, maxExplained).replace(/\n#.*/s, '');
  for (const [pattern, flaw, expected] of tables[kind]) {
    const found = pattern.exec(subject);
    if (found === null) continue;
    const fill = (sentence: string): string =>
      sentence.replace(/\$(\d)/g, (_, at: string) => shown(found[Number(at)] ?? ''));
    return new FormatError(`${quote(text)} ${fill(flaw)}`, fill(expected));
  }
  return undefined;
}

/** The parser, with the explanation of a text that it refuses if there is one. */
export function explaining<T>(kind: ItemKind, parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof FormatError ? (foreignForm(text, kind) ?? error) : error;
    }
  };
}

/** The word in a tag that scripts and expressions write for a value that does not exist. */
export function absentWord(tag: string): string | undefined {
  return /(?<![A-Za-z0-9])(?:undefined|null)(?![A-Za-z0-9])/.exec(tag)?.[0];
}

/** Longer texts are not what people write. */
const maxExplained = 1024;

function shown(found: string): string {
  return quote(found.replaceAll('\n', ' ')).slice(1, -1);
}
