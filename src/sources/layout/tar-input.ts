import type { FileHandle } from 'node:fs/promises';
import { FormatError } from '../../oci/format-error.ts';

/** An uncompressed tar archive that is read from start to end, with gaps. */
export interface TarInput {
  /**
   * Reads exactly `length` bytes at `position`, which is never before the end of the last read; returns no bytes when
   * the archive ends at `position`. Throws FormatError when the archive ends before `position`, or within the bytes.
   */
  read(position: number, length: number): Promise<Uint8Array>;
}

const nothing: Uint8Array = new Uint8Array(0);

function truncated(): FormatError {
  return new FormatError('the archive is truncated', 'a complete tar archive');
}

/** Bytes per read of headers: one read covers the headers of several small files. */
const windowSize = 4096;

/** A tar file: bytes between the reads are never read, so large blobs cost nothing. */
export class FileInput implements TarInput {
  readonly #handle: FileHandle;
  readonly #size: number;
  #window = nothing;
  #start = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    if (position === this.#size) return nothing;
    if (position + length > this.#size) throw truncated();
    if (position < this.#start || position + length > this.#start + this.#window.length) {
      await this.#fill(position, Math.max(length, windowSize));
    }
    const from = position - this.#start;
    if (from + length > this.#window.length) throw truncated();
    return this.#window.subarray(from, from + length);
  }

  async #fill(position: number, length: number): Promise<void> {
    const buffer = new Uint8Array(Math.min(length, this.#size - position));
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
    this.#window = buffer.subarray(0, bytesRead);
    this.#start = position;
  }
}

/** A tar archive as a stream, such as a compressed one: bytes between the reads are discarded. */
export class StreamInput implements TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk = nothing;
  #start = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    while (this.#end <= position) {
      if (await this.#next()) continue;
      if (this.#end < position) throw truncated();
      return nothing;
    }
    return this.#collect(position, length);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  get #end(): number {
    return this.#start + this.#chunk.length;
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#start = this.#end;
    this.#chunk = value;
    return true;
  }

  async #collect(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const from = position + filled;
      if (from >= this.#end && !(await this.#next())) throw truncated();
      const part = this.#chunk.subarray(from - this.#start, from - this.#start + length - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }
}
