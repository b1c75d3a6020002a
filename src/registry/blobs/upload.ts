import type { BodySource } from '../../http/message.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Repository } from '../../oci/reference.ts';
import { IntegrityError, NetworkError, RegistryError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import { type BlobOrigin, type BlobStreamParts, verifiedBlob } from './blob-stream.ts';
import { openUpload, type UploadSession } from './upload-session.ts';

/** What uploads to one repository use. */
export interface UploadParts {
  readonly client: RegistryClient;
  /** Where to. */
  readonly repository: Repository;
  /** Told of bytes on their way; of a negative number when a blob starts over. */
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/** Bytes of a chunk, where a registry wants chunks; each is held until the registry has it. */
const usualChunk = 8 * 1024 * 1024;
/** The largest least chunk worth holding in memory; beyond, a blob goes in one piece. */
const largestChunk = 32 * 1024 * 1024;

const maxTries = 4;
/** Other bytes than the digest names seldom come right. */
const maxIntegrityTries = 2;

/**
 * Uploads blobs to one repository: POST, then PUT with the bytes as they come; in chunks where the registry
 * asks for them or calls a blob too large. An interrupted upload starts over on a fresh session.
 */
export class BlobUploader {
  readonly #parts: UploadParts;
  #mode: 'whole' | 'chunks' = 'whole';

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Uploads a blob, into `opened` when a session is open already; throws RegistryError, IntegrityError and others. */
  async upload(origin: BlobOrigin, opened?: UploadSession): Promise<void> {
    const { client, repository, signal, sleep, random } = this.#parts;
    let session = opened;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#attempt(origin, session);
      if (failure === undefined) return;
      if (signal.aborted || !this.#isWorthAnother(failure.error, attempt, origin.descriptor))
        throw failure.error;
      await sleep(random() * Math.min(8000, 500 * 2 ** attempt));
      if (await client.hasBlob(repository, origin.descriptor.digest)) return;
      session = undefined;
    }
  }

  // Sessions and sources that cannot be opened have been tried often enough: those failures are thrown.
  async #attempt(
    origin: BlobOrigin,
    opened?: UploadSession,
  ): Promise<{ readonly error: unknown } | undefined> {
    let sent = 0;
    const onBytes: BlobStreamParts['onBytes'] = (count) => {
      sent += count;
      this.#parts.onBytes(count);
    };
    const { session, blob } = await this.#begin(origin, onBytes, opened);
    try {
      await this.#write(origin.descriptor, session, blob);
      return undefined;
    } catch (error) {
      this.#parts.onBytes(-sent);
      if (!(error instanceof NetworkError && error.code === 'TIMEOUT')) await session.cancel();
      return { error };
    } finally {
      blob.close();
    }
  }

  // The source is opened before a request waits for its bytes: neither then takes a connection the other needs.
  async #begin(
    origin: BlobOrigin,
    onBytes: BlobStreamParts['onBytes'],
    opened: UploadSession | undefined,
  ): Promise<{ readonly session: UploadSession; readonly blob: OpenBlob }> {
    const { client, repository } = this.#parts;
    const blob = new OpenBlob(verifiedBlob(origin, { ...this.#parts, onBytes }));
    const [session, start] = await Promise.allSettled([
      opened ?? openUpload(client, repository),
      blob.start(),
    ]);
    if (session.status === 'fulfilled' && start.status === 'fulfilled')
      return { session: session.value, blob };
    blob.close();
    if (session.status === 'rejected') throw session.reason;
    await session.value.cancel();
    throw start.status === 'rejected' ? start.reason : new Error('unreachable');
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
    return chunk > largestChunk ? undefined : chunk;
  }

  #isWorthAnother(error: unknown, attempt: number, descriptor: Descriptor): boolean {
    if (error instanceof IntegrityError) return attempt < maxIntegrityTries;
    if (attempt >= maxTries) return false;
    if (error instanceof NetworkError) return passingCodes.has(error.code);
    if (!(error instanceof RegistryError)) return false;
    if (error.code === 'TOO_LARGE') return this.#goesInChunks(descriptor);
    const { status, codes, wait } = error.failure;
    if (wait !== undefined) return false;
    if (error.code === 'RATE_LIMITED') return true;
    return status >= 500 || passingStatuses.has(status) || codes.some((code) => passingUploadCodes.has(code));
  }

  #goesInChunks(descriptor: Descriptor): boolean {
    if (this.#mode === 'chunks' || descriptor.size <= usualChunk) return false;
    this.#mode = 'chunks';
    return true;
  }
}

const passingCodes: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);
/** Besides 5xx: a session that is gone or stands elsewhere. */
const passingStatuses: ReadonlySet<number> = new Set([404, 408, 416]);
const passingUploadCodes: ReadonlySet<string> = new Set([
  'BLOB_UPLOAD_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'DIGEST_INVALID',
  'SIZE_INVALID',
]);

/** A blob whose first bytes have come. */
class OpenBlob {
  readonly #stream: AsyncGenerator<Uint8Array, void, undefined>;
  #first: IteratorResult<Uint8Array, void> | undefined;
  #taken = false;

  constructor(stream: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#stream = stream;
  }

  /** Waits for the first bytes. */
  async start(): Promise<void> {
    this.#first = await this.#stream.next();
  }

  /** All `size` bytes: as they are when they have come already, else as a stream that can be read once. */
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

  /** Ends the reading. */
  close(): void {
    // Whatever is still on its way is of no interest, nor is how it fails.
    this.#stream.return().catch(() => undefined);
  }

  async *#rest(): AsyncGenerator<Uint8Array> {
    if (this.#taken) throw new NetworkError('CONNECTION', 'The upload was interrupted and must start over');
    this.#taken = true;
    if (this.#first === undefined || this.#first.done === true) return;
    yield this.#first.value;
    yield* this.#stream;
  }
}
