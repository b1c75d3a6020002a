import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManifestBudget } from '../../../../src/registry/manifest-budget.ts';
import { openLayoutArchive } from '../../../../src/sources/layout/layout-archive.ts';
import { makeImage } from '../../../support/images/images.ts';
import { bigBlob } from '../../../support/images/layers.ts';
import { blobFile, layoutOf, packTar, tarItems } from '../../../support/rigs/layout-writer.ts';

const mebibyte = 1024 * 1024;
const directory = await mkdtemp(join(tmpdir(), 'archive-'));
after(() => rm(directory, { recursive: true }));

/** Too large to be kept when the archive is first read: each is another pass over it. */
const layers = Array.from({ length: 6 }, (_, at) => bigBlob(mebibyte + at + 1, at));
const layout = await layoutOf([makeImage('linux/amd64', { bigLayers: layers })]);

async function archiveWith(filler: number): Promise<{ line: number; path: string; name: string }> {
  const items = [{ name: 'filler', content: Buffer.alloc(filler) }, ...tarItems(layout)];
  const path = join(directory, `${filler}.tar.gz`);
  await writeFile(path, gzipSync(await packTar(items), { level: 1 }));
  return { line: 1, path, name: 'app.tar.gz' };
}

/** The bytes of every layer, each read for itself. */
async function readLayers(path: Parameters<typeof openLayoutArchive>[0]): Promise<number> {
  // One pass over the archive with the filler is well within this.
  const files = await openLayoutArchive(path, new ManifestBudget(), { free: 30 * mebibyte, ratio: 2 });
  let size = 0;
  for (const { digest } of layers)
    for await (const chunk of files.open(blobFile(digest), 0)) size += chunk.length;
  return size;
}

// Decided for one budget: to read an archive in one pass, its layers would have to be written to disk.
test('all passes over a compressed archive have one budget', async () => {
  await assert.rejects(readLayers(await archiveWith(16 * mebibyte)), {
    name: 'SourceError',
    message: /app\.tar\.gz.*inflates/,
  });
});

test('an archive of compressed layers stays within it', async () => {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  assert.equal(await readLayers(await archiveWith(0)), total);
});
