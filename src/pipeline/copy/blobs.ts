import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isForeignLayer } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import type { BlobOrigin } from '../../registry/blobs/blob-stream.ts';
import { BlobUploader } from '../../registry/blobs/upload.ts';
import type { UploadSession } from '../../registry/blobs/upload-session.ts';
import { mountBlob } from '../../registry/blobs/upload-session.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { RegistryError, SourceError } from '../../run/errors.ts';
import type { ContentStore } from '../../sources/source.ts';
import { type BlobCounts, type BlobOutcome, countOf, sumOf } from './counts.ts';
import type { CopyProgress } from './progress.ts';
import { heldSize, type TransferLimit } from './transfer-limit.ts';

/** What copying blobs to one repository uses. */
export interface BlobCopyParts {
  readonly client: RegistryClient;
  readonly target: Repository;
  /** Brings blobs to another target of the same registry, from where they can be mounted. */
  readonly neighbour: BlobCopier | undefined;
  readonly progress: CopyProgress;
  /** Holds back transfers. */
  readonly limit: TransferLimit;
  readonly signal: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly random: () => number;
}

/** Brings blobs to one repository, each once, however many manifests need it. */
export class BlobCopier {
  readonly #parts: BlobCopyParts;
  readonly #uploader: BlobUploader;
  readonly #fates = new Map<Digest, Promise<BlobOutcome>>();
  readonly #counts: BlobCounts[] = [];
  readonly #unmountable = new Set<string>();

  constructor(parts: BlobCopyParts) {
    const { target, progress } = parts;
    this.#parts = parts;
    this.#uploader = new BlobUploader({
      client: parts.client,
      signal: parts.signal,
      clock: parts,
      repository: target,
      onBytes: (count) => progress.moved(count),
    });
  }

  /** What became of the blobs so far, each counted once. */
  get counts(): BlobCounts {
    return sumOf(this.#counts);
  }

  /** Sees to it that the repository holds the blob; throws what reading or writing it throws. */
  ensure(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    const known = this.#fates.get(descriptor.digest);
    if (known !== undefined) return known;
    const fate = this.#counted(descriptor, store);
    this.#fates.set(descriptor.digest, fate);
    return fate;
  }

  async #counted(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    const fate = await this.#bring(descriptor, store);
    this.#counts.push(countOf(fate, descriptor.size));
    return fate;
  }

  async #bring(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    if (isElsewhere(descriptor)) return 'left';
    this.#parts.signal.throwIfAborted();
    const session = await this.#mount(descriptor, store);
    if (session === 'mounted') return 'mounted';
    const { client, target, progress, limit } = this.#parts;
    if (await client.hasBlob(target, descriptor.digest)) {
      await session?.cancel();
      return 'present';
    }
    progress.addExpected(descriptor.size);
    const fate = await limit(descriptor.size, () => this.#upload(descriptor, store, session));
    progress.done();
    return fate;
  }

  async #mount(descriptor: Descriptor, store: ContentStore): Promise<'mounted' | UploadSession | undefined> {
    const { client, target } = this.#parts;
    const from = await this.#mountSource(descriptor, store);
    if (from === undefined || this.#unmountable.has(from.path)) return undefined;
    const answer = await mountBlob(client, { digest: descriptor.digest, from, to: target });
    if (answer !== 'refused') return answer;
    this.#unmountable.add(from.path);
    return undefined;
  }

  // What two targets of a registry need goes over the network once.
  async #mountSource(descriptor: Descriptor, store: ContentStore): Promise<Repository | undefined> {
    const { target, neighbour } = this.#parts;
    if (store.repository?.registry === target.registry) return store.repository;
    if (neighbour === undefined) return undefined;
    // What goes wrong there is told there.
    const fate = await neighbour.ensure(descriptor, store).catch(() => 'left');
    return fate === 'left' ? undefined : neighbour.#parts.target;
  }

  async #upload(
    descriptor: Descriptor,
    store: ContentStore,
    session: UploadSession | undefined,
  ): Promise<BlobOutcome> {
    this.#parts.signal.throwIfAborted();
    try {
      await this.#uploader.upload(this.#origin(descriptor, store), session);
      return 'uploaded';
    } catch (error) {
      // A layer that says where else it is to be had need not be in the registry.
      if (descriptor['urls'] === undefined || !isMissing(error)) throw error;
      return 'left';
    }
  }

  #origin(descriptor: Descriptor, store: ContentStore): BlobOrigin {
    const { name } = store;
    if (descriptor.size <= heldSize) {
      return { descriptor, name, open: () => whole(descriptor, store), interrupted: 'fail' };
    }
    const open: BlobOrigin['open'] = (offset) => store.openBlob(descriptor, offset);
    // Taking up a read needs a request while the upload holds another: at one host, one could wait for the other.
    const isSameHost = store.repository?.registry === this.#parts.target.registry;
    return { descriptor, name, open, interrupted: isSameHost ? 'fail' : 'resume' };
  }
}

async function* whole(descriptor: Descriptor, store: ContentStore): AsyncGenerator<Uint8Array> {
  yield await store.getBlob(descriptor);
}

function isElsewhere({ mediaType, urls }: Descriptor): boolean {
  return isForeignLayer(mediaType) && urls !== undefined;
}

function isMissing(error: unknown): boolean {
  if (error instanceof SourceError) return true;
  return error instanceof RegistryError && error.code === 'NOT_FOUND' && error.failure.method === 'GET';
}
