import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAnnotation } from '../../src/oci/annotations.ts';
import { digestMatches, digestOf, isDigest, parseDigest } from '../../src/oci/digest.ts';
import { FormatError, hasControlCharacter, quote } from '../../src/oci/format-error.ts';
import { essence } from '../../src/oci/media-types.ts';
import {
  agreePlatform,
  formatPlatform,
  matchesPlatform,
  normalizePlatform,
  parsePlatform,
  platformKey,
  platformSlug,
  samePlatform,
} from '../../src/oci/platform.ts';
import {
  familiarReference,
  formatReference,
  formatRepository,
  parseReference,
} from '../../src/oci/reference.ts';
import { controlCharacter, digest, platform, platformText, reference, word } from './spec-nouns.ts';

/** The value, or undefined when the text was refused as it should be. */
function accepted<Value>(parse: (text: string) => Value, text: string): Value | undefined {
  try {
    return parse(text);
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    assert.ok(error.message.length < 1200 && !hasControlCharacter(error.message) && error.expected !== '');
    return undefined;
  }
}

function check<Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void {
  fc.assert(property, { numRuns: 500 });
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), word('aA0.-_/:@[] \n\u212a{}é', 40));

describe('references', () => {
  it('read back from their long form', () =>
    check(
      fc.property(reference, (text) => {
        const parsed = parseReference(text);
        assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      }),
    ));
  it('read back from their short form', () =>
    check(
      fc.property(reference, (text) => {
        const parsed = parseReference(text);
        assert.deepEqual(parseReference(familiarReference(parsed)), parsed);
      }),
    ));
  it('keep the form they have after one reading', () =>
    check(
      fc.property(reference, (text) => {
        const once = formatReference(parseReference(text));
        assert.equal(formatReference(parseReference(once)), once);
      }),
    ));
  it('hold repositories that read back', () =>
    check(
      fc.property(reference, (text) => {
        const { repository } = parseReference(text);
        assert.deepEqual(parseReference(formatRepository(repository)).repository, repository);
      }),
    ));
  it('out of any text are refused, or clean and within their limits', () =>
    check(
      fc.property(anyText, (text) => {
        const parsed = accepted(parseReference, text);
        if (parsed === undefined) return;
        const { registry, path } = parsed.repository;
        assert.match(registry, /^[a-z0-9.:[\]-]+$/);
        assert.match(path, /^[a-z0-9._/-]{1,255}$/);
        assert.match(parsed.tag ?? 'x', /^[A-Za-z0-9_.-]{1,128}$/);
        assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      }),
    ));
});

describe('digests', () => {
  it('read back as they are', () =>
    check(fc.property(digest, (text) => assert.equal(parseDigest(text), text))));
  it('of bytes are legal and match those bytes only', () =>
    check(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        (bytes, algorithm) => {
          const of = digestOf(bytes, algorithm);
          assert.ok(isDigest(of) && digestMatches(bytes, of));
          assert.ok(!digestMatches(Uint8Array.of(...bytes, 0), of));
        },
      ),
    ));
  it('out of any text are refused or legal', () =>
    check(
      fc.property(anyText, (text) => assert.equal(accepted(parseDigest, text) !== undefined, isDigest(text))),
    ));
});

describe('platforms', () => {
  it('read back from their text', () =>
    check(
      fc.property(platformText, (text) => {
        const parsed = parsePlatform(text);
        assert.deepEqual(parsePlatform(formatPlatform(parsed)), parsed);
        assert.equal(formatPlatform(parsed), text.toLowerCase());
        assert.equal(platformSlug(parsed), text.toLowerCase().replaceAll('/', '-'));
      }),
    ));
  it('are normal after normalising once', () =>
    check(
      fc.property(platform, (value) => {
        const normal = normalizePlatform(value);
        assert.deepEqual(normalizePlatform(normal), normal);
        assert.equal(platformKey(normal), platformKey(value));
      }),
    ));
  it('are the same exactly when they are equal after normalising', () =>
    check(
      fc.property(platform, platform, (a, b) => {
        let equal = true;
        try {
          assert.deepEqual(normalizePlatform(a), normalizePlatform(b));
        } catch {
          equal = false;
        }
        assert.equal(samePlatform(a, b), equal);
        assert.equal(samePlatform(b, a), equal);
      }),
    ));
  it('match and never contradict themselves, normalised or not', () =>
    check(
      fc.property(platform, (value) => {
        const normal = normalizePlatform(value);
        for (const [a, b] of [
          [value, value],
          [value, normal],
          [normal, value],
        ] as const) {
          assert.equal(agreePlatform(a, b).kind, 'agreed');
          assert.ok(matchesPlatform(a, b));
        }
      }),
    ));
  it('out of any text are refused, or two or three clean words', () =>
    check(
      fc.property(fc.oneof(anyText, word('aZ/ .\n', 9)), (text) => {
        const parsed = accepted(parsePlatform, text);
        if (parsed !== undefined)
          assert.match(formatPlatform(parsed), /^[a-z0-9_.-]+(?:\/[a-z0-9_.-]+){1,2}$/);
      }),
    ));
});

describe('annotations', () => {
  it('out of any text are refused, or have a clean key', () => {
    const levels = fc.constantFrom(
      '',
      'index:',
      'manifest,index:',
      'manifest-descriptor[linux/arm64]:',
      'manifest[',
    );
    check(
      fc.property(levels, anyText, anyText, (level, key, value) => {
        const parsed = accepted(parseAnnotation, `${level}${key}=${value}`);
        if (parsed !== undefined)
          assert.ok(parsed.key !== '' && !/[\s\u0000-\u001f\u007f-\u009f]/.test(parsed.key));
      }),
    );
  });
});

describe('control characters anywhere in legal text', () => {
  const table: readonly (readonly [
    name: string,
    legal: fc.Arbitrary<string>,
    parse: (text: string) => unknown,
  ])[] = [
    ['references', reference, parseReference],
    ['digests', digest, parseDigest],
    ['platforms', platformText, parsePlatform],
    ['annotation keys', word('abc.-', 9), (key: string) => parseAnnotation(`index:${key}=v`)],
  ];
  for (const [name, legal, parse] of table)
    it(`make ${name} illegal`, () =>
      check(
        fc.property(legal, controlCharacter, fc.nat(), (text, character, place) => {
          const at = place % (text.length + 1);
          assert.ok(accepted(parse, text) !== undefined);
          assert.equal(accepted(parse, text.slice(0, at) + character + text.slice(at)), undefined);
        }),
      ));
  it('make media types unusable, save white space around', () =>
    check(
      fc.property(controlCharacter, fc.integer({ min: 1, max: 8 }), (character, at) => {
        const type = 'text/html';
        assert.equal(essence(type.slice(0, at) + character + type.slice(at)), '');
      }),
    ));
});

describe('quoted text', () => {
  it('is one short line without anything invisible', () =>
    check(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 80 })),
        (text) => {
          const quoted = quote(text);
          assert.match(quoted, /^"[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*"$/u);
          assert.ok(quoted.length <= 81 * 6 + 2);
        },
      ),
    ));
});
