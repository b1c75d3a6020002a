import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from '../../oci/format-error.ts';
import { manifestLimit } from '../../oci/manifest.ts';
import type { ManifestBudget } from '../../registry/manifest-budget.ts';
import { fileError, type LocalFile } from '../local-file.ts';
import { asSourceError } from '../source-error.ts';
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
 * Opens an OCI image layout in a tar archive, plain or compressed with gzip or zstd.
 *
 * Nothing is extracted. In a plain archive, this reads the headers only, and a blob is read later from its offset in
 * the file. A compressed archive has no random access: it is read once here, and again up to the blob's end for each
 * large blob. Prefer plain archives, since layers are compressed already. Throws SourceError when the archive is
 * malformed or hostile.
 */
export async function openLayoutArchive(
  file: LocalFile,
  budget: ManifestBudget,
  limit: InflationLimit = maxInflation,
): Promise<LayoutFiles> {
  const archive = new LayoutArchive(file, budget, limit);
  await archive.readIndex();
  return archive;
}

class LayoutArchive implements LayoutFiles {
  readonly line: number;
  readonly place: string | undefined;
  readonly name: string;
  readonly code = 'SOURCE_ARCHIVE';
  readonly #file: LocalFile;
  readonly #budget: ManifestBudget;
  readonly #limit: InflationLimit;
  #compressed: CompressedFile | undefined;
  #entries: ArchiveIndex = new Map();

  constructor(file: LocalFile, budget: ManifestBudget, limit: InflationLimit) {
    this.line = file.line;
    this.place = file.place;
    this.name = `oci-archive:${file.name}`;
    this.#file = file;
    this.#budget = budget;
    this.#limit = limit;
  }

  async readIndex(): Promise<void> {
    try {
      this.#entries = await this.#index();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async size(path: string): Promise<number | undefined> {
    return this.#entries.get(path)?.size;
  }

  async *open(path: string, offset: number): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(path);
    if (entry === undefined) throw layoutError(this, `${path} is missing`);
    try {
      if (entry.bytes) yield entry.bytes.subarray(offset);
      else yield* this.#read(entry.offset + offset, entry.size - offset);
    } catch (error) {
      throw this.#explain(error, path);
    }
  }

  async #index(): Promise<ArchiveIndex> {
    const handle = await open(this.#file.path);
    try {
      const compression = await detectCompression(handle);
      if (compression === 'none') return await indexPlain(handle);
      const { size } = await handle.stat();
      const budget = new InflationBudget(size, this.#limit);
      this.#compressed = { path: this.#file.path, compression, budget };
      return await this.#indexStream(this.#compressed);
    } finally {
      await handle.close();
    }
  }

  async #indexStream(compressed: CompressedFile): Promise<ArchiveIndex> {
    const input = new StreamInput(decompress(compressed));
    try {
      return await indexArchive(input, this.#keepSmall);
    } finally {
      await input.close();
    }
  }

  // They are not parsed, and take a quarter of the memory of manifests.
  readonly #keepSmall = (name: string, size: number): 'keep' | 'skip' => {
    if (size > 2 * this.#budget.left) return 'skip';
    this.#budget.hold(`${name} of ${this.name}`, size / 4);
    return 'keep';
  };

  #read(start: number, length: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
    if (length <= 0) return [];
    if (this.#compressed !== undefined) return cut(decompress(this.#compressed), start, length);
    return createReadStream(this.#file.path, { start, end: start + length - 1, highWaterMark: chunkSize });
  }

  #explain(error: unknown, path?: string): unknown {
    if (!(error instanceof FormatError)) return fileError(this.#file, error);
    return asSourceError(error, path === undefined ? this : layoutFile(this, path));
  }
}

async function indexPlain(handle: FileHandle): Promise<ArchiveIndex> {
  const { size } = await handle.stat();
  if (size === 0) throw new FormatError('the file is empty', 'a tar archive');
  return indexArchive(new FileInput(handle, size), () => 'skip');
}

/** Yields the `length` bytes from `start` on, and reads no further. */
async function* cut(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array> {
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

/**
 * Lists the files of an image layout in a tar archive, and skips others. `keeps` says of each small file: `keep`
 * keeps its bytes, `skip` reads its header only. Throws FormatError when the archive is malformed or hostile, see
 * {@link readTarEntries}, for links, and when a file occurs twice, as readers differ in which of the two they take.
 */
async function indexArchive(
  input: TarInput,
  keeps: (name: string, size: number) => 'keep' | 'skip',
): Promise<ArchiveIndex> {
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
