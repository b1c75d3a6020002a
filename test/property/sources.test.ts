/** Sources out of any text and any bytes are read, or refused with a problem or a SourceError. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SourceError } from '../../src/run/errors.ts';
import { parseSources } from '../../src/sources/input/parse-sources.ts';
import type { Resolved } from '../../src/sources/source.ts';
import { makeImage, makeIndex } from '../support/images/images.ts';
import { layoutOf, packTar, tarItems } from '../support/rigs/layout-writer.ts';
import { fakeContext, resolveText } from '../support/rigs/resolve-rig.ts';
import { platforms } from '../support/rigs/source-parsing.ts';
import { temporaryDirectory } from '../support/rigs/temporary-directory.ts';

const pieces = [
  ...'a:1 ghcr.io/acme/app oci: oci-archive: digests: metadata: docker-manifest: linux/amd64 os='.split(' '),
  ...'arch=arm64 annotation.a= {arch} { } [ ] " "" \\ : , @ # = / null 1 é __proto__'.split(' '),
  ...'{"a": "mediaType":"a/b","digest": "containerimage.digest": "image.name":'.split(' '),
  ...['{"result":"success","outputs":', `sha256:${'a'.repeat(64)}`],
  ...[' ', '\n', '\r\n', '\t', '\u0000', '\u2028', '\ud800'],
];

describe('any text at all', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces)).map((list) => list.join('')),
  );

  it('gives lines or problems', () =>
    fc.assert(
      fc.property(texts, (text) => {
        const { lines, problems } = parseSources(text, platforms);
        assert.ok(lines.length + problems.length > 0);
        for (const { input, message } of problems) assert.ok(input === 'sources' && message.length < 1000);
      }),
      { numRuns: 3000 },
    ));

  it('gives the same as the value of an output as alone', () =>
    fc.assert(
      fc.property(texts, (text) => {
        const alone = parseSources(text, platforms);
        const inside = parseSources(JSON.stringify({ a: text }), platforms);
        const locators = ({ lines }: typeof alone) => lines.map(({ locator }) => locator);
        if (alone.problems.length === 0) assert.deepEqual(locators(inside), locators(alone));
        assert.equal(inside.problems.length > 0, alone.problems.length > 0);
      }),
      { numRuns: 1000 },
    ));
});

describe('any damage to an archive', () => {
  const image = makeImage('linux/arm64');

  it('gives the original image or a SourceError', async (test) => {
    const directory = temporaryDirectory(test);
    const tar = await packTar(tarItems(await layoutOf([makeIndex([image])])));
    const position = fc.nat({ max: tar.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (flips, compressed) => {
          const bytes = Buffer.from(compressed ? gzipSync(tar) : tar);
          for (const [at, value] of flips) bytes[at % bytes.length] = value;
          await writeFile(join(directory, 'app.tar'), bytes);
          const read = resolveText('oci-archive:app.tar', fakeContext({ directory })).then(readAll);
          await read.catch((error: unknown) => {
            if (!(error instanceof SourceError)) throw error;
            assert.match(error.message, /^sources line 1: oci-archive:app\.tar: /);
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  async function readAll(resolved: readonly Resolved[]): Promise<void> {
    for (const { manifest, store } of resolved) {
      const digests =
        manifest.content.kind === 'index' ? manifest.content.manifests.map(({ digest }) => digest) : [];
      for (const digest of digests) {
        const { content } = await store.getManifest(digest);
        assert.ok(content.kind === 'image');
        for (const blob of [content.config, ...content.layers]) await Array.fromAsync(store.openBlob(blob));
      }
    }
  }
});
