import type { Descriptor } from '../../oci/descriptor.ts';
import { ociManifest } from '../../oci/media-types.ts';
import { describePlatform } from '../../oci/platform.ts';
import { formatReference } from '../../oci/reference.ts';
import { type Client, clientsOf } from '../../policy/client.ts';
import { type ClientFinding, choicesOf, findingsOf } from '../../policy/client-choice.ts';
import { isChoosable, type Puller } from '../../policy/puller.ts';
import type { Observer } from '../../run/observer.ts';
import type { ClientEntry, ClientPull, PreviousList, Result } from './report.ts';

/** Maximum findings of one list that become warnings; the summary's table has all clients. */
const maxFindings = 5;

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
}: Pick<Result, 'served' | 'members'>): readonly Descriptor[] {
  const isImage = (entry: Descriptor, at: number) => isChoosable(entry) && members[at]?.kind !== 'artifact';
  const entries = content.kind === 'index' ? content.manifests.filter(isImage) : [];
  return entries.length > maxEntries ? [] : entries;
}

// Clients use no other fields to choose.
function entriesBefore(before: PreviousList | undefined): readonly Descriptor[] | undefined {
  if (before === undefined || before.entries.length > maxEntries) return undefined;
  return before.entries.map(({ digest, platform }) => ({
    mediaType: ociManifest,
    size: 0,
    digest,
    platform,
  }));
}

/**
 * The entries that common machines pull from a list and pulled from the previous list, for the summary. `before`: the
 * entries that the tag held; undefined when the tag did not exist or was not read.
 */
function clientPulls(
  entries: readonly Descriptor[],
  before: readonly Descriptor[] | undefined,
): readonly ClientPull[] {
  const clients = clientsOf(entries, before ?? []);
  const earlier = before && choicesOf(before, clients);
  return choicesOf(entries, clients).map(({ client, entry }, at) => ({
    client: client.name,
    entry: clientEntry(entry),
    before: earlier && clientEntry(earlier[at]?.entry),
  }));
}

function clientEntry(entry: ClientEntry | undefined): ClientEntry | 'none' {
  return entry === undefined ? 'none' : { platform: entry.platform, digest: entry.digest };
}

/** Warns about entries that some clients pull, or never pull, and that may be mistakes. */
export function warnOfPulls(
  results: readonly Pick<Result, 'served' | 'members' | 'tags'>[],
  observer: Pick<Observer, 'warning'>,
): void {
  for (const result of results) {
    const [first] = result.tags;
    const place = results.length > 1 && first ? `${formatReference(first)}: ` : '';
    for (const text of clientWarnings(result)) observer.warning(`${place}${text}`);
  }
}

function clientWarnings(result: Pick<Result, 'served' | 'members'>): readonly string[] {
  const entries = entriesOf(result);
  const findings = findingsOf(entries, choicesOf(entries, clientsOf(entries)));
  const more = findings.length - maxFindings;
  const texts = findings.slice(0, maxFindings).map(findingText);
  return more > 0 ? [...texts, `${more} more entries of the list may not be pulled as expected.`] : texts;
}

function findingText(finding: ClientFinding): string {
  switch (finding.kind) {
    case 'unreachable':
      return finding.hiddenBy === undefined
        ? `No client pulls ${named(finding.entry)}: its os.version or os.features fit no common machine.`
        : `Docker and containerd never pull ${named(finding.entry)}, because they choose ${named(finding.hiddenBy)} on the same machines.`;
    case 'fallback':
      return `Clients on ${listed(finding.clients)} will pull ${imageName(finding.entry)}, because the list has no image for them.`;
    case 'disputed':
      return `Clients on ${listed(finding.clients)} do not agree: Docker and containerd pull ${named(finding.entry)}, but ${pullerNames[finding.other.puller]} ${named(finding.other.entry)}.`;
  }
}

const pullerNames: Readonly<Record<Puller, string>> = {
  containerd: 'older releases of containerd pull',
  'containerd-2026': 'releases of containerd since 2026 pull',
  'docker-windows': 'Docker on Windows pulls',
  skopeo: 'podman and skopeo pull',
};

function named(entry: ClientEntry): string {
  return entry.platform === undefined ? imageName(entry) : `${imageName(entry)} (${entry.digest})`;
}

function imageName({ platform, digest }: ClientEntry): string {
  return platform === undefined
    ? `${digest}, which states no platform`
    : `the image for ${describePlatform(platform)}`;
}

function listed(clients: readonly Client[]): string {
  return clients.map(({ name }) => name).join(', ');
}
