import { describePlatform } from '../../oci/platform.ts';
import type { Choosable } from '../../policy/puller.ts';
import { cellText, folded, markdownTable } from './markdown.ts';
import { platformName } from './names.ts';
import type { ClientPull } from './report.ts';

/** Maximum rows that are not folded. */
const maxRows = 5;

/**
 * A table of the entries that clients pull now and pulled before; '' when they are not known. Changed rows are visible,
 * unless the platform table tells them: an added or removed platform. The table of all rows is folded. Clients that got nothing before and get nothing now have no row.
 */
export function clientTable(pulls: readonly ClientPull[]): string {
  const served = pulls.filter(({ entry, before = 'none' }) => entry !== 'none' || before !== 'none');
  const groups = [...Map.groupBy(served, groupKey).values()];
  const changed = groups.filter(isChanged);
  const shown = changed.filter((group) => !isPlatformChange(group)).slice(0, maxRows);
  const others = groups.filter((group) => !isChanged(group));
  const isWhole = shown.length === groups.length;
  const whole = isWhole ? '' : folded('What each client pulls', tableOf([...changed, ...others]));
  return [tableOf(shown), whole].filter((part) => part !== '').join('\n\n');
}

/** Clients that pull the same entry, and pulled the same one before. */
type ClientGroup = readonly ClientPull[];

function groupKey({ entry, podman, before }: ClientPull): string {
  return [entry, podman, before].map((each) => (typeof each === 'object' ? each.digest : each)).join(' ');
}

function isChanged([first]: ClientGroup): boolean {
  return first?.before !== undefined && entryName(first.entry) !== entryName(first.before);
}

// Clients that pull their own platform's image or nothing, now and before.
function isPlatformChange(group: ClientGroup): boolean {
  return group.every(({ client, entry, podman, before = 'none' }) => {
    const isOwn = ({ platform }: Choosable) => platform && describePlatform(platform) === client;
    return podman === undefined && [entry, before].every((each) => each === 'none' || isOwn(each));
  });
}

function tableOf(groups: readonly ClientGroup[]): string {
  const isCompared = groups.some(([first]) => first?.before !== undefined);
  const columns = isCompared ? 3 : 2;
  return markdownTable(
    ['Clients on', 'Pull', 'Pulled before'].slice(0, columns),
    groups.map((group) => groupRow(group).slice(0, columns)),
  );
}

function groupRow(group: ClientGroup): readonly string[] {
  const clients = group.map(({ client }) => cellText(client)).join(', ');
  const [first] = group;
  if (first === undefined) return [];
  const now = entryName(first.entry);
  const before = first.before === undefined ? '–' : entryName(first.before);
  const podman = first.podman === undefined ? '' : ` (podman: ${entryName(first.podman)})`;
  return [clients, `${isChanged(group) ? `**${now}**` : now}${podman}`, before];
}

function entryName(entry: Choosable | 'none'): string {
  if (entry === 'none') return 'nothing';
  return entry.platform === undefined ? 'an entry without a platform' : platformName(entry.platform);
}
