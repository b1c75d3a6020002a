/** Reading the `sources` input in tests. */
import assert from 'node:assert/strict';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import type { SourceLine } from '../../../src/sources/source.ts';

export const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(parsePlatform);

/** The lines of an input that has nothing wrong with it. */
export function parse(text: string, over = platforms): readonly SourceLine[] {
  const { lines, problems } = parseSources(text, over);
  assert.deepEqual(problems, []);
  return lines;
}

/** The problems of an input, each after its line. */
export function refusals(text: string, over = platforms): readonly string[] {
  return parseSources(text, over).problems.map(({ input, line, message }) => {
    assert.equal(input, 'sources');
    return line === undefined ? message : `${line}: ${message}`;
  });
}
