import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../../src/oci/digest.ts';
import { parseReference } from '../../../../src/oci/reference.ts';
import { SourceError } from '../../../../src/run/errors.ts';
import { registryFetch } from '../../../../src/sources/resolve/registry-store.ts';
import type { Resolved } from '../../../../src/sources/source.ts';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { clientOf, MemoryRegistry, type Trouble } from '../../../support/rigs/memory-registry.ts';
import { lineOf } from '../../../support/rigs/resolve-rig.ts';
import { answer } from '../../../support/rigs/wire-rig.ts';

const home = 'ghcr.io/acme/app';
const image = makeImage('linux/amd64');
const index = makeIndex([image]);
const [configDigest, ...layerDigests] = [...image.blobs.keys()] as Digest[];

interface Rig {
  readonly registry: MemoryRegistry;
  /** Fetches a reference as the source of a line. */
  fetch(reference: string, line?: number): Promise<Resolved>;
}

function rig(wait: number, ...troubles: readonly Trouble[]): Rig {
  const registry = new MemoryRegistry();
  registry.hold(home, index, 'list');
  registry.hold(home, image, 'latest');
  for (const trouble of troubles) registry.trouble(trouble);
  const { now, sleep } = registry.clock;
  const fetch = registryFetch(clientOf(registry), { wait, clock: { now, sleep } });
  return { registry, fetch: (text, line = 1) => fetch({ ...lineOf(text), line }, parseReference(text)) };
}

/** Hides what ends in `name` from the first reads. */
function hides(name: string, times: number): Trouble {
  let left = times;
  return (request) => {
    if (!request.url.pathname.endsWith(name) || left <= 0) return undefined;
    left -= 1;
    return answer(404, { url: request.url.href });
  };
}

const refuses =
  (status: number, body = ''): Trouble =>
  (request) =>
    answer(status, { body, url: request.url.href });

test('a reference is read by its digest, or else its tag', async () => {
  const cases = [
    [`${home}:list`, '/manifests/list'],
    [`${home}@${image.digest}`, `/manifests/${image.digest}`],
    [`${home}:list@${image.digest}`, `/manifests/${image.digest}`],
    [`${home}:latest`, '/manifests/latest'],
  ] as const;
  for (const [text, path] of cases) {
    const { registry, fetch } = rig(0);
    const { label, manifest, store } = await fetch(text);
    assert.deepEqual(registry.requests, [`GET /v2/acme/app${path}`]);
    assert.equal(label, text);
    assert.equal(store.name, home);
    assert.equal(manifest.digest, path.includes('list') ? index.digest : image.digest);
  }
});

test('one reference is read once, however many lines name it and however it ends', async () => {
  const good = rig(0);
  await Promise.all([1, 2, 3].map((line) => good.fetch(`${home}:list`, line)));
  assert.equal(good.registry.requests.length, 1);
  const bad = rig(0, hides('/list', 99));
  const failures = await Promise.allSettled([1, 2, 3].map((line) => bad.fetch(`${home}:list`, line)));
  // The second one lists the tags, for the hint.
  assert.equal(bad.registry.requests.length, 2);
  const found = failures.map((each) => each.status === 'rejected' && (each.reason as Error).message);
  assert.deepEqual(
    found,
    [1, 2, 3].map((line) => `sources line ${line}: ${home}:list does not exist`),
  );
});

test('a source that is not there yet is looked for until it is', async () => {
  const { registry, fetch } = rig(15_000, hides('/list', 4));
  assert.equal((await fetch(`${home}:list`)).manifest.digest, index.digest);
  assert.deepEqual(registry.clock.slept, [500, 1000, 2000, 4000]);
});

test('a source that never comes is given up when the wait is over, with a last look at its end', async () => {
  const { registry, fetch } = rig(10_000, hides('/list', 99));
  const started = registry.clock.time;
  await assert.rejects(fetch(`${home}:list`, 3), (error) => {
    assert(error instanceof SourceError);
    assert.equal(error.code, 'SOURCE_MISSING');
    assert.equal(error.message, `sources line 3: ${home}:list does not exist (waited 10 s)`);
    assert.match(error.hint ?? '', /job that pushes it/);
    assert.match(error.hint ?? '', /private/);
    return true;
  });
  assert.equal(registry.clock.time - started, 10_000);
});

