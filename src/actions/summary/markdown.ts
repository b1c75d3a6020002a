import { visible } from '../../run/visible.ts';

/** The longest word of a line of text that stays in one piece, in characters. */
const maxWordLength = 40;

/** The longest word that a table on a phone holds in one piece, in characters. */
const maxNarrowLength = 10;

/** The width of a phone, in pixels without the page's margins. */
const phoneWidth = 358;
/** The padding and border of a cell, and the widest usual character of its text, in pixels. */
const cellPadding = 27;
const characterWidth = 8.2;

// The first group: what GitHub turns into links, mentions, formulas or emoji after it decoded character references.
// A reference alone does not keep these from it; an element of their own does.
const markup = /([@#$]|:(?=\/\/|[\w+-]+:)|(?<=www)\.)|[&<>"'`*_~[\]|\\]/gi;

/** Text as one line of Markdown that shows itself and nothing else; very long words may wrap. */
export function markdownText(text: string): string {
  return inPieces(text, maxWordLength, wordPiece);
}

/** Text in a cell of a table; words may wrap after every part, so that the table fits a phone. */
export function cellText(text: string): string {
  return inPieces(text, maxNarrowLength, narrowPiece);
}

/** Text as code in a cell of a table. */
export function cellCode(text: string): string {
  return text.length <= maxNarrowLength ? markdownCode(text) : `<code>${cellText(text)}</code>`;
}

// Breaks after separators, so that the parts of a name stay in one piece where they can.
const wordPiece = /[^/:@_-]{0,20}[/:@_-]{1,4}|[^/:@_-]{1,20}/gu;

// A part with its separator, the last part, up to a dot, or what fits.
const narrowPiece = /[^/:@_-]{0,10}[/:@_-]{1,4}|[^/:@_-]{1,10}$|[^/:@_-]{0,9}\.|[^/:@_-]{1,10}/gu;

function inPieces(text: string, maxLength: number, piece: RegExp): string {
  const words = visible(text.replace(/\s+/g, ' ')).split(' ');
  const pieces = words.map((word) => (word.length <= maxLength ? [word] : (word.match(piece) ?? [word])));
  return pieces.map((each) => each.map(escapePiece).join('<wbr>')).join(' ');
}

/** Text as code in Markdown, also within a table. */
export function markdownCode(text: string): string {
  const isPlain = text.length <= maxWordLength && /^[\w.:@/+-]+$/.test(text);
  return isPlain ? `\`${text}\`` : htmlCode(text);
}

/** Text as code also where Markdown is not read: in the title of what is folded. */
export function htmlCode(text: string): string {
  return `<code>${markdownText(text)}</code>`;
}

/** A message as one line of Markdown that may begin a line or an item: what stands between backticks is code. */
export function markdownMessage(text: string): string {
  const parts = text.trimStart().split('`');
  if (parts.length % 2 === 0) return lineStart(markdownText(text.trimStart()));
  return lineStart(parts.map((part, at) => (at % 2 === 0 ? markdownText : markdownCode)(part)).join(''));
}

// Would begin a list, an underlined heading or the second line of a table.
function lineStart(markdown: string): string {
  return markdown.replace(/^[-+=:]|(?<=^\d{1,9})[.)]/, reference);
}

/**
 * A table of GitHub-flavoured Markdown, '' without rows; the cells are Markdown. A column whose name ends with a colon is
 * aligned to the right. What would scroll sideways on a phone, or have a cell of more than four lines there, is a list.
 */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const head = columns.map((column) => column.replace(/:$/, ''));
  if (!fitsPhone([head, ...rows])) return rows.map(listItem).join('\n');
  const align = columns.map((column) => (column.endsWith(':') ? '--:' : ':--'));
  return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function listItem(cells: readonly string[]): string {
  return `- ${lineStart(cells.filter((cell) => cell !== '–').join(' · '))}`;
}

function fitsPhone(rows: readonly (readonly string[])[]): boolean {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((cells) => cellWidth(cells[at] ?? ''))));
  return widths.reduce((sum, width) => sum + width * characterWidth + cellPadding, 0) <= phoneWidth;
}

/** The characters that a line of this cell needs, at most four lines. */
function cellWidth(markdown: string): number {
  const text = markdown.replace(/&#\d+;/g, 'x').replace(/[`*]|<(?!br|wbr)[^>]*>/g, '');
  const parts = text.split(/<w?br>|[ /-]/).map(({ length }) => length);
  const lines = text.split('<br>').map((line) => line.replaceAll('<wbr>', '').length);
  const length = lines.reduce((sum, each) => sum + each, 0);
  return lines.length > 4
    ? Number.POSITIVE_INFINITY
    : Math.max(...parts, length / Math.max(1, 4 - lines.length));
}

/** Markdown that is shown when a reader opens it; '' for an empty body. `title`: HTML. */
export function folded(title: string, body: string): string {
  if (body === '') return '';
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Text in a block that keeps its lines and spaces; no line may be blank, since that would end the block. */
export function preformatted(text: string): string {
  const lines = text.replace(/[&<>]/g, reference).split('\n');
  return `<pre><code>${lines.map(visible).join('\n')}</code></pre>`;
}

/**
 * Markdown with every secret replaced by `***`, also if its characters are written as references or may wrap: the
 * runner masks only secrets that are written unchanged.
 */
export function withoutSecrets(markdown: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.trim() !== '');
  return known.reduce((rest, secret) => rest.replace(writtenForms(secret), '***'), markdown);
}

function writtenForms(secret: string): RegExp {
  const characters = [...secret.trim().replaceAll(/\s+/g, ' ')].map(writtenForm);
  return new RegExp(characters.join('(?:<wbr>)?'), 'gu');
}

// JSON escapes quotes and backslashes.
function writtenForm(character: string): string {
  const plain = character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  if (!/[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/.test(character)) return plain;
  const code = reference(character);
  return `\\\\?(?:${plain}|${code}|<span>${code}</span>)`;
}

function escapePiece(text: string): string {
  return text.replace(markup, (mark, active?: string) =>
    active === undefined ? reference(mark) : `<span>${reference(mark)}</span>`,
  );
}

function reference(mark: string): string {
  return `&#${mark.charCodeAt(0)};`;
}
