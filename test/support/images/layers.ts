/** Layers whose bytes are the same on every machine: tar by hand, gzip without compression. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { StoredBlob } from '../registry/registry-store.ts';

const block = 512;
const storedLimit = 0xffff;
const chunkSize = 1024 * 1024;

export interface Layer {
  /** gzip'd tar. */
  readonly bytes: Buffer;
  /** The digest of the tar itself, as rootfs.diff_ids has it. */
  readonly diffId: string;
}

/** A layer with one file. */
export function makeLayer(path: string, text: string): Layer {
  const tar = packFile(path, Buffer.from(text));
  return { bytes: gzipStored(tar), diffId: `sha256:${createHash('sha256').update(tar).digest('hex')}` };
}

/** A tar archive with one file (POSIX ustar). */
export function packFile(path: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(block);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * block)]);
}

/** gzip (RFC 1952) of stored blocks (RFC 1951 §3.2.4): compressors differ between machines, this does not. */
export function gzipStored(bytes: Uint8Array): Buffer {
  const head = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([head, ...storedBlocks(bytes), tail]);
}

function storedBlocks(bytes: Uint8Array): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += storedLimit) {
    const part = bytes.subarray(start, start + storedLimit);
    const head = Buffer.alloc(5);
    head[0] = start + storedLimit >= bytes.length ? 1 : 0;
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(~part.length & 0xffff, 3);
    blocks.push(head, Buffer.from(part));
  }
  return blocks;
}

/** A blob of so many bytes that is made while it is read and never held; `seed` tells one from another. */
export function bigBlob(size: number, seed: number): StoredBlob & { readonly digest: string } {
  const read = (start: number, end: number) => bigBlobBytes(seed, start, end);
  const hash = createHash('sha256');
  for (const chunk of read(0, size)) hash.update(chunk);
  return { size, read, digest: `sha256:${hash.digest('hex')}` };
}

function* bigBlobBytes(seed: number, start: number, end: number): Iterable<Uint8Array> {
  const pattern = noise(seed);
  for (let at = start; at < end; ) {
    const index = Math.floor(at / chunkSize);
    const chunk = Buffer.from(pattern);
    chunk.writeUInt32LE(index, 0);
    const offset = at - index * chunkSize;
    const part = chunk.subarray(offset, Math.min(chunkSize, offset + end - at));
    yield part;
    at += part.length;
  }
}

/** One chunk of xorshift32 numbers, which no compressor makes smaller. */
function noise(seed: number): Buffer {
  const bytes = Buffer.alloc(chunkSize);
  let state = (seed | 0) * 2 + 1;
  for (let at = 0; at < chunkSize; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
}
