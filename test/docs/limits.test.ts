/** The numbers of docs/LIMITS.md, and those of other pages about limits, are those of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { page, root } from './markdown.ts';

const words = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const word = (number: number): string => words[number] ?? String(number);
const mebibyte = 1024 * 1024;

/** The number that a constant or a field of a source file has, which may be a product. */
function numberIn(file: string, name: string): number {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const value =
    new RegExp(`\\b${name}(?:: number)?(?: =|:) ((?:[\\d_]+|mebibyte)(?: \\* (?:[\\d_]+|mebibyte))*)`).exec(
      text,
    )?.[1] ?? '';
  const factors = value
    .split(' * ')
    .map((each) => (each === 'mebibyte' ? mebibyte : Number(each.replaceAll('_', ''))));
  const product = factors.reduce((one, other) => one * other);
  assert.ok(product > 0, `${file}: ${name}`);
  return product;
}

const kibibytes = (file: string, name: string) => `${numberIn(file, name) / 1024} KiB`;
const mebibytes = (file: string, name: string) => `${numberIn(file, name) / mebibyte} MiB`;
const seconds = (file: string, name: string) => numberIn(file, name) / 1000;
const minutes = (milliseconds: number) => word(milliseconds / 60_000);
const retries = (name: string) => numberIn('http/retry.ts', name);
const timeout = (name: string) => numberIn('http/transport.ts', name);

const tree = 'sources/tree-limits.ts';
const budget = 'registry/manifest-budget.ts';
const host = 'http/host-limiter.ts';

const claims: Readonly<Record<string, readonly string[]>> = {
  'docs/LIMITS.md': [
    `at most ${numberIn('spec-input/spec-list.ts', 'maxLists')} lists and ${kibibytes('actions/input/spec-text.ts', 'maxSpecLength')}`,
    `at most ${numberIn('sources/input/problem-list.ts', 'maxSources')} sources and ${mebibytes('oci/manifest.ts', 'manifestLimit')}`,
    `at most ${numberIn(tree, 'maxEntries')} entries, and ${mebibytes(tree, 'maxEntryBytes')} of manifests`,
    `flattened, up to ${word(numberIn(tree, 'maxDepth'))} levels deep`,
    `Referrers are copied up to ${word(numberIn('pipeline/copy/referrers.ts', 'maxReferrerDepth'))} levels deep`,
    `at most ${mebibytes(budget, 'maxHeld')} of manifests in memory at once; each value in a manifest counts at least ${numberIn(budget, 'minValue')} bytes`,
    `a manifest of more than ${kibibytes(budget, 'maxWhole')} count only if`,
    `at most ${numberIn(host, 'maxHostConnections')} requests at once to a host, or ${numberIn(host, 'maxHostStreams')} over HTTP/2`,
    `tried up to ${word(retries('maxAttempts'))} times, and the last try starts within ${minutes(retries('deadline'))} minutes`,
    `tried ${word(retries('maxSilentAttempts'))} times, for ${timeout('headers') / 1000} seconds each`,
    `takes at most ${minutes(retries('deadline') + timeout('whole'))} minutes`,
    `asks it to wait longer than ${minutes(numberIn('http/rate-limit.ts', 'maxWait')) === 'one' ? 'a minute' : ''}`,
    `outputs of a job to ${(numberIn('actions/outputs.ts', 'maxOutputsLength') * 2) / 1_000_000} MiB`,
    `at most ${word(numberIn('runner/log.ts', 'maxAnnotations'))} warnings as annotations. The log contains all of them, the summary the first ${numberIn('actions/summary/summary.ts', 'maxWarnings')}`,
  ],
  'docs/GUARANTEES.md': [
    `does not show the list within ${seconds('pipeline/tags/verify.ts', 'stale')} seconds`,
    `takes at most ${Math.ceil(seconds('run/cancellation.ts', 'maxCancellation'))} seconds`,
    `once more ${seconds('publish/read-back.ts', 'min')} to ${seconds('publish/read-back.ts', 'max')} seconds after the last write`,
  ],
  'docs/THREAT-MODEL.md': [
    `a step holds at most ${mebibytes(budget, 'maxHeld')} of manifests`,
    `each file of \`certs.d\` have at most ${mebibytes('run/small-file.ts', 'maxSmallFile')}`,
    `must carry ${kibibytes('http/body.ts', 'minRate')} per second`,
    `manifests over ${mebibytes('oci/manifest.ts', 'manifestLimit')}`,
    `and ${seconds('publish/read-back.ts', 'min')} to ${seconds('publish/read-back.ts', 'max')} seconds after the last write`,
  ],
  'docs/BENCHMARKS.md': [
    `${numberIn(host, 'maxHostStreams')} at once with HTTP/2, ${numberIn(host, 'maxHostConnections')} with HTTP/1.1`,
    `as this action copies to one target (${numberIn('pipeline/copy/blobs.ts', 'target')})`,
  ],
  'docs/ARCHITECTURE.md': [
    `limits concurrent requests to a host (${numberIn(host, 'maxHostConnections')}, or ${numberIn(host, 'maxHostStreams')} over HTTP/2)`,
    `at most ${word(numberIn('publish/rounds.ts', 'maxRepeats'))} times`,
    `at most ${seconds('run/cancellation.ts', 'maxCancellation')} seconds`,
  ],
};

for (const [path, sentences] of Object.entries(claims))
  describe(path, () => {
    const text = page(path).text.replaceAll(/\s+/g, ' ');
    for (const sentence of sentences) test(sentence, () => assert.ok(text.includes(sentence), sentence));
  });
