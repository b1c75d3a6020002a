import { describePlatform, normalizePlatform } from '../oci/platform.ts';
import { type Client, clientsOf } from './client.ts';
import { platformSlot } from './platform-slot.ts';
import { type Choosable, choose, type PulledEntry, type Puller } from './puller.ts';
import { removedPlatforms } from './removed-platform.ts';

/** The entries of a list that one kind of machine pulls. */
interface ClientChoice {
  readonly client: Client;
  /** What containerd and Docker choose; undefined when no entry fits. */
  readonly containerd: PulledEntry | undefined;
  /** What skopeo and podman choose; on Windows, where they run no containers, the same. */
  readonly skopeo: PulledEntry | undefined;
}

/** Machines that get another image than from the list before, or none. */
export interface PullChange {
  readonly puller: Puller;
  readonly before: Choosable;
  readonly now: Choosable | undefined;
  readonly clients: readonly Client[];
}

/** The entries that each client pulls from a list, in the clients' order. */
export function choicesOf(
  entries: readonly Choosable[],
  clients: readonly Client[],
): readonly ClientChoice[] {
  return clients.map((client) => {
    const containerd = choose('containerd', entries, client.platform);
    const isWindows = client.platform.os === 'windows';
    const skopeo = isWindows ? containerd : choose('skopeo', entries, client.platform);
    return { client, containerd, skopeo };
  });
}

/**
 * The clients that get an image of another platform from `after` than from `before`, or none, unless it is their own
 * and the one before was not. Images whose platform `after` does not have are left out: the guard of removed platforms
 * reports them. A change is skopeo's only if containerd has another one, or none.
 */
export function pullChanges(
  before: readonly Choosable[],
  after: readonly Choosable[],
): readonly PullChange[] {
  const removed = new Set(removedPlatforms(before, after).map(({ platform }) => platformSlot(platform)));
  const isTold = ({ entry: { platform } }: PulledEntry) => platform && removed.has(platformSlot(platform));
  const clients = clientsOf(before, after);
  const now = choicesOf(after, clients);
  const changes = choicesOf(before, clients).flatMap((old, at) => changesOf(old, now[at]));
  const grouped = Map.groupBy(
    changes.filter(({ old }) => !isTold(old)),
    ({ puller, old, next }) => [puller, old.entry.digest, next?.entry.digest].join(' '),
  );
  return [...grouped.values()].flatMap((group) => {
    const [{ puller, old, next }] = group as [Change];
    return { puller, before: old.entry, now: next?.entry, clients: group.map(({ client }) => client) };
  });
}

interface Change {
  readonly puller: Puller;
  readonly client: Client;
  readonly old: PulledEntry;
  readonly next: PulledEntry | undefined;
}

function changesOf(before: ClientChoice, after: ClientChoice | undefined): readonly Change[] {
  const isSame = [before, after].every((choice) => choice?.containerd?.entry === choice?.skopeo?.entry);
  const pullers = isSame ? (['containerd'] as const) : (['containerd', 'skopeo'] as const);
  return pullers.flatMap((puller) => {
    const [old, next] = [before[puller], after?.[puller]];
    return old !== undefined && isChange(old, next) ? [{ puller, client: before.client, old, next }] : [];
  });
}

function isChange(old: PulledEntry, next: PulledEntry | undefined): boolean {
  if (next === undefined) return true;
  return kindOf(old.entry) !== kindOf(next.entry) && !(old.how === 'fallback' && next.how === 'exact');
}

// The revision of a Windows version, and any version elsewhere, grows with every build of an image.
function kindOf({ platform }: Choosable): string {
  if (platform === undefined) return '';
  const { 'os.version': _, ...kind } = normalizePlatform(platform);
  return `${platformSlot(platform)} ${describePlatform(kind)}`;
}
