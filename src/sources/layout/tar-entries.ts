import { FormatError, quote } from '../../oci/format-error.ts';
import {
  blockSize,
  checkSize,
  parsePaxRecords,
  parseTarHeader,
  parseText,
  type TarHeader,
} from './tar-header.ts';
import type { TarInput } from './tar-input.ts';

/** A regular file in a tar archive, or a link, which may only stand in an archive that is refused for another reason. */
export interface TarEntry {
  /** Relative and without `.` or `..`, with slashes. */
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  /** Offset of its content in the uncompressed archive. */
  readonly offset: number;
  /** For a link: why the archive is refused. */
  readonly flaw?: FormatError;
}

/** An image of 100 platforms with 127 layers each, all different, has fewer. */
const maxEntries = 100_000;

/** Bytes of an extended header or a long name; paths in a layout have about 80. */
const maxExtensionSize = 256 * 1024;

/** The values that an extended header sets for the next entry. */
interface Extension {
  readonly name?: string;
  readonly size?: number;
}

/**
 * Lists the regular files in a tar archive by reading its headers: ustar, pax and GNU's long names. Throws FormatError
 * for entries that a layout does not need but an attacker might: devices, FIFOs, sparse files, absolute names and names
 * with `..`; for a truncated archive; and for more than 100 000 entries.
 */
export async function* readTarEntries(input: TarInput): AsyncGenerator<TarEntry> {
  let extension: Extension = {};
  let position = 0;
  for (let count = 0; count < maxEntries; count++) {
    const header = await readHeader(input, position);
    if (header === undefined) return;
    const offset = position + blockSize;
    const found = await readExtension(header, offset, input);
    const entry = found ? header : { ...header, ...extension };
    extension = found ? { ...extension, ...found } : {};
    const flaw = found ? undefined : linkFlaw(entry);
    const file = !found && !flaw && isFile(entry);
    if (file) yield { name: cleanName(entry.name), size: entry.size, offset };
    else if (flaw) yield { name: entry.name, size: 0, offset, flaw };
    position = offset + (found || file ? padded(entry.size) : 0);
  }
  throw new FormatError(`the archive has more than ${maxEntries} entries`, 'an image layout');
}

async function readHeader(input: TarInput, position: number): Promise<TarHeader | undefined> {
  const block = await input.read(position, blockSize);
  return block.length === 0 ? undefined : parseTarHeader(block);
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** Reads a header that describes the next entry: pax `x` and GNU `L`; pax `g` and GNU `K` change nothing here. */
async function readExtension(
  header: TarHeader,
  offset: number,
  input: TarInput,
): Promise<Extension | undefined> {
  if (!'xgLK'.includes(header.type)) return undefined;
  if (header.size > maxExtensionSize) {
    throw new FormatError(`a header has ${header.size} bytes of extensions`, `at most ${maxExtensionSize}`);
  }
  if (header.type === 'K' || header.size === 0) return {};
  const bytes = await input.read(offset, header.size);
  if (header.type === 'L') return { name: parseText(bytes) };
  const records = parsePaxRecords(bytes);
  return header.type === 'x' ? readPax(records) : refuseGlobals(records);
}

function readPax(records: ReadonlyMap<string, string>): Extension {
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw new FormatError(`${quote(records.get('path') ?? 'an entry')} is a sparse file`, fileForm);
  }
  const name = records.get('path');
  const size = records.get('size');
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size: parsePaxSize(size) }),
  };
}

function refuseGlobals(records: ReadonlyMap<string, string>): Extension {
  if (!records.has('path') && !records.has('size')) return {};
  throw new FormatError(
    'a global header sets a path or size for all entries',
    'a path and size in each entry',
  );
}

function parsePaxSize(text: string): number {
  if (/^[0-9]{1,16}$/.test(text)) return checkSize(Number(text), 'a pax size');
  throw new FormatError(`a pax header has the size ${quote(text)}`, 'decimal digits');
}

const fileForm = 'regular files and directories only';

const linkTypes: ReadonlyMap<string, string> = new Map([
  ['1', 'a hard link'],
  ['2', 'a symbolic link'],
]);

const refusedTypes: ReadonlyMap<string, string> = new Map([
  ['3', 'a character device'],
  ['4', 'a block device'],
  ['6', 'a FIFO'],
  ['S', 'a sparse file'],
]);

function linkFlaw({ type, name }: TarHeader): FormatError | undefined {
  const kind = linkTypes.get(type);
  return kind === undefined ? undefined : new FormatError(`${quote(name)} is ${kind}`, fileForm);
}

/** Whether the entry is a regular file, not a directory; refuses anything else. */
function isFile({ type, name }: TarHeader): boolean {
  if (type === '5') return false;
  if (type === '0' || type === '7') return !name.endsWith('/');
  const kind = refusedTypes.get(type) ?? `of the unknown type ${quote(type)}`;
  throw new FormatError(`${quote(name)} is ${kind}`, fileForm);
}

function cleanName(name: string): string {
  const parts = name.split(/[\\/]/);
  if (name.includes('\0') || /^[\\/]|^[A-Za-z]:/.test(name)) {
    throw new FormatError(`${quote(name)} is an absolute name`, 'names within the archive');
  }
  if (parts.includes('..')) {
    throw new FormatError(`${quote(name)} leads out of the archive with ".."`, 'names within the archive');
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
