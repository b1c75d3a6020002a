import { describePlatform } from '../../oci/platform.ts';
import { formatReference } from '../../oci/reference.ts';
import { clientsOf } from '../../policy/client.ts';
import { choicesOf, type PullChange, pullChanges } from '../../policy/client-choice.ts';
import { type Choosable, isChoosable } from '../../policy/puller.ts';
import type { Observer } from '../../run/observer.ts';
import type { ClientPull, Result } from './report.ts';

/** Maximum changes of one list in its warning; the summary's table has all clients. */
const maxChanges = 5;

/** Maximum entries of a list to examine: the time grows with their square. */
const maxEntries = 128;

/** The result with the image that each client pulls, unless it is a single image or a very long list. */
export function withPulls(result: Result): Result {
  const entries = entriesOf(result);
  if (entries.length === 0) return result;
  return { ...result, pulls: clientPulls(entries, entriesBefore(result.before)) };
}

function entriesOf({
  served: { content },
  members,
}: Pick<Result, 'served' | 'members'>): readonly Choosable[] {
  const isImage = (entry: Choosable, at: number) => isChoosable(entry) && members[at]?.kind !== 'artifact';
  const entries = content.kind === 'index' ? content.manifests.filter(isImage) : [];
  return entries.length > maxEntries ? [] : entries;
}

function entriesBefore(before: Result['before']): readonly Choosable[] | undefined {
  return before && before.entries.length <= maxEntries ? before.entries : undefined;
}

/** What common machines pull, and pulled `before`, which is undefined if the tag did not exist or was not read. */
function clientPulls(
  entries: readonly Choosable[],
  before: readonly Choosable[] | undefined,
): readonly ClientPull[] {
  const clients = clientsOf(entries, before ?? []);
  const earlier = before && choicesOf(before, clients);
  return choicesOf(entries, clients).map(({ client, containerd, skopeo }, at) => ({
    client: client.name,
    entry: containerd?.entry ?? 'none',
    ...(containerd?.entry === skopeo?.entry ? {} : { podman: skopeo?.entry ?? 'none' }),
    before: earlier && (earlier[at]?.containerd?.entry ?? 'none'),
  }));
}

/** Warns about clients that get an image of another platform than from the list before, or none. */
export function warnOfPulls(
  results: readonly Pick<Result, 'served' | 'members' | 'tags' | 'before'>[],
  observer: Pick<Observer, 'warning'>,
): void {
  for (const result of results) {
    const [first] = result.tags;
    const place = results.length > 1 && first ? `${formatReference(first)}: ` : '';
    const texts = changeTexts(entriesOf(result), entriesBefore(result.before));
    if (texts.length > 0) observer.warning(`${place}${texts.join('\n')}`);
  }
}

function changeTexts(entries: readonly Choosable[], before: readonly Choosable[] | undefined) {
  const changes = before === undefined || entries.length === 0 ? [] : pullChanges(before, entries);
  const more = changes.length - maxChanges;
  const texts = changes.slice(0, maxChanges).map(changeText);
  return more > 0 ? [...texts, `Clients pull ${more} more images that they did not pull before.`] : texts;
}

const pullerNames = { containerd: '', skopeo: ' with podman and skopeo' } as const;

function changeText({ puller, before, now, clients }: PullChange): string {
  const machines = clients.map(({ name }) => name).join(', ');
  const instead = now === undefined ? 'find no image for them' : `pull ${named(now)}`;
  return `Clients on ${machines} pulled ${imageName(before)} from the list before; they now ${instead}${pullerNames[puller]}.`;
}

function named(entry: Choosable): string {
  return entry.platform === undefined ? imageName(entry) : `${imageName(entry)} (${entry.digest})`;
}

function imageName({ platform, digest }: Choosable): string {
  return platform === undefined
    ? `${digest}, which states no platform`
    : `the image for ${describePlatform(platform)}`;
}
