import { zstdAnnotation } from '../oci/annotations.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isAskedPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import type { Client } from './client.ts';
import { platformSlot } from './platform-slot.ts';
import { choose, isChoosable, type PulledEntry, type Puller } from './puller.ts';

/** The entry of a list that one kind of machine pulls. */
interface ClientChoice {
  readonly client: Client;
  /** The entry that containerd and Docker choose (on Windows: Docker); undefined when no entry fits. */
  readonly entry: Descriptor | undefined;
  readonly how: PulledEntry['how'] | 'none';
  /** The pullers that choose another entry, or none. */
  readonly elsewhere: readonly PullerChoice[];
}

/** The entry that one puller chooses. */
interface PullerChoice {
  readonly puller: Puller;
  readonly entry: Descriptor | undefined;
}

/** A property of a list that may be a mistake. */
export type ClientFinding =
  | {
      /** An entry that containerd and Docker do not choose on any client. */
      readonly kind: 'unreachable';
      readonly entry: Descriptor;
      /** The entry that they choose instead on its own client. */
      readonly hiddenBy: Descriptor | undefined;
    }
  | {
      /** Clients get an image of another architecture or of an older ARM version. */
      readonly kind: 'fallback';
      readonly entry: Descriptor;
      readonly clients: readonly Client[];
    }
  | {
      /** Two machines of one kind may get different images. */
      readonly kind: 'disputed';
      readonly entry: Descriptor;
      readonly other: PullerChoice & { readonly entry: Descriptor };
      readonly clients: readonly Client[];
    };

/** The entry that each client pulls from a list, in the clients' order. */
export function choicesOf(
  entries: readonly Descriptor[],
  clients: readonly Client[],
): readonly ClientChoice[] {
  return clients.map((client) => {
    const choice = choose(mainPuller(client.platform), entries, client.platform);
    const elsewhere = otherPullers(client)
      .map((puller) => ({ puller, entry: choose(puller, entries, client.platform)?.entry }))
      .filter(({ entry }) => entry !== choice?.entry);
    return { client, entry: choice?.entry, how: choice?.how ?? 'none', elsewhere };
  });
}

function mainPuller({ os }: Platform): Puller {
  return os.toLowerCase() === 'windows' ? 'docker-windows' : 'containerd';
}

// podman and skopeo run no Windows containers, and containerd orders Windows builds differently in every release.
function otherPullers({ platform }: Client): readonly Puller[] {
  return platform.os === 'windows' ? [] : ['containerd-2026', 'skopeo'];
}

/**
 * The findings that need a warning: unreachable entries first, then surprising fallbacks, then disputes.
 *
 *     unreachable   an image, not the zstd copies that podman finds by their annotation
 *     fallback      another architecture, or an older ARM version for the common linux/arm/v7; only in a list of several
 *                   platforms, since the author of a list of one knows what it is for
 *     disputed      two images without one of the findings above
 */
export function findingsOf(
  entries: readonly Descriptor[],
  choices: readonly ClientChoice[],
): readonly ClientFinding[] {
  const unreachable = unreachableOf(entries, choices);
  const known = new Set(unreachable.map(({ entry }) => entry));
  const disputed = disputesOf(choices).filter(({ other }) => !known.has(other.entry) && !isZstd(other.entry));
  const images = entries.filter(isChoosable);
  const platforms = new Set(images.flatMap(({ platform }) => (platform ? platformSlot(platform) : [])));
  return [...unreachable, ...(platforms.size > 1 ? fallbacksOf(choices) : []), ...disputed];
}

function isZstd({ annotations }: Descriptor): boolean {
  return annotations?.[zstdAnnotation] === 'true';
}

function unreachableOf(
  entries: readonly Descriptor[],
  choices: readonly ClientChoice[],
): readonly Extract<ClientFinding, { kind: 'unreachable' }>[] {
  const taken = new Set(choices.map(({ entry }) => entry));
  return entries
    .filter((entry) => isChoosable(entry) && !taken.has(entry) && !isZstd(entry))
    .filter(({ platform }) => platform === undefined || isAskedPlatform(platform))
    .filter((entry) => hiddenBy(entry, entries)?.digest !== entry.digest)
    .map((entry) => ({ kind: 'unreachable', entry, hiddenBy: hiddenBy(entry, entries) }));
}

function hiddenBy(entry: Descriptor, entries: readonly Descriptor[]): Descriptor | undefined {
  const choice = entry.platform && choose(mainPuller(entry.platform), entries, entry.platform);
  return choice?.entry === entry ? undefined : choice?.entry;
}

function fallbacksOf(choices: readonly ClientChoice[]): readonly ClientFinding[] {
  const clients = new Map<Descriptor, Client[]>();
  for (const { client, entry, how } of choices) {
    if (entry?.platform === undefined || how !== 'fallback') continue;
    if (isSurprising(client.platform, entry.platform)) append(clients, entry, client);
  }
  return [...clients].map(([entry, each]) => ({ kind: 'fallback', entry, clients: each }));
}

// An older amd64 or arm64 level, ARM before v7 and an older Windows release are made for this. An image for v6 that
// linux/arm/v7 pulls often is a lost variant (moby/moby#34875).
function isSurprising(client: Platform, entry: Platform): boolean {
  const { architecture } = normalizePlatform(entry);
  return architecture !== client.architecture || (architecture === 'arm' && client.variant === 'v7');
}

function disputesOf(
  choices: readonly ClientChoice[],
): readonly Extract<ClientFinding, { kind: 'disputed' }>[] {
  const disputes = new Map<string, Extract<ClientFinding, { kind: 'disputed' }> & { clients: Client[] }>();
  for (const { client, entry, elsewhere } of choices) {
    for (const { puller, entry: taken } of elsewhere) {
      if (entry === undefined || taken === undefined || taken.digest === entry.digest) continue;
      const key = `${puller} ${entry.digest} ${taken.digest}`;
      const known = disputes.get(key);
      if (known) known.clients.push(client);
      else disputes.set(key, { kind: 'disputed', entry, other: { puller, entry: taken }, clients: [client] });
    }
  }
  return [...disputes.values()];
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
