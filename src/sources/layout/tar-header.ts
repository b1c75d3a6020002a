import { FormatError, quote } from '../../oci/format-error.ts';

/** Bytes of a header; entries are padded to a multiple of it. */
export const blockSize = 512;

/** A tar header, which describes the entry that follows it. */
export interface TarHeader {
  readonly name: string;
  /** Bytes of the entry's content. */
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
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (checksum(block) !== parseNumber(block.subarray(148, 156))) {
    throw new FormatError('a header has the wrong checksum', 'a tar archive');
  }
  const type = String.fromCharCode(block[156] || 0x30);
  return { name: fullName(block), size: parseNumber(block.subarray(124, 136)), type };
}

function checksum(block: Uint8Array): number {
  const spaces = 8 * 0x20;
  const own = sum(block.subarray(148, 156));
  return sum(block) - own + spaces;
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
export function parseText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function parseNumber(field: Uint8Array): number {
  return ((field[0] ?? 0) & 0x80) !== 0 ? parseBase256(field) : parseOctal(parseText(field).trim());
}

function parseBase256(field: Uint8Array): number {
  const value = field.subarray(1).reduce((total, byte) => total * 256 + byte, (field[0] ?? 0) & 0x7f);
  return checkSize(value, 'a base-256 number');
}

function parseOctal(digits: string): number {
  if (!/^[0-7]{0,12}$/.test(digits))
    throw new FormatError(`a header has the number ${quote(digits)}`, 'octal digits');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Throws FormatError when the number is not a safe integer. */
export function checkSize(size: number, name: string): number {
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