test('without a wait there is one look', async () => {
  const { registry, fetch } = rig(0, hides('/list', 99));
  await assert.rejects(fetch(`${home}:list`), { code: 'SOURCE_MISSING', message: /does not exist$/ });
  assert.equal(registry.requests.filter((request) => !request.includes('/tags/list')).length, 1);
});

const refusals: readonly (readonly [name: string, given: Trouble, out: string])[] = [
  ['a denial', refuses(403), 'DENIED'],
  ['trouble of the registry', refuses(503), 'UNAVAILABLE'],
  ['no manifest', refuses(200, '{}'), 'SOURCE_NOT_AN_IMAGE'],
  ['a retired manifest', refuses(200, '{"schemaVersion":1,"fsLayers":[]}'), 'SOURCE_NOT_AN_IMAGE'],
];

for (const [name, trouble, out] of refusals)
  test(`${name} is not waited for, and named with the line: ${out}`, async () => {
    const { registry, fetch } = rig(15_000, trouble);
    await assert.rejects(fetch(`${home}:list`, 2), {
      code: out,
      message: /^sources line 2: ghcr\.io\/acme\/app:list\b/,
    });
    assert(registry.requests.length <= 6);
  });

test('children of a source are waited for as the source is, until they show', async () => {
  const { registry, fetch } = rig(15_000, hides(`/${image.digest}`, 3));
  const { store } = await fetch(`${home}:list`);
  assert.equal((await store.getManifest(image.digest as Digest)).digest, image.digest);
  assert.deepEqual(registry.clock.slept, [500, 1000, 2000]);
});

test('children that never show are given up', async () => {
  const { registry, fetch } = rig(5000, hides(`/${image.digest}`, 99));
  const { store } = await fetch(`${home}:list`);
  const started = registry.clock.time;
  await assert.rejects(store.getManifest(image.digest as Digest), { code: 'NOT_FOUND' });
  assert.equal(registry.clock.time - started, 5000);
});

test('blobs are waited for, unless they are to be had elsewhere', async () => {
  const digest = configDigest ?? digestOf(Buffer.alloc(0));
  const { registry, fetch } = rig(15_000, hides(`/${digest}`, 1));
  const { store } = await fetch(`${home}:latest`);
  const document = image.document as unknown as { config: Descriptor };
  assert.equal(digestOf(await store.getBlob(document.config)), digest);
  assert.deepEqual(registry.clock.slept, [500]);
  const foreign = {
    ...document.config,
    digest: digestOf(Buffer.from('x')),
    size: 1,
    urls: ['https://x.example'],
  };
  await assert.rejects(store.getBlob(foreign), { code: 'NOT_FOUND' });
  assert.deepEqual(registry.clock.slept, [500]);
});

test('each iteration opens a stream again, at the requested offset', async () => {
  const digest = layerDigests[0] ?? digestOf(Buffer.alloc(0));
  const ranges: unknown[] = [];
  const { fetch } = rig(0, (request) => {
    if (!request.url.pathname.endsWith(digest)) return undefined;
    ranges.push(request.headers['range']);
    const stream = (async function* () {
      yield Buffer.from('ab');
    })();
    return { ...answer(ranges.length === 1 ? 200 : 206), stream };
  });
  const { store } = await fetch(`${home}:latest`);
  const descriptor: Descriptor = { mediaType: 'a/b', digest, size: 2 };
  const texts: string[] = [];
  for (const offset of [undefined, 5])
    for await (const chunk of store.openBlob(descriptor, offset)) texts.push(Buffer.from(chunk).toString());
  assert.deepEqual(
    [texts, ranges],
    [
      ['ab', 'ab'],
      [undefined, 'bytes=5-'],
    ],
  );
});
