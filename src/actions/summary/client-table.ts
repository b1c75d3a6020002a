import { markdownTable } from './markdown.ts';
import { platformName } from './names.ts';
import type { ClientEntry, ClientPull } from './report.ts';

/** Which entry clients pull, a row for each entry and what came before it; '' when it is not known. */
export function clientTable(pulls: readonly ClientPull[]): string {
  if (pulls.length === 0) return '';
  const groups = Map.groupBy(pulls, groupKey);
  const rows = [...groups.values()].map((group) => groupRow(group));
  const isCompared = pulls.some(({ before }) => before !== undefined);
  return isCompared
    ? markdownTable(['Clients on', 'Pull', 'Pulled before'], [':--', ':--', ':--'], rows)
    : markdownTable(
        ['Clients on', 'Pull'],
        [':--', ':--'],
        rows.map((cells) => cells.slice(0, 2)),
      );
}

function groupKey({ entry, before }: ClientPull): string {
  return [entry, before].map((each) => (typeof each === 'object' ? each.digest : each)).join(' ');
}

function groupRow(group: readonly ClientPull[]): readonly string[] {
  const clients = group.map(({ client }) => platformName(client)).join(', ');
  const [first] = group;
  if (first === undefined) return [];
  const now = entryName(first.entry);
  const before = first.before === undefined ? '–' : entryName(first.before);
  const isOther = first.before !== undefined && now !== before;
  return [clients, isOther ? `**${now}**` : now, before];
}

function entryName(entry: ClientEntry | 'none'): string {
  return entry === 'none' ? 'nothing' : platformName(entry.platform);
}
