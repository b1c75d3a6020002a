import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { putManifestOnceChildrenAppear } from '../../registry/put-manifest.ts';
import { referrerDescriptor } from '../../registry/referrers.ts';
import { AuthError, RegistryError } from '../../run/errors.ts';
import type { Observer } from '../../run/observer.ts';
import type { BlobCopier } from './blobs.ts';
import { type Content, flattened } from './content.ts';
import { type BlobCounts, countOf, describeCounts, sumOf } from './counts.ts';
import { failedAt } from './failure.ts';

/** What copying manifests to one repository uses. */
export interface ManifestCopyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly target: Repository;
  readonly blobs: BlobCopier;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Brings manifests with all that is under them to one repository, each once. */
export class ManifestCopier {
  readonly #parts: ManifestCopyParts;
  readonly #brought = new Map<Digest, Promise<void>>();
  readonly #claimed = new Set<Digest>();
  readonly #unlisted = new Map<Digest, Descriptor[]>();
  #copied = 0;

  constructor(parts: ManifestCopyParts) {
    this.#parts = parts;
  }

  /** Manifests pushed so far. */
  get copied(): number {
    return this.#copied;
  }

  /** Manifests pushed that refer to a subject of which the registry took no note, by that subject. */
  get unlisted(): ReadonlyMap<Digest, readonly Descriptor[]> {
    return this.#unlisted;
  }

  /** Sees to it that the repository holds the contents, what is under an index before the index. */
  async ensure(contents: readonly Content[]): Promise<void> {
    const all = flattened(contents);
    const fresh = all.filter(({ manifest }) => !this.#brought.has(manifest.digest));
    const held = Promise.all(fresh.map((content) => this.#isHeld(content)));
    const begun = held.then((isHeld) => this.#beginBlobs(fresh.filter((_, at) => isHeld[at] === false)));
    for (const [at, content] of fresh.entries()) {
      const here = begun.then(async () => (await held)[at] === true);
      this.#brought.set(content.manifest.digest, this.#bringOne(content, here));
    }
    await Promise.all(all.map(({ manifest }) => this.#brought.get(manifest.digest)));
  }

  // A registry that holds a manifest holds what is under it. Whether it took note of a subject shows only a push.
  async #isHeld({ manifest }: Content): Promise<boolean> {
    const { client, target } = this.#parts;
    try {
      // Some answer 200 whatever they are asked for.
      return (await client.headManifest(target, manifest.digest))?.digest === manifest.digest;
    } catch (error) {
      // A registry may let a login push what it may not yet read.
      if (error instanceof AuthError || error instanceof RegistryError) return false;
      throw error;
    }
  }

  // The largest first, so that no long transfer begins when all others end.
  #beginBlobs(contents: readonly Content[]): void {
    const wanted = contents.flatMap(({ manifest, store }) =>
      blobsOf(manifest).map((descriptor) => ({ descriptor, store })),
    );
    wanted.sort((one, other) => other.descriptor.size - one.descriptor.size);
    for (const { descriptor, store } of wanted) {
      // Whoever needs the blob gets its failure.
      this.#parts.blobs.ensure(descriptor, store).catch(() => undefined);
    }
  }

  async #bringOne(content: Content, isHeld: Promise<boolean>): Promise<void> {
    const { label, store, manifest, children } = content;
    await Promise.all(children.map((child) => this.#brought.get(child.manifest.digest)));
    try {
      const isHere = await isHeld;
      if (isHere) this.#parts.observer.info(`${label} is already in ${this.#place}`);
      if (isHere && manifest.content.subject === undefined) return;
      const counts = isHere ? undefined : await this.#bringBlobs(content);
      await this.#put(manifest);
      if (counts === undefined) return;
      this.#copied += 1;
      const what = children.length > 0 ? `${children.length} manifests` : describeCounts(counts);
      this.#parts.observer.info(`Copied ${label} from ${store.name} to ${this.#place}: ${what}`);
    } catch (error) {
      throw failedAt(`${label} from ${store.name}`, error);
    }
  }

  get #place(): string {
    return formatRepository(this.#parts.target);
  }

  async #bringBlobs({ manifest, store }: Content): Promise<BlobCounts> {
    const counts = blobsOf(manifest).map(async (descriptor) => {
      const isShared = this.#claimed.has(descriptor.digest);
      this.#claimed.add(descriptor.digest);
      const fate = await this.#parts.blobs.ensure(descriptor, store);
      return countOf(isShared && fate !== 'left' ? 'present' : fate, descriptor.size);
    });
    return sumOf(await Promise.all(counts));
  }

  async #put(manifest: Manifest): Promise<void> {
    const { target } = this.#parts;
    const place = { repository: target, name: manifest.digest };
    const context = { client: this.#parts.client, clock: this.#parts };
    const receipt = await putManifestOnceChildrenAppear(manifest, place, context);
    const subject = manifest.content.subject?.digest;
    if (subject === undefined || receipt.subject !== undefined) return;
    const listed = this.#unlisted.get(subject) ?? [];
    this.#unlisted.set(subject, [...listed, referrerDescriptor(manifest)]);
  }
}

function blobsOf({ content }: Manifest): readonly Descriptor[] {
  if (content.kind === 'index') return [];
  const blobs = [content.config, ...content.layers];
  return [...new Map(blobs.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
