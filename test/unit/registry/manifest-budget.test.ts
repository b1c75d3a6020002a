import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Manifest, parseManifest } from '../../../src/oci/manifest.ts';
import { ociIndex } from '../../../src/oci/media-types.ts';
import { ManifestBudget, weightOf } from '../../../src/registry/manifest-budget.ts';
import { makeImage } from '../../support/images/images.ts';

const mebibyte = 1024 * 1024;
const exhausted = { code: 'MEMORY_BUDGET' };

function listWith(annotations: Readonly<Record<string, string>>): Manifest {
  const { mediaType, digest, size } = makeImage('linux/amd64');
  const document = {
    schemaVersion: 2,
    mediaType: ociIndex,
    manifests: [{ mediaType, digest, size }],
    annotations,
  };
  return parseManifest(Buffer.from(JSON.stringify(document)), ociIndex);
}

const long = listWith({ 'org.opencontainers.image.version': '1.2.3', text: 'x'.repeat(3 * mebibyte) });
const tiny = listWith(Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`${at}`, ''])));

test('a manifest counts its bytes, or 64 bytes for each of its values', () => {
  assert.equal(weightOf(long), long.size);
  assert.ok(tiny.size < 1.5 * mebibyte);
  assert.ok(weightOf(tiny) > 64 * 100_000);
});

test('what is condensed counts little, unless another reader has it whole', () => {
  const budget = new ManifestBudget();
  const { left } = budget;
  budget.counted(long);
  budget.counted(long);
  assert.equal(budget.left, left - long.size);
  const { content } = budget.condense(long);
  assert.equal(budget.left, left - long.size);
  assert.deepEqual(content.annotations, { 'org.opencontainers.image.version': '1.2.3' });
  budget.condense(long);
  assert.ok(budget.left > left - 1000);
  budget.letGo(budget.counted(long));
  assert.equal(budget.left, left);
});

test('nothing is refused while tags are set, and what was counted before counts afterwards', async () => {
  const budget = new ManifestBudget();
  budget.hold('sources', 62 * mebibyte);
  assert.throws(() => budget.counted(long), exhausted);
  await budget.lifted(async () => budget.counted(long));
  assert.throws(() => budget.counted(long), exhausted);
  assert.equal(budget.left, 2 * mebibyte);
});
