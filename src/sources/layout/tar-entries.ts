import { FormatError, quote } from '../../oci/format-error.ts';
import type { TarInput } from './tar-input.ts';

/** A regular file in a tar archive, or a link, which may only stand in an archive that is refused for another reason. */
export interface TarEntry {
  /** Relative and without `.` or `..`, with slashes. */
  readonly name: string;
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

type Extension = Partial<Pick<TarHeader, 'name' | 'size'>>;

/**
 * Lists the regular files in a tar archive by reading its headers: ustar, pax and GNU's long names. Throws FormatError
 * for entries that a layout does not need but an attacker might: devices, FIFOs, sparse files, absolute names and names
 * with `..`; for a truncated archive; and for more than 100 000 entries.
 */
export async function* readTarEntries(input: TarInput): AsyncGenerator<TarEntry> {
  let extension: Extension = {};
  let position = 0;
  for (let count = 0; count < maxEntries; count++) {
    const block = await input.read(position, blockSize);
    const header = block.length === 0 ? undefined : parseTarHeader(block);
    if (header === undefined) return;
    const offset = position + blockSize;
    const found = await readExtension(header, offset, input);
    const entry = found ? header : { ...header, ...extension };
    extension = found ? { ...extension, ...found } : {};
    const link = found ? undefined : linkTypes.get(entry.type);
    const flaw = link && new FormatError(`${quote(entry.name)} is ${link}`, fileForm);
    const file = !found && !flaw && isFile(entry);
    if (file) yield { name: cleanName(entry.name), size: entry.size, offset };
    else if (flaw) yield { name: entry.name, size: 0, offset, flaw };
    // The content is padded to whole blocks.
    position = offset + (found || file ? Math.ceil(entry.size / blockSize) * blockSize : 0);
  }
  throw new FormatError(`the archive has more than ${maxEntries} entries`, 'an image layout');
}

/** Reads a header that describes the next entry: pax `x` and GNU `L`; pax `g` and GNU `K` change nothing here. */
async function readExtension(header: TarHeader, offset: number, input: TarInput) {
  if (!'xgLK'.includes(header.type)) return undefined;
  if (header.size > maxExtensionSize) {
    throw new FormatError(`a header has ${header.size} bytes of extensions`, `at most ${maxExtensionSize}`);
  }
  if (header.type === 'K' || header.size === 0) return {};
  const bytes = await input.read(offset, header.size);
  if (header.type === 'L') return { name: parseText(bytes) };
  const records = parsePaxRecords(bytes);
  if (header.type === 'x') return readPax(records);
  if (!records.has('path') && !records.has('size')) return {};
  const message = 'a global header sets a path or size for all entries';
  throw new FormatError(message, 'a path and size in each entry');
}

function readPax(records: ReadonlyMap<string, string>): Extension {
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw new FormatError(`${quote(records.get('path') ?? 'an entry')} is a sparse file`, fileForm);
  }
  const name = records.get('path');
  const size = records.get('size');
  if (size !== undefined && !/^[0-9]{1,16}$/.test(size))
    throw new FormatError(`a pax header has the size ${quote(size)}`, 'decimal digits');
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size: checkSize(Number(size), 'a pax size') }),
  };
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

/** Bytes of a header; entries are padded to a multiple of it. */
const blockSize = 512;

/** A tar header, which describes the entry that follows it. */
interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** The type flag, one character; `\0` is written as `0`. */
  readonly type: string;
}

/**
 * Reads a header block (POSIX.1-2024 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 *
 *     offset  0  name          100 bytes
 *           124  size           12 octal digits, or GNU's base 256 when the first bit is set
 *           148  checksum        8 octal digits: the sum of the block's bytes, with spaces in its own place
 *           156  type            1
 *           257  magic           6 "ustar\0", or "ustar " for GNU
 *           345  name's prefix 155, POSIX only
 *
 * Undefined for a block of zeros, which ends an archive. Throws FormatError when it is not a header.
 */
function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const own = block.subarray(148, 156);
  if (sum(block) - sum(own) + 8 * 0x20 !== parseNumber(own)) {
    throw new FormatError('a header has the wrong checksum', 'a tar archive');
  }
  const type = String.fromCharCode(block[156] || 0x30);
  return { name: fullName(block), size: parseNumber(block.subarray(124, 136)), type };
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}

function fullName(block: Uint8Array): string {
  const name = parseText(block.subarray(0, 100));
  const posix = parseText(block.subarray(257, 263)) === 'ustar' && block[262] === 0;
  const prefix = posix ? parseText(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Text up to the first NUL. */
function parseText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function parseNumber(field: Uint8Array): number {
  const [first = 0] = field;
  if ((first & 0x80) !== 0) {
    const value = field.subarray(1).reduce((total, byte) => total * 256 + byte, first & 0x7f);
    return checkSize(value, 'a base-256 number');
  }
  const digits = parseText(field).trim();
  if (!/^[0-7]{0,12}$/.test(digits))
    throw new FormatError(`a header has the number ${quote(digits)}`, 'octal digits');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Throws FormatError when the number is not a safe integer. */
function checkSize(size: number, name: string): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new FormatError(`a header has ${name} that is too large`, 'a size below 8 PiB');
}

/**
 * Reads the records of a pax extended header, `LENGTH KEY=VALUE\n` each (POSIX.1-2024 pax, "pax Extended Header").
 * Throws FormatError when a record is malformed.
 */
export function parsePaxRecords(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + recordLength(bytes, at);
    const record = new TextDecoder().decode(bytes.subarray(bytes.indexOf(0x20, at) + 1, end - 1));
    const equals = record.indexOf('=');
    if (equals < 0 || bytes[end - 1] !== 0x0a) throw malformedRecord();
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}

function recordLength(bytes: Uint8Array, at: number): number {
  const digits = /^([0-9]{1,8}) /.exec(Buffer.from(bytes.subarray(at, at + 9)).toString('latin1'))?.[1];
  const length = Number(digits ?? 0);
  if (length > (digits?.length ?? 0) + 2 && at + length <= bytes.length) return length;
  throw malformedRecord();
}

function malformedRecord(): FormatError {
  return new FormatError('a pax header is malformed', 'records of the form LENGTH KEY=VALUE');
}
