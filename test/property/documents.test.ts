import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../src/oci/digest.ts';
import { FormatError } from '../../src/oci/format-error.ts';
import { marshalIndent } from '../../src/oci/go-json.ts';
import { assembleIndex, chooseFormat } from '../../src/oci/image-index.ts';
import { parseJsonDocument } from '../../src/oci/json-document.ts';
import { parseManifest } from '../../src/oci/manifest.ts';
import { annotations, entry, plainEntry } from './spec-nouns.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const json = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 5 });

describe('an assembled index', () => {
  it('says in format oci what went in, and is written again the same', () =>
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), annotations, (entries, notes) => {
        const index = assembleIndex(entries, { format: 'oci', annotations: notes });
        const read = parseManifest(index.bytes, index.mediaType, digestOf(index.bytes, 'sha512'));
        assert.deepEqual(read.content, index.content);
        assert.ok(read.content.kind === 'index');
        assert.deepEqual(read.content.manifests, entries);
        assert.deepEqual(read.content.annotations ?? {}, notes);
        const again = assembleIndex(read.content.manifests, { format: 'oci', annotations: notes });
        assert.equal(again.digest, index.digest);
      }),
    ));
  it('says in format docker what went in, and is written again the same', () =>
    fc.assert(
      fc.property(fc.array(plainEntry, { maxLength: 5 }), (entries) => {
        assert.equal(chooseFormat(entries, {}, 'docker'), 'docker');
        const index = assembleIndex(entries, { format: 'docker' });
        assert.ok(index.content.kind === 'index');
        assert.deepEqual(index.content.manifests, entries);
        assert.equal(assembleIndex(index.content.manifests, { format: 'docker' }).digest, index.digest);
      }),
    ));
  it('does not depend on the order in which fields and annotations were given', () => {
    const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());
    fc.assert(
      fc.property(plainEntry, annotations, (one, notes) => {
        const other = {
          ...one,
          ...reversed(one),
          platform: reversed(one.platform ?? {}),
          annotations: reversed(notes),
        };
        assert.equal(
          assembleIndex([{ ...one, annotations: notes }], { format: 'oci', annotations: notes }).digest,
          assembleIndex([other as typeof one], { format: 'oci', annotations: reversed(notes) }).digest,
        );
      }),
    );
  });
});

describe('JSON as Go writes it', () => {
  it('is what JSON.stringify writes, but for the escapes', () =>
    fc.assert(
      fc.property(json, fc.constantFrom('  ', '   '), (value, indent) => {
        const escaped = JSON.stringify(value, null, indent).replace(/[<>&\u2028\u2029]/g, (character) => {
          return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
        });
        assert.equal(marshalIndent(value, indent), escaped);
      }),
    ));
});

describe('JSON documents', () => {
  it('read as JSON.parse reads them', () =>
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        assert.deepEqual(parseJsonDocument(encode(text), 'allow'), JSON.parse(text));
      }),
    ));
  it('with a key twice are refused wherever it is and however it is escaped', () => {
    const escapeAll = (key: string) =>
      `"${Array.from({ length: key.length }, (_, at) => `\\u${key.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        json,
        json,
        fc.nat({ max: 20 }),
        (key, first, second, depth) => {
          const [a, b] = [JSON.stringify(first), JSON.stringify(second)];
          for (const again of [JSON.stringify(key), escapeAll(key)]) {
            const inner = `{${JSON.stringify(key)}:${a},${again}:${b}}`;
            const text = `${'[{"k":'.repeat(depth)}${inner}${'}]'.repeat(depth)}`;
            assert.throws(() => parseJsonDocument(encode(text), 'allow'), FormatError);
          }
        },
      ),
    );
  });
  it('with keys that differ only in case are refused', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcXYZ019.'), minLength: 1 }), json, (key, value) => {
        const lower = key.toLowerCase();
        const upper = key.toUpperCase();
        fc.pre(lower !== upper);
        const text = `{"${lower}":${JSON.stringify(value)},"${upper}":1}`;
        assert.throws(() => parseJsonDocument(encode(text)), FormatError);
        assert.doesNotThrow(() => parseJsonDocument(encode(text), 'allow'));
      }),
    ));
  it('out of any bytes are refused or mean what JSON.parse says', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: fc.constantFrom(...'{}[],:"\\a1 ', 'null', '"a"') }).map(encode),
    );
    fc.assert(
      fc.property(bytes, (document) => {
        let read: unknown;
        try {
          read = parseJsonDocument(document, 'allow');
        } catch (error) {
          assert.ok(error instanceof FormatError);
          return;
        }
        assert.deepEqual(read, JSON.parse(new TextDecoder().decode(document)));
      }),
      { numRuns: 2000 },
    );
  });
  it('out of any JSON are refused as a manifest with a FormatError', () => {
    const fields = 'schemaVersion mediaType manifests config layers subject annotations digest size platform';
    const field = fc.constantFrom(...fields.split(' '));
    const shape = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 2, 'x', true),
        fc.array(tie('node'), { maxLength: 2 }),
        fc.dictionary(field, tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(field, shape), (document) => {
        try {
          assert.ok(parseManifest(encode(JSON.stringify(document)), undefined).size > 0);
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
