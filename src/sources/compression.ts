import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { FormatError } from '../oci/format-error.ts';
import { bytesPassed } from '../registry/blob-memory.ts';
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

/**
 * Reads a compressed file uncompressed.
 *
 * @throws FormatError when the compressed data is damaged or cut off.
 */
export async function* decompress(path: string, compression: 'gzip' | 'zstd'): AsyncGenerator<Uint8Array> {
  const output = decompressor(compression);
  // The error also comes out of the iteration below.
  pipeline(createReadStream(path, { highWaterMark: chunkSize }), output, () => {});
  try {
    for await (const chunk of output) {
      bytesPassed(chunk.byteLength);
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

function damaged(compression: string, error: Error): FormatError {
  return new FormatError(
    `the ${compression} data is damaged or cut off (${error.message})`,
    'a whole archive',
  );
}
