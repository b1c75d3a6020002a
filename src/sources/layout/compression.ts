import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BufferCollector } from '../../http/buffer-collector.ts';
import { FormatError } from '../../oci/format-error.ts';
import { chunkSize } from './layout-files.ts';

/** How an archive is compressed, by its first bytes. */
export type Compression = 'none' | 'gzip' | 'zstd';

const signatures: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  { bytes: [0x1f, 0x8b], name: 'gzip' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
  { bytes: [0x42, 0x5a, 0x68], name: 'bzip2' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'xz' },
];

/**
 * Tells the compression of a file (RFC 1952 and RFC 8878 for the signatures).
 *
 * @throws FormatError for bzip2 and xz, which are not read.
 */
export async function detectCompression(handle: FileHandle): Promise<Compression> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  const start = buffer.subarray(0, bytesRead);
  const name = signatures.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))?.name ?? 'none';
  if (name === 'none' || name === 'gzip' || name === 'zstd') return name;
  throw new FormatError(
    `the archive is compressed with ${name}`,
    'tar, plain or compressed with gzip or zstd',
  );
}

/** How far a compressed file may inflate: so many bytes, and for each of its own bytes so many more. */
export interface InflationLimit {
  readonly free: number;
  readonly ratio: number;
}

/**
 * Far more than images reach, whose layers are compressed already; zeros come to 1000 bytes for one with gzip, and
 * to far more with zstd, so that a small file could keep a job busy for hours.
 */
export const inflationLimit: InflationLimit = { free: 1024 ** 3, ratio: 200 };

/** A file of which it is known how it is compressed. */
export interface CompressedFile {
  readonly path: string;
  readonly compression: 'gzip' | 'zstd';
  /** Its size in bytes. */
  readonly size: number;
}

/**
 * Reads a compressed file uncompressed.
 *
 * @throws FormatError when the compressed data is damaged or cut off, or inflates beyond the limit.
 */
export async function* decompress(
  { path, compression, size }: CompressedFile,
  { free, ratio }: InflationLimit,
): AsyncGenerator<Uint8Array> {
  const most = free + ratio * size;
  let inflated = 0;
  const output = decompressor(compression);
  const buffers = new BufferCollector();
  // The error also comes out of the iteration below.
  pipeline(createReadStream(path, { highWaterMark: chunkSize }), output, () => {});
  try {
    for await (const chunk of output) {
      buffers.passed(chunk.byteLength);
      inflated += chunk.byteLength;
      if (inflated > most) throw inflatesTooFar(most, size);
      yield chunk;
    }
  } catch (error) {
    throw isDataError(error) ? damaged(compression, error) : error;
  }
}

function decompressor(compression: 'gzip' | 'zstd'): Transform {
  return compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
}

function isDataError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_)/.test(String(error.code));
}

function inflatesTooFar(most: number, size: number): FormatError {
  return new FormatError(
    `the archive inflates to more than ${most} bytes, far more than its own ${size} let expect`,
    'an archive of compressed layers, or one that is not compressed itself',
  );
}

function damaged(compression: string, error: Error): FormatError {
  return new FormatError(
    `the ${compression} data is damaged or cut off (${error.message})`,
    'a whole archive',
  );
}
