/** Tables for the terminal and for pages. */

export interface Table {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Lines below it. */
  readonly notes?: readonly string[];
}

/** Pads columns with spaces: the first one is aligned left, numbers right. */
export function plainTable({ title, headings, rows, notes = [] }: Table): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '),
  );
  return [title, ...lines, ...notes].join('\n');
}

/** GitHub's Markdown, with the notes as a list below. */
export function markdownTable({ title, headings, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'));
  const below = notes.map((note) => `- ${note}`);
  return [
    `### ${title}`,
    '',
    ...[headings, rule, ...rows].map(line),
    ...(below.length ? ['', ...below] : []),
  ].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
