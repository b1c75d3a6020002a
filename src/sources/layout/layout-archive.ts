import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from '../../oci/format-error.ts';
import { manifestLimit } from '../../oci/manifest.ts';
import type { ManifestBudget } from '../../registry/manifest-budget.ts';
import { fileError, type LocalFile } from '../local-file.ts';
import { asSourceError, type SourceSubject } from '../source-error.ts';
import {
  type CompressedFile,
  decompress,
  detectCompression,
  InflationBudget,
  type InflationLimit,
  maxInflation,
} from './compression.ts';
import { chunkSize, type LayoutFiles, layoutError, layoutFile } from './layout-files.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';
import { FileInput, StreamInput, type TarInput } from './tar-input.ts';

/**
 * Opens an OCI image layout in a tar archive, plain or compressed with gzip or zstd. Nothing is extracted. In a plain
 * archive, this reads the headers only, and a blob is read later from its offset in the file. A compressed archive has no
 * random access: it is read once here, and again up to the blob's end for each large blob. Prefer plain archives, since
 * layers are compressed already. Throws SourceError when the archive is malformed or hostile.
 */
export async function openLayoutArchive(
  file: LocalFile,
  budget: ManifestBudget,
  limit: InflationLimit = maxInflation,
): Promise<LayoutFiles> {
  const { line, place } = file;
  const archive = { line, place, name: `oci-archive:${file.name}`, code: 'SOURCE_ARCHIVE' } as const;
  const explain = (error: unknown, subject: SourceSubject): unknown =>
    error instanceof FormatError ? asSourceError(error, subject) : fileError(file, error);
  // Small files are not parsed, and take a quarter of the memory of manifests.
  const keepSmall: Keeps = (name, size) => {
    if (size > 2 * budget.left) return 'skip';
    budget.hold(`${name} of ${archive.name}`, size / 4);
    return 'keep';
  };
  const { entries, compressed } = await indexFile(file.path, keepSmall, limit).catch((error: unknown) => {
    throw explain(error, archive);
  });
  return {
    ...archive,
    size: async (path) => entries.get(path)?.size,
    async *open(path, offset) {
      const entry = entries.get(path);
      if (entry === undefined) throw layoutError(archive, `${path} is missing`);
      try {
        if (entry.bytes) yield entry.bytes.subarray(offset);
        else yield* read(compressed ?? file.path, entry.offset + offset, entry.size - offset);
      } catch (error) {
        throw explain(error, layoutFile(archive, path));
      }
    },
  };
}

interface IndexedFile {
  readonly entries: ArchiveIndex;
  /** Undefined for a plain archive. */
  readonly compressed?: CompressedFile;
}

async function indexFile(path: string, keeps: Keeps, limit: InflationLimit): Promise<IndexedFile> {
  const handle = await open(path);
  try {
    const compression = await detectCompression(handle);
    if (compression === 'none') return { entries: await indexPlain(handle) };
    const { size } = await handle.stat();
    const compressed = { path, compression, budget: new InflationBudget(size, limit) };
    const input = new StreamInput(decompress(compressed));
    const entries = await indexArchive(input, keeps).finally(() => input.close());
    return { entries, compressed };
  } finally {
    await handle.close();
  }
}

function read(file: string | CompressedFile, start: number, length: number) {
  if (length <= 0) return [];
  if (typeof file !== 'string') return cut(decompress(file), start, length);
  return createReadStream(file, { start, end: start + length - 1, highWaterMark: chunkSize });
}

async function indexPlain(handle: FileHandle): Promise<ArchiveIndex> {
  const { size } = await handle.stat();
  if (size === 0) throw new FormatError('the file is empty', 'a tar archive');
  return indexArchive(new FileInput(handle, size), () => 'skip');
}

/** Yields the `length` bytes from `start` on, and reads no further. */
async function* cut(chunks: AsyncIterable<Uint8Array>, start: number, length: number) {
  let position = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - position), Math.max(0, start + length - position));
    if (part.length > 0) yield part;
    position += chunk.length;
    if (position >= start + length) return;
  }
}

interface ArchiveEntry extends TarEntry {
  readonly bytes?: Uint8Array;
}

/** The files of a layout, by name. */
type ArchiveIndex = ReadonlyMap<string, ArchiveEntry>;

/** Bytes of a file that is kept from a stream: reading manifests and configs must not read the archive again. */
const maxKeptSize = 1024 * 1024;

/** Whether the bytes of a small file are kept, or only its header is read. */
type Keeps = (name: string, size: number) => 'keep' | 'skip';

/**
 * Lists the files of an image layout in a tar archive, and skips others. Throws FormatError when the archive is malformed or hostile, see
 * {@link readTarEntries}, for links, and when a file occurs twice, as readers differ in which of the two they take.
 */
async function indexArchive(input: TarInput, keeps: Keeps): Promise<ArchiveIndex> {
  const entries = new Map<string, ArchiveEntry>();
  let flaw: FormatError | undefined;
  for await (const entry of readTarEntries(input)) {
    flaw ??= entry.flaw;
    if (entry.flaw || !layoutFiles.test(entry.name)) continue;
    if (entries.has(entry.name)) throw new FormatError(`${entry.name} occurs twice`, 'each file once');
    const maxSize = entry.name === 'index.json' ? manifestLimit : maxKeptSize;
    if (entry.size <= maxSize && keeps(entry.name, entry.size) === 'keep') {
      entries.set(entry.name, { ...entry, bytes: await input.read(entry.offset, entry.size) });
    } else {
      entries.set(entry.name, entry);
    }
  }
  // Docker's own form has links before its manifest.json, and is refused with a message of its own.
  const isSavedImage = entries.has('manifest.json') && !entries.has('oci-layout');
  if (flaw !== undefined && !isSavedImage) throw flaw;
  return entries;
}

/** `manifest.json` is not part of a layout; it identifies an archive of `docker save`. */
const layoutFiles =
  /^(?:oci-layout|index\.json|manifest\.json|blobs\/(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128}))$/;
