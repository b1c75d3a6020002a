import { open } from 'node:fs/promises';

/** Bytes of a file of settings, such as docker's config.json or a certificate. */
export const maxSmallFile: number = 4 * 1024 * 1024;

/** The text of a small file; throws what the file system throws, and an error with a code if it has more than 4 MiB. */
export async function readSmallFile(path: string): Promise<string> {
  const bytes = await readStart(path, maxSmallFile + 1);
  if (bytes.byteLength <= maxSmallFile) return bytes.toString('utf8');
  throw Object.assign(new Error('the file is too large (more than 4 MiB)'), { code: 'more than 4 MiB' });
}

/** At most `size` bytes of a file: files of procfs state a size of zero, so the bytes are counted as they are read. */
export async function readStart(path: string, size: number): Promise<Buffer> {
  const handle = await open(path);
  const chunks = await Array.fromAsync(handle.createReadStream({ start: 0, end: size - 1 }));
  return Buffer.concat(chunks as Buffer[]);
}
