import { parseConfigPlatform } from '../../oci/config.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { FormatError } from '../../oci/format-error.ts';
import { type HeldManifest, listsIndexes } from '../../oci/manifest.ts';
import { isWholePlatform } from '../../oci/platform.ts';
import { formatReference, type Repository } from '../../oci/reference.ts';
import { artifactName, describeArtifact } from '../../policy/artifact-name.ts';
import { entryRoles } from '../../policy/entry-kind.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { ActionError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import { TreeLimits } from '../../sources/tree-limits.ts';
import type { TagReadings } from '../ledger.ts';
import type { TargetTag } from '../request.ts';
import { knownDigest } from '../tag.ts';

/** The entries that clients choose from, or why they are not known. */
type ServedEntries =
  | {
      readonly kind: 'entries';
      readonly entries: readonly Descriptor[];
      /** What the tag holds, if that is no image and no list of images. */
      readonly artifact?: string | undefined;
    }
  | Unreadable;

/** Why content of a tag is not known. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
  readonly hint?: string | undefined;
}

const keepTag = 'Publish another tag if this one should keep what it holds.';

/** Maximum entries without a platform that are read from one list. */
const maxUnstated = 20;

/** Maximum entries of one list that are looked for; the others count as there. */
const maxLookedFor = 100;

/** The part of the client that reads what tags hold. */
type ServedClient = Pick<RegistryClient, 'getManifest' | 'headManifest' | 'getBlob' | 'budget'>;

/** Reads the content of tags: each manifest of a repository once, even if several tags hold it. */
export class ServedContent {
  readonly #client: ServedClient;
  readonly #manifests = new Memo<string, HeldManifest | Unreadable>();
  readonly #images = new Memo<string, ServedEntries>();

  constructor(client: ServedClient) {
    this.#client = client;
  }

  /** Reads the content of the tags as soon as their digests are known, so that no later stage waits for it. */
  prefetch(tags: readonly TargetTag[], readings: TagReadings): void {
    for (const tag of tags) {
      const read = async (): Promise<void> => {
        const digest = knownDigest(await readings.of(tag));
        if (digest !== undefined) await this.manifestOf(tag.repository, digest);
      };
      // The stage that needs the content reports the failure.
      read().catch(() => undefined);
    }
  }

  /**
   * The entries of a list, or an image as a list of one, with its platform from `published` if available. Others may
   * have pushed the content, so registry failures and flaws are returned, not thrown.
   */
  async entriesOf(
    repository: Repository,
    digest: Digest,
    published: readonly Descriptor[],
  ): Promise<ServedEntries> {
    const known = published.find((entry) => entry.digest === digest && entry.platform !== undefined);
    if (known !== undefined) return { kind: 'entries', entries: [known] };
    const manifest = await this.manifestOf(repository, digest);
    if ('kind' in manifest) return manifest;
    const { content } = manifest;
    if (content.kind === 'image')
      return this.#imageOf(repository, manifest, {
        mediaType: manifest.mediaType,
        digest,
        size: manifest.size,
      });
    const artifact = artifactName(manifest);
    if (artifact !== undefined) return { kind: 'entries', entries: [], artifact };
    // Lists in lists are not read: their size has no limit.
    if (listsIndexes(content)) return unreadable('it lists another list');
    return this.#statedEntries(repository, content.manifests);
  }

  /** The entries without those whose manifests the repository does not have. */
  async entriesThere(repository: Repository, entries: readonly Descriptor[]): Promise<readonly Descriptor[]> {
    const looked = entries.slice(0, maxLookedFor);
    const isThere = await Promise.all(looked.map(({ digest }) => this.#isThere(repository, digest)));
    return entries.filter((_, at) => isThere[at] !== false);
  }

  async #isThere(repository: Repository, digest: Digest): Promise<boolean> {
    const head = await harmless(async () => (await this.#client.headManifest(repository, digest)) ?? 'gone');
    return head !== 'gone';
  }

  // Clients take an entry without a platform for theirs when no other fits.
  async #statedEntries(repository: Repository, entries: readonly Descriptor[]): Promise<ServedEntries> {
    const unstated = entries.filter(({ platform }) => platform === undefined);
    if (unstated.length > maxUnstated)
      return unreadable(`${unstated.length} of its entries have no platform`);
    const found = await Promise.all(entries.map((entry) => this.#statedEntry(repository, entry)));
    const flaw = found.find(({ kind }) => kind === 'unreadable');
    if (flaw !== undefined) return flaw;
    const stated = found.flatMap((each) => (each.kind === 'entries' ? each.entries : []));
    return { kind: 'entries', entries: stated };
  }

  async #statedEntry(repository: Repository, entry: Descriptor): Promise<ServedEntries> {
    // No client pulls a platform of which a part is empty.
    if (entry.platform !== undefined)
      return { kind: 'entries', entries: isWholePlatform(entry.platform) ? [entry] : [] };
    const manifest = await this.manifestOf(repository, entry.digest);
    if ('kind' in manifest) {
      return (await this.#isThere(repository, entry.digest)) ? manifest : { kind: 'entries', entries: [] };
    }
    return this.#imageOf(repository, manifest, entry);
  }

  /** Reads a manifest; registry failures and flaws are returned, not thrown. */
  manifestOf(repository: Repository, digest: Digest): Promise<HeldManifest | Unreadable> {
    return this.#manifests.get(formatReference({ repository, digest }), () =>
      harmless(() => this.#read(repository, digest)),
    );
  }

  async #read(repository: Repository, digest: Digest): Promise<HeldManifest> {
    const { budget } = this.#client;
    const manifest = await this.#client.getManifest(repository, digest, undefined, 'background');
    try {
      if (manifest.content.kind === 'index') new TreeLimits('it', keepTag).enter(manifest.content, 1);
    } catch (error) {
      budget.letGo(manifest);
      throw error;
    }
    return budget.condense(manifest);
  }

  #imageOf(repository: Repository, manifest: HeldManifest, descriptor: Descriptor): Promise<ServedEntries> {
    const [role] = entryRoles([{ descriptor, manifest }]);
    if (role?.kind !== 'image')
      return Promise.resolve({ kind: 'entries', entries: [], artifact: describeArtifact(manifest) });
    return this.#images.get(formatReference({ repository, digest: manifest.digest }), () =>
      harmless(() => this.#readImage(repository, manifest)),
    );
  }

  async #readImage(repository: Repository, manifest: HeldManifest): Promise<ServedEntries> {
    const { content, mediaType, digest, size } = manifest;
    if (content.kind !== 'image') return unreadable('it is a list');
    const platform = parseConfigPlatform(await this.#client.getBlob(repository, content.config));
    if (platform !== undefined) return { kind: 'entries', entries: [{ mediaType, digest, size, platform }] };
    const artifact = artifactName(manifest);
    return artifact === undefined
      ? unreadable('its config states no platform')
      : { kind: 'entries', entries: [], artifact };
  }
}

function unreadable(reason: string, hint?: string): Unreadable {
  return { kind: 'unreadable', reason, hint };
}

/** The result of reading content of others, or why it cannot be read. */
export async function harmless<T>(read: () => Promise<T>): Promise<T | Unreadable> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ActionError) return unreadable(error.message, error.hint);
    if (error instanceof FormatError) return unreadable(error.message);
    throw error;
  }
}
