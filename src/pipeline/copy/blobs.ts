import pLimit from 'p-limit';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isForeignLayer } from '../../oci/media-types.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import type { BlobSource } from '../../registry/blobs/blob-stream.ts';
import { BlobUploader } from '../../registry/blobs/upload.ts';
import { mountBlob, type UploadSession } from '../../registry/blobs/upload-session.ts';
import { RegistryError, SourceError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { ContentStore } from '../../sources/source.ts';
import type { RunContext } from '../run-context.ts';
import { type BlobCounts, type BlobOutcome, countOf, sumOf } from './counts.ts';
import { CopyProgress } from './progress.ts';

/** Largest blob, in bytes, that is held in memory while it is copied. */
const maxHeldSize = 256 * 1024;

/** Runs the transfer of a blob of this many bytes when its turn comes. */
type TransferLimit = <T>(size: number, transfer: () => Promise<T>) => Promise<T>;

/**
 * Most transfers at once: large ones to one target, large ones in total, and small ones, which take round trips
 * rather than bandwidth. Each holds a connection at its source and then one at its target; where both are one host,
 * all of them together must leave some of its 32 connections free.
 */
const maxTransfers = { target: 12, large: 12, small: 16 };

/** Makes the limits of a run's targets, which also limit all targets together. */
export function transferLimits(): () => TransferLimit {
  const large = pLimit(maxTransfers.large);
  const small = pLimit(maxTransfers.small);
  return () => {
    const target = pLimit(maxTransfers.target);
    return (size, transfer) => (size <= maxHeldSize ? small(transfer) : target(() => large(transfer)));
  };
}

/** Copies blobs to one repository, each once, however many manifests need it. */
export class BlobCopier {
  readonly target: Repository;
  readonly #neighbour: BlobCopier | undefined;
  readonly #limit: TransferLimit;
  readonly #signal: AbortSignal;
  readonly #client: RunContext['client'];
  readonly #progress: CopyProgress;
  readonly #uploader: BlobUploader;
  readonly #outcomes = new Memo<Digest, BlobOutcome>();
  readonly #counts: BlobCounts[] = [];
  readonly #unmountable = new Set<string>();

  /**
   * @param neighbour copies to another target of the same registry, from which blobs can be mounted
   * @param signal ends all transfers when another copy fails, or when the job is cancelled
   */
  constructor(
    target: Repository,
    neighbour: BlobCopier | undefined,
    limit: TransferLimit,
    signal: AbortSignal,
    context: RunContext,
  ) {
    const { client, clock } = context;
    this.target = target;
    this.#neighbour = neighbour;
    this.#limit = limit;
    this.#signal = signal;
    this.#client = client;
    this.#progress = new CopyProgress(`Copying to ${formatRepository(target)}`, context);
    this.#uploader = new BlobUploader({
      client,
      clock,
      repository: target,
      signal,
      onBytes: (count) => this.#progress.moved(count),
    });
  }

  /** The outcomes so far, each blob counted once. */
  get counts(): BlobCounts {
    return sumOf(this.#counts);
  }

  /** Milliseconds since the copy began. */
  get elapsed(): number {
    return this.#progress.elapsed;
  }

  /** Makes the repository hold the blob; throws the errors of reading and writing it. */
  ensure(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    return this.#outcomes.get(descriptor.digest, () => this.#counted(descriptor, store));
  }

  async #counted(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    const outcome = await this.#copy(descriptor, store);
    this.#counts.push(countOf(outcome, descriptor.size));
    return outcome;
  }

  async #copy(descriptor: Descriptor, store: ContentStore): Promise<BlobOutcome> {
    if (isForeignLayer(descriptor.mediaType) && descriptor['urls'] !== undefined) return 'external';
    this.#signal.throwIfAborted();
    const session = await this.#mount(descriptor, store);
    if (session === 'mounted') return 'mounted';
    if (await this.#client.hasBlob(this.target, descriptor.digest)) {
      await session?.cancel();
      return 'present';
    }
    this.#progress.addExpected(descriptor.size);
    const outcome = await this.#limit(descriptor.size, () => this.#upload(descriptor, store, session));
    this.#progress.done();
    return outcome;
  }

  async #mount(descriptor: Descriptor, store: ContentStore): Promise<'mounted' | UploadSession | undefined> {
    const from = await this.#mountSource(descriptor, store);
    if (from === undefined || this.#unmountable.has(from.path)) return undefined;
    const answer = await mountBlob(this.#client, descriptor.digest, from, this.target);
    if (answer !== 'refused') return answer;
    this.#unmountable.add(from.path);
    return undefined;
  }

  // A blob that two targets of a registry need is uploaded once.
  async #mountSource(descriptor: Descriptor, store: ContentStore): Promise<Repository | undefined> {
    const neighbour = this.#neighbour;
    if (store.repository?.registry === this.target.registry) return store.repository;
    // The neighbour reports its own errors.
    const outcome = await neighbour?.ensure(descriptor, store).catch(() => undefined);
    return outcome === undefined || outcome === 'external' ? undefined : neighbour?.target;
  }

  async #upload(descriptor: Descriptor, store: ContentStore, session: UploadSession | undefined) {
    this.#signal.throwIfAborted();
    try {
      await this.#uploader.upload(this.#source(descriptor, store), session);
      return 'uploaded';
    } catch (error) {
      // A layer that names URLs need not be in the registry.
      if (descriptor['urls'] === undefined || !isMissing(error)) throw error;
      return 'external';
    }
  }

  #source(descriptor: Descriptor, store: ContentStore): BlobSource {
    const { name } = store;
    if (descriptor.size <= maxHeldSize) {
      return { descriptor, name, open: () => whole(descriptor, store), interrupted: 'fail' };
    }
    const open: BlobSource['open'] = (offset) => store.openBlob(descriptor, offset);
    // To resume a read takes a connection while the upload holds another: at one host, each could wait for the other.
    const isSameHost = store.repository?.registry === this.target.registry;
    return { descriptor, name, open, interrupted: isSameHost ? 'fail' : 'resume' };
  }
}

async function* whole(descriptor: Descriptor, store: ContentStore): AsyncGenerator<Uint8Array> {
  yield await store.getBlob(descriptor);
}

function isMissing(error: unknown): boolean {
  if (error instanceof SourceError) return true;
  return error instanceof RegistryError && error.code === 'NOT_FOUND' && error.failure.method === 'GET';
}
