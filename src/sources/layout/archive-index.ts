import { FormatError } from '../../oci/format-error.ts';
import { manifestLimit } from '../../oci/manifest.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';
import type { TarInput } from './tar-input.ts';

/** A file of a layout in an archive. */
interface ArchiveEntry extends TarEntry {
  /** Its content, if it was kept. */
  readonly bytes?: Uint8Array;
}

/** The files of a layout, by name. */
export type ArchiveIndex = ReadonlyMap<string, ArchiveEntry>;

/** Bytes of a file that is kept from a stream: reading manifests and configs must not read the archive again. */
const maxKeptSize = 1024 * 1024;

/**
 * Lists the files of an image layout in a tar archive, and skips others. `keeps` says of each small file: `keep`
 * keeps its bytes, `skip` reads its header only. Throws FormatError when the archive is malformed or hostile, see
 * {@link readTarEntries}, for links, and when a file occurs twice, as readers differ in which of the two they take.
 */
export async function indexArchive(
  input: TarInput,
  keeps: (name: string, size: number) => 'keep' | 'skip',
): Promise<ArchiveIndex> {
  const entries = new Map<string, ArchiveEntry>();
  let flaw: FormatError | undefined;
  for await (const entry of readTarEntries(input)) {
    flaw ??= entry.flaw;
    if (entry.flaw || !isLayoutFile(entry.name)) continue;
    if (entries.has(entry.name)) throw new FormatError(`${entry.name} occurs twice`, 'each file once');
    if (entry.size <= maxSizeOf(entry.name) && keeps(entry.name, entry.size) === 'keep') {
      entries.set(entry.name, { ...entry, bytes: await input.read(entry.offset, entry.size) });
    } else {
      entries.set(entry.name, entry);
    }
  }
  // Docker's own form has links before its manifest.json, and is refused with a message of its own.
  if (flaw !== undefined && !isSavedImage(entries)) throw flaw;
  return entries;
}

function isSavedImage(entries: ArchiveIndex): boolean {
  return entries.has('manifest.json') && !entries.has('oci-layout');
}

/** `manifest.json` is not part of a layout; it identifies an archive of `docker save`. */
function isLayoutFile(name: string): boolean {
  return /^(?:oci-layout|index\.json|manifest\.json|blobs\/(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128}))$/.test(
    name,
  );
}

function maxSizeOf(name: string): number {
  return name === 'index.json' ? manifestLimit : maxKeptSize;
}
