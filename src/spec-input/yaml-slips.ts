import { isSpecInput } from './spec-inputs.ts';

/** A slip that makes a text invalid YAML, and its 1-based line. */
interface Slip {
  readonly line: number;
  readonly message: string;
}

/** Slips in the value of a line, after its key or dash. */
const valueSlips: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^(?:\[[^"']*)?\*/, 'has a value that begins with "*", which YAML reads as an alias; put it in quotes'],
  [/^(?:"[^"]*|'[^']*)$/, 'has a quotation mark that is not closed'],
  [/^[@`%]/, 'has a value that begins with "$0", which YAML reserves; put it in quotes'],
  [/^\{\w+\}[^\s,]/, 'has a value that begins with "{", which YAML reads as a mapping; put it in quotes'],
  [/^[^\s"'[{|>&*!#][^\s#]*:\s*$/, 'has nothing behind its last ":"; is an expression empty?'],
  [/^[^"'[{|>&*!#][^#]*:\s/, 'has a colon and a space in its value; put the value in quotes'],
];

/**
 * Finds the slips that people make in the YAML of a spec, by its lines: tabs, columns, missing spaces and quotes. Only for
 * texts that are not valid YAML, since some of them are valid elsewhere. Takes linear time.
 */
export function findSlips(text: string): readonly Slip[] {
  const scan = new SlipScan();
  for (const line of text.split(/\r?\n/)) scan.read(line);
  return scan.slips;
}

class SlipScan {
  readonly slips: Slip[] = [];
  #line = 0;
  /** The column of the key of a block (`|`), from 0, while its lines are read. */
  #block: number | undefined;
  /** The columns of the dashes of entries, and of the keys of the current one. */
  #dash: number | undefined;
  #keys: number | undefined;

  read(line: string): void {
    this.#line += 1;
    const [indent = ''] = /^[ \t]*/.exec(line) ?? [];
    const rest = line.slice(indent.length);
    if (rest === '' || rest.startsWith('#') || (/^---(?: |$)/.test(line) && this.#keys === undefined)) return;
    if (this.#block !== undefined && indent.search(/\t|$/) > this.#block) return;
    this.#block = undefined;
    const message = indent.includes('\t') ? tab : this.#flawOf(indent.length, rest);
    if (message !== undefined) this.slips.push({ line: this.#line, message });
  }

  #flawOf(column: number, text: string): string | undefined {
    const [dashes = ''] = /^(?:- +)*/.exec(text) ?? [];
    const item = text.slice(dashes.length);
    const [, key = '', gap = '', value = ''] = /^([A-Za-z][\w.-]*):( *)(.*)$/.exec(item) ?? [];
    if (/^-[A-Za-z]/.test(item)) return 'has no space behind "-"';
    const isText = key === '' || (gap === '' && value !== '');
    if (column === 0 && /^(?:---|\.\.\.)(?: |$)/.test(text)) return secondDocument;
    if (key === 'annotations' && /^[\w./-]+:(?: |$)/.test(value)) return pairBehind;
    if (!isSpecInput(key) && key !== 'manifests') {
      const isStray = isText && dashes === '' && column === 0 && this.#keys !== undefined;
      return isStray ? strayLine : valueFlaw(isText ? item : value);
    }
    if (isText) return `has no space behind "${key}:"`;
    const misplaced = this.#place(dashes === '' ? undefined : column, column + dashes.length);
    if (/^[|>][-+0-9]*\s*(?:#.*)?$/.test(value)) this.#block = column + dashes.length;
    return misplaced ?? (this.#block === undefined ? valueFlaw(value) : undefined);
  }

  #place(dash: number | undefined, key: number): string | undefined {
    const [column, expected, others] =
      dash === undefined
        ? [key, this.#keys, 'the other keys of its entry']
        : [dash, this.#dash, 'the dashes of the other entries'];
    if (dash !== undefined) this.#dash ??= dash;
    this.#keys = dash === undefined ? (this.#keys ?? key) : key;
    if (expected === undefined || column === expected) return undefined;
    return `begins in column ${column + 1}, and ${others} in column ${expected + 1}`;
  }
}

function valueFlaw(value: string): string | undefined {
  for (const [pattern, message] of valueSlips) {
    const found = pattern.exec(value);
    if (found !== null) return message.replace('$0', found[0]);
  }
  return undefined;
}

const tab = 'is indented with a tab; write spaces';
const secondDocument = 'begins another YAML document; remove the line, and write all entries as one list';
const pairBehind = 'has a pair behind "annotations:"; write it as key=value, or on a line below';
const strayLine =
  'begins in column 1, but continues the value above it; for an expression with several lines, write "|" behind the key and the expression alone on the next line';

/**
 * The text with the lines indented that an expression of several lines, such as an output of docker/metadata-action, put
 * at the start of the line; the number of lines stays. Only for texts that are not valid YAML: there, such a line is never
 * valid.
 */
export function reindented(text: string): string {
  let block: string | undefined;
  let list: string | undefined;
  return text
    .split('\n')
    .map((line) => {
      const opening = /^( *(?:- +)*)[\w-]+: *(?:([|>])[-+0-9]*|\[) *\r?$/.exec(line);
      const [, before = '', sign] = opening ?? [];
      if (opening) {
        const inner = ' '.repeat(before.length + 1);
        [block, list] = sign === undefined ? [undefined, inner] : [inner, undefined];
      } else if (list !== undefined) {
        const padded = list + line;
        if (/^\s*\]/.test(line)) list = undefined;
        return padded;
      } else if (block !== undefined && /^ +\S/.test(line)) {
        block = line.startsWith(block) ? (/^ */.exec(line)?.[0] ?? block) : undefined;
      } else if (block !== undefined && /^[^\s#-]/.test(line) && !/^[\w.-]+:(?:\s|$)/.test(line)) {
        return block + line;
      }
      return line;
    })
    .join('\n');
}
