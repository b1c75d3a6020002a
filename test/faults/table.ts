/** The results of sweeps as a table. */
import type { Trial, Verdict } from './sweep.ts';

const columns: readonly Verdict[] = ['survived', 'failed cleanly', 'silent', 'half done', 'bug', 'hung'];

/** One row a class of faults, one column a verdict, how many runs in each; and how long the longest took. */
export function renderTable(trials: readonly Trial[]): string {
  const faults = [...new Set(trials.map(({ fault }) => fault))];
  const rows = faults.map((fault) =>
    rowOf(
      fault,
      trials.filter((trial) => trial.fault === fault),
    ),
  );
  const heading = ['fault', ...columns, 'longest'];
  return aligned([heading, ...rows, rowOf('all', trials)]);
}

function rowOf(name: string, trials: readonly Trial[]): string[] {
  const counts = columns.map((verdict) => trials.filter((trial) => trial.verdict === verdict).length);
  const longest = Math.max(...trials.map(({ milliseconds }) => milliseconds));
  return [
    name,
    ...counts.map((count) => (count === 0 ? '·' : `${count}`)),
    `${(longest / 1000).toFixed(1)} s`,
  ];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  return lines.join('\n');
}

/** One trial on one line. */
export function renderTrial({ verdict, job, fault, request, requests, said }: Trial): string {
  return `${verdict}: ${fault} at ${request} of "${job}", ${requests} requests: ${said.replaceAll('\n', ' | ')}`;
}
