import { FormatError } from '../../oci/format-error.ts';
import { manifestLimit } from '../../oci/manifest.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';
import type { TarInput } from './tar-input.ts';

/** Where a layout's file is in an archive. */
export interface ArchiveEntry extends TarEntry {
  /** Its content, when that was kept. */
  readonly bytes?: Uint8Array;
}

export interface ArchiveIndex {
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** Names that occur again with as many bytes; whether the content is the same is not known yet. */
  readonly repeated: readonly (readonly [ArchiveEntry, ArchiveEntry])[];
}

/** Of a stream, manifests and configs are kept, so that reading them does not mean reading the archive again. */
const keptSize = 1024 * 1024;
/** Bytes kept of one archive. */
const keptTotal = 32 * 1024 * 1024;

/** Copies of the same file that are compared; tools write none at all. */
const repeatLimit = 16;

/**
 * Lists the files of an image layout in a tar archive. Other files are skipped over.
 *
 * @param content `keep` holds on to small files while passing them, `skip` reads headers only
 * @throws FormatError when the archive is malformed or hostile, see {@link readTarEntries}, and when a name occurs
 *   twice with different sizes.
 */
export async function indexArchive(input: TarInput, content: 'keep' | 'skip'): Promise<ArchiveIndex> {
  const entries = new Map<string, ArchiveEntry>();
  const repeated: [ArchiveEntry, ArchiveEntry][] = [];
  let room = content === 'keep' ? keptTotal : 0;
  for await (const entry of readTarEntries(input)) {
    if (!isLayoutFile(entry.name)) continue;
    const first = entries.get(entry.name);
    if (first) {
      repeated.push(pairUp(first, entry, repeated.length));
    } else if (entry.size <= Math.min(limitOf(entry.name), room)) {
      entries.set(entry.name, { ...entry, bytes: await input.read(entry.offset, entry.size) });
      room -= entry.size;
    } else {
      entries.set(entry.name, entry);
    }
  }
  return { entries, repeated };
}

/** `manifest.json` is no part of a layout, but tells what docker wrote. */
function isLayoutFile(name: string): boolean {
  return /^(?:oci-layout|index\.json|manifest\.json|blobs\/(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128}))$/.test(
    name,
  );
}

function limitOf(name: string): number {
  return name === 'index.json' ? manifestLimit : keptSize;
}

function pairUp(first: ArchiveEntry, again: TarEntry, count: number): [ArchiveEntry, ArchiveEntry] {
  if (first.size === again.size && count < repeatLimit) return [first, again];
  const flaw =
    first.size === again.size
      ? 'is one of many that are there twice'
      : 'is there twice, with different content';
  throw new FormatError(`${first.name} ${flaw}`, 'each file once');
}
