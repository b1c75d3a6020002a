/** Manifests of the maximum size, many at once, in bounded memory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, makeImage, type TestContent } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import type { ActionRun } from '../../../support/run/run-action.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { serverTls } from '../../../support/tls/tls.ts';
import { errorOf, warningsOf } from '../../evidence.ts';
import { store } from '../../stock.ts';

const mebibyte = 1024 * 1024;
const size = 4 * mebibyte;
const process = { manner: 'process', limit: 170_000 } as const;

const padded = (image: TestContent): TestContent => {
  const annotations = (text: string) => ({ ...image.document, annotations: { text } });
  return rewritten(image, annotations('x'.repeat(size - JSON.stringify(annotations('')).length)));
};

/** An image with as many layers as fit, or layers with as many keys as a document may have. */
const layered =
  (keys: number, maxLayers = 100_000) =>
  (image: TestContent): TestContent => {
    const layers: object[] = [...(image.document.layers ?? [])];
    let left = size - image.size;
    for (let at = 0; at < maxLayers; at += 1) {
      const digest = `sha256:${createHash('sha256').update(`${image.digest} ${at}`).digest('hex')}`;
      const more = Object.fromEntries(Array.from({ length: keys }, (_, key) => [`${at}-${key}`, 1]));
      const layer = { mediaType: 'a/b', digest, size: 1, ...more };
      left -= JSON.stringify(layer).length + 1;
      if (left < 0) break;
      layers.push(layer);
    }
    return rewritten(image, { ...image.document, layers } as TestContent['document']);
  };

function rewritten(image: TestContent, document: TestContent['document']): TestContent {
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { ...image, bytes, document, digest, size: bytes.length };
}

function assertBelow(run: ActionRun, limit: number): void {
  const peak = Math.round((run.peakRssBytes ?? 0) / mebibyte);
  assert.ok(peak > 0 && peak < limit, `${peak} MiB`);
}

function imagesIn(registry: TestRegistry, count: number, heavy: (image: TestContent) => TestContent): string {
  const sources = Array.from({ length: count }, (_, at) => {
    store(registry, 'app', `image-${at}`, heavy(makeImage({ os: 'linux', architecture: `cpu${at}` })));
    return `${registry.host}/app:image-${at}`;
  });
  return sources.join('\n');
}

const http2 = { tls: serverTls(), http2: true };

for (const [count, form, heavy, limit, registry] of [
  [64, 'one annotation', padded, 200, {}],
  [64, 'one annotation, over HTTP/2', padded, 200, http2],
  [24, 'many layers', layered(0), 200, {}],
  [8, 'many keys', layered(5, 31_000), 400, {}],
] as const)
  scenario(
    `${count} manifests of 4 MiB (${form}) are published within ${limit} MiB`,
    { registry },
    async (t) => {
      const sources = imagesIn(t.registry, count, heavy);
      const run = await t.publish({ tags: t.ref('app:1'), sources }, process);
      assert.equal(run.exitCode, 0, run.stdout);
      assert.equal(run.outputs['platforms']?.split(',').length, count);
      assertBelow(run, limit);
    },
  );

scenario('copies of more than 64 MiB of manifests are refused before anything is written', {}, async (t) => {
  const sources = imagesIn(t.registry, 20, padded);
  const run = await t.publish({ tags: t.ref('other:1'), sources }, process);
  assert.match(
    errorOf(run).join('\n'),
    /linux\/cpu\d+ from \S+app:image-\d+: .+ more than 64 MiB of manifests in memory at once \[MEMORY_BUDGET\]/,
  );
  assert.deepEqual(
    t.registry.wire.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
    [],
  );
  assertBelow(run, 400);
});

/** A list of the maximum size: as many entries as fit, or one entry beside as many annotations as a document may have. */
const longLists = {
  'thousands of entries': (image: TestContent, at: number) => {
    const entry = (number: number) => ({
      ...describe(image),
      digest: `sha256:${createHash('sha256').update(`${at} ${number}`).digest('hex')}`,
      platform: { os: 'linux', architecture: `cpu${number}` },
    });
    return listOf(Array.from({ length: 17_000 }, (_, number) => entry(number)));
  },
  'tiny annotations': (image: TestContent, at: number) => {
    const annotations = Object.fromEntries(Array.from({ length: 240_000 }, (_, key) => [`${at}-${key}`, '']));
    return listOf([{ ...describe(image), platform: { os: 'linux', architecture: 'amd64' } }], annotations);
  },
};

function listOf(manifests: readonly object[], annotations: Readonly<Record<string, string>> = {}) {
  const mediaType = manifestTypes.ociIndex;
  return {
    bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests, annotations })),
    mediaType,
  };
}

for (const [form, listFor] of Object.entries(longLists))
  scenario(
    `20 tags, each with another list of 4 MB (${form}), are published within 400 MiB`,
    {},
    async (t) => {
      const image = makeImage('linux/amd64');
      await t.push('app:image', image);
      const tags = Array.from({ length: 20 }, (_, at) => {
        t.registry.plant('app', `tag-${at}`, listFor(image, at));
        return t.ref(`app:tag-${at}`);
      });
      const run = await t.publish({ tags: tags.join('\n'), sources: t.ref('app:image') }, process);
      assert.equal(run.exitCode, 0, run.stdout);
      const warnings = warningsOf(run).filter((text) =>
        /app:tag-\d+ today .+ more than 1000 entries/.test(text),
      );
      assert.equal(warnings.length > 0, form === 'thousands of entries', run.stdout);
      assertBelow(run, 400);
    },
  );

scenario('lists with tiny annotations are refused by name before they fill the memory', {}, async (t) => {
  const image = makeImage('linux/amd64');
  await t.push('app:image', image);
  const sources = Array.from({ length: 10 }, (_, at) => {
    t.registry.plant('app', `list-${at}`, longLists['tiny annotations'](image, at));
    return t.ref(`app:list-${at}`);
  });
  const run = await t.publish({ tags: t.ref('app:1'), sources: sources.join('\n') }, process);
  assert.match(
    errorOf(run).join('\n'),
    /^sources line \d+: \S+app:list-\d+: .+ 64 MiB of manifests.+\[MEMORY_BUDGET\]/ms,
  );
  assert.equal(t.registry.tags('app')['1'], undefined);
  assertBelow(run, 512);
});

scenario('a copied image of 4 MiB, whose bytes were let go, is read again', {}, async (t) => {
  const sources = imagesIn(t.registry, 1, (image) => padded(image));
  const run = await t.publish({ tags: t.ref('other:1'), sources, 'prefer-index': 'false' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual((await t.served('other:1'))?.bytes, (await t.served('app:image-0'))?.bytes);
});

scenario('a layout is limited by what its index.json lists, before any of it is read', {}, async (t) => {
  const entry = (at: number) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${createHash('sha256').update(`${at}`).digest('hex')}`,
    size,
  });
  const manifests = Array.from({ length: 300 }, (_, at) => entry(at));
  const workspace = {
    'out/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'out/index.json': JSON.stringify({ schemaVersion: 2, manifests }),
  };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:out' }, { workspace });
  assert.match(
    errorOf(run).join('\n'),
    /sources line 1: oci:out has more than 1000 entries, or more than 8.4 MB of manifests \[SOURCE_TOO_LARGE\]/,
  );
});
