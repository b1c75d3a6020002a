import { createHash, type Hash } from 'node:crypto';
import { FormatError, quote } from './format-error.ts';

declare const brand: unique symbol;

/** A validated content digest: `sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits. */
export type Digest = string & { readonly [brand]: 'Digest' };

type Algorithm = 'sha256' | 'sha512';

const legalForm = '"sha256:" and 64, or "sha512:" and 128 lower-case hexadecimal digits';

/**
 * Reads a digest (OCI image-spec 1.1, descriptor.md "Digests"). Throws FormatError when the algorithm is not sha256 or
 * sha512, or the encoded part is not its hexadecimal form.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new FormatError(`digest ${quote(text)} ${flaw(text)}`, legalForm);
}

/** Whether the text is a digest of a supported algorithm in its only legal spelling. */
export function isDigest(text: string): text is Digest {
  if (text.length === 71) return /^sha256:[0-9a-f]{64}$/.test(text);
  return text.length === 135 && /^sha512:[0-9a-f]{128}$/.test(text);
}

function flaw(text: string): string {
  const colon = text.indexOf(':');
  if (colon < 0) return 'has no algorithm';
  const algorithm = text.slice(0, colon);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return 'has an unsupported algorithm';
  const encoded = text.slice(colon + 1);
  const length = algorithm === 'sha256' ? 64 : 128;
  if (encoded.length !== length) return `has ${encoded.length} characters after the colon, not ${length}`;
  return 'has characters other than lower-case hexadecimal digits after the colon';
}

/** The digest of the bytes, by default sha256. */
export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): Digest {
  return encode(algorithm, createHash(algorithm).update(bytes));
}

/** Whether the bytes have this digest, by the digest's own algorithm. */
export function digestMatches(bytes: Uint8Array, digest: Digest): boolean {
  return digestOf(bytes, algorithmOf(digest)) === digest;
}

/** The digest's algorithm. */
export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The digest's hexadecimal digits, without the algorithm. */
export function encodedOf(digest: Digest): string {
  return digest.slice(7);
}

function encode(algorithm: Algorithm, hash: Hash): Digest {
  return `${algorithm}:${hash.digest('hex')}` as Digest;
}

/** Checks a stream of chunks against the digest and size (in bytes) of its descriptor. */
export class DigestVerifier {
  readonly #expected: Digest;
  readonly #size: number;
  readonly #hash: Hash;
  #seen = 0;

  constructor(descriptor: { readonly digest: Digest; readonly size: number }) {
    this.#expected = descriptor.digest;
    this.#size = descriptor.size;
    this.#hash = createHash(algorithmOf(descriptor.digest));
  }

  /** Adds the next chunk. Throws FormatError as soon as there are more bytes than the descriptor states. */
  update(chunk: Uint8Array): void {
    this.#seen += chunk.byteLength;
    if (this.#seen > this.#size) {
      const message = `content of ${this.#expected} is longer than its ${this.#size} bytes`;
      throw new FormatError(message, `${this.#size} bytes`);
    }
    this.#hash.update(chunk);
  }

  /** Ends the stream; call it once. Throws FormatError when there were fewer bytes, or bytes with another digest. */
  finish(): void {
    if (this.#seen !== this.#size) {
      const message = `content of ${this.#expected} ended after ${this.#seen} of ${this.#size} bytes`;
      throw new FormatError(message, `${this.#size} bytes`);
    }
    const actual = encode(algorithmOf(this.#expected), this.#hash);
    if (actual !== this.#expected) {
      throw new FormatError(`content of ${this.#expected} has the digest ${actual}`, this.#expected);
    }
  }
}
