import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAnnotation } from '../../src/oci/annotations.ts';
import { isDigest, parseDigest } from '../../src/oci/digest.ts';
import { FormatError, quote } from '../../src/oci/format-error.ts';
import { parseJsonDocument } from '../../src/oci/json-document.ts';
import { essence } from '../../src/oci/media-types.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { isLoopbackRegistry, parseReference } from '../../src/oci/reference.ts';

const units = [
  '/',
  ':',
  '@',
  '.',
  '-',
  '_',
  '=',
  ',',
  '[',
  ']',
  '"',
  '\\',
  '{',
  ' ',
  '\t',
  '\n',
  '\0',
  'a',
  'A',
  '0',
  'é',
  '\u{1f600}',
  '\ud800',
  'a.',
  'a-',
  'a_',
  'a__',
  'a/',
  'a:',
  '/a',
  '://',
  'a@',
  '[:',
  ':]',
  '0.',
  '127.',
  'sha256:',
  '{"',
  '"a":',
  '",',
  '[]',
  '{}',
  '\\"',
  'index,',
  'a=',
];
const around = [
  { before: 'a', after: '!' },
  { before: 'ghcr.io/', after: '\u0000' },
  { before: 'ghcr.io/a:', after: '' },
  { before: 'ghcr.io/a@sha256:', after: '' },
  { before: '[', after: ']:5000/a' },
  { before: 'linux/', after: '/v7' },
  { before: 'manifest-descriptor[', after: ']:k=v' },
  { before: 'index:', after: '=v' },
  { before: 'text/', after: '; a=b' },
  { before: '{"a":"', after: '"}' },
];

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseReference,
  isLoopbackRegistry,
  parseDigest,
  isDigest,
  parsePlatform,
  parseAnnotation,
  essence,
  quote,
  parseJsonDocument: (text) => parseJsonDocument(new TextEncoder().encode(text)),
};

/** Nothing here is timed: a parser that takes more than linear time never ends on a million characters. */
describe('a million hostile characters are read or refused', () => {
  for (const [name, parse] of Object.entries(parsers))
    it(`by ${name}`, () => {
      for (const unit of units) {
        attempt(parse, unit.repeat(1_000_000 / unit.length));
        const middle = unit.repeat(100_000 / unit.length);
        for (const { before, after } of around) attempt(parse, before + middle + after);
      }
    });
});

function attempt(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    assert.ok(error.message.length < 1200);
  }
}
