/** A summary for a terminal. */

/** The text of a summary's Markdown: aligned tables, without what is folded. */
export function plainText(markdown: string): string {
  const open = markdown
    .replaceAll(/<details><summary>.*?<\/summary>[\s\S]*?<\/details>/g, '')
    .replaceAll(/^```.*\n/gm, '')
    .replaceAll('<br>', '\n')
    .replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replaceAll(/<[^>]*>|\*\*|`|^#+ /gm, '')
    .replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)));
  return open.replaceAll(/(?:^\|.*\|\n?)+/gm, alignedTable).replaceAll(/\n{3,}/g, '\n\n');
}

function alignedTable(markdown: string): string {
  const rows = markdown
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([first = '']) => !/^:?-+:?$/.test(first));
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
