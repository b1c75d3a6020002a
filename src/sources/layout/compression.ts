import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BufferCollector } from '../../http/buffer-collector.ts';
import { FormatError } from '../../oci/format-error.ts';
import { chunkSize } from './layout-files.ts';

type Compression = 'none' | 'gzip' | 'zstd';

const signatures: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  { bytes: [0x1f, 0x8b], name: 'gzip' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
  { bytes: [0x42, 0x5a, 0x68], name: 'bzip2' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz' },
];

/**
 * Detects the compression of a file by its first bytes (RFC 1952, RFC 8878). Throws FormatError for bzip2 and xz, which
 * are not supported.
 */
export async function detectCompression(handle: FileHandle): Promise<Compression> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  const start = buffer.subarray(0, bytesRead);
  const name = signatures.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))?.name ?? 'none';
  if (name === 'none' || name === 'gzip' || name === 'zstd') return name;
  const message = `the archive is compressed with ${name}`;
  throw new FormatError(message, 'tar, plain or compressed with gzip or zstd');
}

/** The size that a compressed file may inflate to: `free` bytes, and `ratio` bytes for each of its own. */
export interface InflationLimit {
  readonly free: number;
  readonly ratio: number;
}

/**
 * Images stay far below, since their layers are compressed already. A file of zeros inflates 1000 times with gzip and
 * far more with zstd: a small one could keep a job busy for hours.
 */
export const maxInflation: InflationLimit = { free: 1024 ** 3, ratio: 200 };

/** A compressed file. */
export interface CompressedFile {
  readonly path: string;
  readonly compression: 'gzip' | 'zstd';
  readonly budget: InflationBudget;
}

/** The bytes that an archive may inflate to, in all passes over it together. */
export class InflationBudget {
  readonly #size: number;
  readonly #maxSize: number;
  #inflated = 0;

  constructor(size: number, { free, ratio }: InflationLimit) {
    this.#size = size;
    this.#maxSize = free + ratio * size;
  }

  spend(count: number): void {
    this.#inflated += count;
    if (this.#inflated <= this.#maxSize) return;
    const message = `the archive of ${this.#size} bytes inflates to more than ${this.#maxSize} bytes`;
    throw new FormatError(message, 'an archive of compressed layers, or an uncompressed archive');
  }
}

/** Decompresses a file. Throws FormatError when the data is damaged or truncated, or inflates beyond the limit. */
export async function* decompress({ path, compression, budget }: CompressedFile): AsyncGenerator<Uint8Array> {
  const output = compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  const buffers = new BufferCollector();
  // The iteration below throws the error too.
  pipeline(createReadStream(path, { highWaterMark: chunkSize }), output, () => {});
  try {
    for await (const chunk of output) {
      buffers.passed(chunk.byteLength);
      budget.spend(chunk.byteLength);
      yield chunk;
    }
  } catch (error) {
    const isDamaged = error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
    if (!isDamaged) throw error;
    const message = `the ${compression} data is damaged or truncated (${error.message})`;
    throw new FormatError(message, 'a complete archive');
  }
}
