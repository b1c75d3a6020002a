/** Distinguished encoding of the few ASN.1 types a certificate is made of (X.690 §8 and §10). */

const lastShortLength = 0x7f;

/** One tag-length-value triple; `content` is concatenated. */
export function encode(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), encodeLength(body.length), body]);
}

function encodeLength(length: number): Buffer {
  if (length <= lastShortLength) return Buffer.of(length);
  const bytes = minimalBytes(length);
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

function minimalBytes(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return encode(0x30, ...content);
}

export function set(...content: readonly Uint8Array[]): Buffer {
  return encode(0x31, ...content);
}

/** A non-negative integer from big-endian bytes whose first byte is neither zero nor above 0x7f. */
export function integer(...bytes: readonly number[]): Buffer {
  return encode(0x02, Uint8Array.from(bytes));
}

/** `[number] EXPLICIT content`. */
export function explicit(number: number, content: Uint8Array): Buffer {
  return encode(0xa0 | number, content);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text, 'utf8'));
}

export function octetString(content: Uint8Array): Buffer {
  return encode(0x04, content);
}

/** A BIT STRING of whole bytes. */
export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return encode(0x03, Buffer.of(unusedBits), content);
}

export function booleanTrue(): Buffer {
  return encode(0x01, Buffer.of(0xff));
}

/** UTCTime to the second; good until 2049. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return encode(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}
