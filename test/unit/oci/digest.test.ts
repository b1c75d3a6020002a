import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  algorithmOf,
  type Digest,
  DigestVerifier,
  digestMatches,
  digestOf,
  encodedOf,
  isDigest,
  parseDigest,
} from '../../../src/oci/digest.ts';
import { FormatError } from '../../../src/oci/format-error.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const emptySha256 = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const abcSha512 =
  'sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';

describe('digests that are legal', () => {
  for (const text of [emptySha256, abcSha512, `sha256:${'0'.repeat(64)}`])
    it(text.slice(0, 20), () => {
      assert.equal(isDigest(text), true);
      assert.equal(parseDigest(text), text);
    });
});

describe('digests that are refused', () => {
  const hex = 'a'.repeat(64);
  const table = [
    { name: 'nothing', in: '', out: /no algorithm/ },
    { name: 'no algorithm', in: hex, out: /no algorithm/ },
    { name: 'an unknown algorithm', in: `sha384:${'a'.repeat(96)}`, out: /unsupported algorithm/ },
    { name: 'md5', in: `md5:${'a'.repeat(32)}`, out: /unsupported algorithm/ },
    { name: 'the algorithm in capitals', in: `SHA256:${hex}`, out: /unsupported algorithm/ },
    { name: 'one digit short', in: `sha256:${hex.slice(1)}`, out: /63 characters .* not 64/ },
    { name: 'one digit long', in: `sha256:${hex}a`, out: /65 characters/ },
    { name: 'sha512 with the length of sha256', in: `sha512:${hex}`, out: /64 characters .* not 128/ },
    { name: 'capitals', in: `sha256:${'A'.repeat(64)}`, out: /lower-case/ },
    { name: 'no hexadecimal digit', in: `sha256:${'g'.repeat(64)}`, out: /lower-case/ },
    { name: 'a newline at the end', in: `sha256:${hex}\n`, out: /65 characters/ },
    { name: 'a newline as last digit', in: `sha256:${hex.slice(1)}\n`, out: /lower-case/ },
    { name: 'a path in it', in: `sha256:../../${'a'.repeat(58)}`, out: /lower-case/ },
    { name: 'white space in front', in: ` sha256:${hex}`, out: /unsupported algorithm/ },
  ];
  for (const row of table)
    it(row.name, () => {
      assert.equal(isDigest(row.in), false);
      assert.throws(() => parseDigest(row.in), { name: 'FormatError', message: row.out, expected: /sha512/ });
    });
});

describe('digests of bytes', () => {
  it('sha256 by default', () => assert.equal(digestOf(bytes('')), emptySha256));
  it('sha512 on request', () => assert.equal(digestOf(bytes('abc'), 'sha512'), abcSha512));
  it('match by their own algorithm', () => {
    assert.equal(digestMatches(bytes(''), parseDigest(emptySha256)), true);
    assert.equal(digestMatches(bytes('abc'), parseDigest(abcSha512)), true);
    assert.equal(digestMatches(bytes('abd'), parseDigest(abcSha512)), false);
  });
  it('come apart into algorithm and digits', () => {
    assert.deepEqual(
      [algorithmOf(parseDigest(emptySha256)), encodedOf(parseDigest(emptySha256)).length],
      ['sha256', 64],
    );
    assert.deepEqual(
      [algorithmOf(parseDigest(abcSha512)), encodedOf(parseDigest(abcSha512)).length],
      ['sha512', 128],
    );
  });
});

describe('DigestVerifier', () => {
  const verify = (digest: Digest, size: number, chunks: readonly string[]) => {
    const verifier = new DigestVerifier({ digest, size });
    for (const chunk of chunks) verifier.update(bytes(chunk));
    verifier.finish();
  };
  it('takes the right bytes in any chunks', () => {
    verify(digestOf(bytes('hello')), 5, ['hel', '', 'lo']);
    verify(parseDigest(abcSha512), 3, ['a', 'b', 'c']);
    verify(parseDigest(emptySha256), 0, []);
  });
  it('refuses other bytes of the same size', () =>
    assert.throws(() => verify(digestOf(bytes('hello')), 5, ['hellO']), /has the digest sha256:/));
  it('refuses fewer bytes', () =>
    assert.throws(() => verify(digestOf(bytes('hello')), 5, ['hell']), /ended after 4 of 5 bytes/));
  it('refuses more bytes with the chunk that brings them', () => {
    const verifier = new DigestVerifier({ digest: digestOf(bytes('hello')), size: 5 });
    verifier.update(bytes('hello'));
    assert.throws(() => verifier.update(bytes('!')), FormatError);
  });
});
