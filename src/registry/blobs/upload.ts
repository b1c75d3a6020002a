import type { BodySource } from '../../http/message.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Clock } from '../../run/clock.ts';
import { IntegrityError, NetworkError, RegistryError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import { type BlobSource, type BlobStreamContext, verifiedBlob } from './blob-stream.ts';
import { openUpload, type UploadSession } from './upload-session.ts';

interface UploadContext extends BlobStreamContext {
  readonly client: RegistryClient;
  readonly repository: Repository;
  /** Gets the bytes sent; a negative number when a blob starts over. */
  readonly onBytes: (count: number) => void;
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
}

/** Bytes of a chunk, where a registry asks for chunks; each is held until the registry has it. */
const usualChunk = 8 * 1024 * 1024;
/** A larger minimum is not worth the memory: the blob goes in one piece. */
const maxChunk = 32 * 1024 * 1024;

const maxAttempts = 4;
/** Bytes that do not match their digest seldom match the next time. */
const maxIntegrityAttempts = 2;

/**
 * Uploads blobs to one repository: POST, then PUT with the bytes as they come; in chunks where the registry
 * asks for them or calls a blob too large. An interrupted upload starts over with a new session.
 */
export class BlobUploader {
  readonly #context: UploadContext;
  #mode: 'whole' | 'chunks' = 'whole';

  constructor(context: UploadContext) {
    this.#context = context;
  }

  /** Uploads a blob, with `opened` when a session is open already; throws RegistryError, IntegrityError and others. */
  async upload(source: BlobSource, opened?: UploadSession): Promise<void> {
    const { client, repository, signal, clock } = this.#context;
    let session = opened;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#attempt(source, session);
      if (failure === undefined) return;
      const isFinal = signal.aborted || !this.#isRetriable(failure.error, attempt, source.descriptor);
      if (isFinal) throw failure.error;
      await clock.sleep(clock.random() * Math.min(8000, 500 * 2 ** attempt));
      if (await client.hasBlob(repository, source.descriptor.digest)) return;
      session = undefined;
    }
  }

  /** The failure of an upload that was opened; throws when it cannot be opened, which has its own retries. */
  async #attempt(source: BlobSource, existing: UploadSession | undefined) {
    let sent = 0;
    const onBytes: UploadContext['onBytes'] = (count) => {
      sent += count;
      this.#context.onBytes(count);
    };
    const blob = new OpenBlob(verifiedBlob(source, { ...this.#context, onBytes }));
    const session = await this.#open(blob, existing);
    try {
      await this.#write(source.descriptor, session, blob);
      return undefined;
    } catch (error) {
      this.#context.onBytes(-sent);
      if (!(error instanceof NetworkError && error.code === 'TIMEOUT')) await session.cancel();
      return { error };
    } finally {
      blob.close();
    }
  }

  // The source is opened before a request waits for its bytes: neither then takes a connection that the other needs.
  async #open(blob: OpenBlob, existing: UploadSession | undefined): Promise<UploadSession> {
    const { client, repository } = this.#context;
    const [session, start] = await Promise.allSettled([
      existing ?? openUpload(client, repository),
      blob.start(),
    ]);
    if (session.status === 'fulfilled' && start.status === 'fulfilled') return session.value;
    blob.close();
    if (session.status === 'fulfilled') await session.value.cancel();
    const failed = session.status === 'rejected' ? session : (start as PromiseRejectedResult);
    throw failed.reason;
  }

  async #write(descriptor: Descriptor, session: UploadSession, blob: OpenBlob): Promise<void> {
    const chunk = this.#chunkFor(session);
    if (chunk === undefined || descriptor.size <= chunk) {
      return session.finish(descriptor, blob.body(descriptor.size), descriptor.size);
    }
    let start = 0;
    for await (const pieces of blob.chunks(chunk)) {
      await session.append(descriptor, start, pieces);
      start += pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    }
    await session.finish(descriptor, new Uint8Array(), 0);
  }

  #chunkFor(session: UploadSession): number | undefined {
    if (this.#mode === 'whole' && session.minChunkSize === undefined) return undefined;
    const chunk = Math.max(usualChunk, session.minChunkSize ?? 0);
    return chunk > maxChunk ? undefined : chunk;
  }

  #isRetriable(error: unknown, attempt: number, descriptor: Descriptor): boolean {
    if (error instanceof IntegrityError) return attempt < maxIntegrityAttempts;
    if (attempt >= maxAttempts) return false;
    if (error instanceof NetworkError) return temporaryErrors.has(error.code);
    if (!(error instanceof RegistryError)) return false;
    if (error.code === 'TOO_LARGE') return this.#switchToChunks(descriptor);
    const { status, codes, wait } = error.failure;
    if (wait !== undefined) return false;
    if (error.code === 'RATE_LIMITED') return true;
    return status >= 500 || sessionStatuses.has(status) || codes.some((code) => sessionCodes.has(code));
  }

  #switchToChunks(descriptor: Descriptor): boolean {
    if (this.#mode === 'chunks' || descriptor.size <= usualChunk) return false;
    this.#mode = 'chunks';
    return true;
  }
}

const temporaryErrors: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);
/** Besides 5xx: the session has expired or differs from ours. */
const sessionStatuses: ReadonlySet<number> = new Set([404, 408, 416]);
const sessionCodes: ReadonlySet<string> = new Set([
  'BLOB_UPLOAD_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'DIGEST_INVALID',
  'SIZE_INVALID',
]);

/** A blob whose first bytes are awaited before it is sent. */
class OpenBlob {
  readonly #stream: AsyncGenerator<Uint8Array, void, undefined>;
  #first: IteratorResult<Uint8Array, void> | undefined;
  #isTaken = false;

  constructor(stream: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#stream = stream;
  }

  async start(): Promise<void> {
    this.#first = await this.#stream.next();
  }

  /** All `size` bytes: as an array when they are already there, else as a stream that can be read once. */
  body(size: number): Uint8Array | BodySource {
    if (this.#first?.done === true) return new Uint8Array();
    if (this.#first?.value.byteLength === size) return this.#first.value;
    return () => this.#rest();
  }

  /** The bytes in chunks of this size, the last one smaller. */
  async *chunks(size: number): AsyncGenerator<readonly Uint8Array[]> {
    let pieces: Uint8Array[] = [];
    let room = size;
    for await (let piece of this.#rest()) {
      while (piece.byteLength >= room) {
        yield [...pieces, piece.subarray(0, room)];
        piece = piece.subarray(room);
        pieces = [];
        room = size;
      }
      if (piece.byteLength > 0) pieces.push(piece);
      room -= piece.byteLength;
    }
    if (pieces.length > 0) yield pieces;
  }

  close(): void {
    // The rest is not needed, so its failures do not matter.
    this.#stream.return().catch(() => undefined);
  }

  async *#rest(): AsyncGenerator<Uint8Array> {
    if (this.#isTaken) throw new NetworkError('CONNECTION', 'The upload was interrupted and must start over');
    this.#isTaken = true;
    if (this.#first === undefined || this.#first.done === true) return;
    yield this.#first.value;
    yield* this.#stream;
  }
}
