import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../src/oci/digest.ts';
import { assembleIndex } from '../../../src/oci/image-index.ts';
import { isMissingChild, putManifestOnceChildrenAppear } from '../../../src/registry/put-manifest.ts';
import { NetworkError, RegistryError } from '../../../src/run/errors.ts';
import { makeImage } from '../../support/images/images.ts';
import { headers } from '../../support/rigs/client-rig.ts';
import {
  clientOf,
  MemoryRegistry,
  manifestOf,
  repositoryOf,
  type Trouble,
} from '../../support/rigs/memory-registry.ts';
import { breaks, home, refuses } from '../../support/rigs/push-rig.ts';
import { answer } from '../../support/rigs/wire-rig.ts';

const refusal = (...codes: readonly string[]): RegistryError =>
  new RegistryError('REFUSED', 'no', { method: 'PUT', url: 'x', status: 400, codes });
const notFound = (method: string, ...codes: readonly string[]): RegistryError =>
  new RegistryError('NOT_FOUND', 'no', { method, url: 'x', status: 404, codes });

const kinds: readonly { name: string; in: unknown; out: boolean }[] = [
  { name: 'MANIFEST_BLOB_UNKNOWN', in: refusal('MANIFEST_BLOB_UNKNOWN'), out: true },
  { name: 'MANIFEST_UNKNOWN', in: refusal('MANIFEST_UNKNOWN'), out: true },
  { name: 'BLOB_UNKNOWN among others', in: refusal('X', 'BLOB_UNKNOWN'), out: true },
  { name: 'NAME_UNKNOWN', in: refusal('NAME_UNKNOWN'), out: false },
  { name: 'no code', in: refusal(), out: false },
  { name: '404 on a push', in: notFound('PUT'), out: true },
  { name: '404 NAME_UNKNOWN on a push', in: notFound('PUT', 'NAME_UNKNOWN'), out: false },
  { name: '404 on a read', in: notFound('GET'), out: false },
  { name: 'a broken connection', in: new NetworkError('CONNECTION', 'MANIFEST_UNKNOWN'), out: false },
];

for (const { name, in: error, out } of kinds) {
  test(`${name} ${out ? 'speaks' : 'does not speak'} of a missing child`, () => {
    assert.equal(isMissingChild(error), out);
  });
}

const images = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform) => makeImage(platform));
const [first = '', second = '', third = ''] = images.map(({ digest }) => digest);
const index = assembleIndex(
  images.map((image) => {
    const { mediaType, digest, size } = manifestOf(image);
    return { mediaType, digest, size };
  }),
  { format: 'oci' },
);

type Case = readonly [
  name: string,
  /** Which of the three images the repository holds. */
  held: readonly number[],
  out: readonly string[],
  troubles?: readonly Trouble[],
];

const unreadable: Trouble = (request) =>
  request.url.pathname.endsWith(second) ? answer(403, { url: request.url.href }) : undefined;

const table: readonly Case[] = [
  ['those that are missing in the repository', [1], [first, third]],
  ['none when it holds all', [0, 1, 2], []],
  ['none that cannot be checked', [], [third], [breaks('HEAD', first, 'before'), unreadable]],
  [
    'those for which it names another digest',
    [0, 1, 2],
    [first, second],
    [headers('HEAD', { 'docker-content-digest': third })],
  ],
];

for (const [name, held, out, troubles = []] of table) {
  test(`children that never appear: the error names ${name}`, async () => {
    const registry = new MemoryRegistry();
    for (const [at, image] of images.entries()) if (held.includes(at)) registry.hold(home, image);
    for (const trouble of troubles) registry.trouble(trouble);
    registry.trouble(refuses('PUT', 'list', 400, { code: 'MANIFEST_BLOB_UNKNOWN' }));
    const context = { client: clientOf(registry), clock: registry.clock };
    const pushing = putManifestOnceChildrenAppear(
      index,
      { repository: repositoryOf(home), name: 'list' },
      context,
    );
    await assert.rejects(pushing, (error: RegistryError) => {
      assert.equal(error.code, 'CHILDREN_MISSING');
      const named = [first, second, third].filter((digest) => error.message.includes(digest));
      assert.deepEqual(named, out);
      assert.match(
        error.message,
        /refused the push of ghcr\.io\/acme\/app:list \(400, MANIFEST_BLOB_UNKNOWN/,
      );
      assert(isMissingChild(error));
      return true;
    });
  });
}

test('a subject that never appears: the error names it', async () => {
  const registry = new MemoryRegistry();
  const attestation = makeImage('linux/amd64', { subject: makeImage('linux/arm64') });
  registry.trouble(refuses('PUT', attestation.digest, 400, { code: 'MANIFEST_BLOB_UNKNOWN' }));
  const place = { repository: repositoryOf(home), name: attestation.digest };
  const context = { client: clientOf(registry), clock: registry.clock };
  await assert.rejects(putManifestOnceChildrenAppear(manifestOf(attestation), place, context), {
    code: 'CHILDREN_MISSING',
    message: new RegExp(`missing in ghcr\\.io/acme/app: ${second}$`),
  });
});

for (const code of ['MANIFEST_UNKNOWN', 'UNKNOWN']) {
  test(`children that appear in time leave no trace: 404 ${code}`, async () => {
    const registry = new MemoryRegistry();
    registry.trouble(refuses('PUT', 'list', 404, { code, times: 2 }));
    const place = { repository: repositoryOf(home), name: 'list' };
    const receipt = await putManifestOnceChildrenAppear(index, place, {
      client: clientOf(registry),
      clock: registry.clock,
    });
    assert.equal(receipt.digest, index.digest);
    assert.equal(registry.tag(home, 'list'), index.digest as Digest);
  });
}

for (const [held, code] of [
  [images, 'NOT_FOUND'],
  [[], 'CHILDREN_MISSING'],
] as const) {
  test(`a push answered 404 for 30 seconds is ${code} with ${held.length} images there`, async () => {
    const registry = new MemoryRegistry();
    for (const image of held) registry.hold(home, image);
    registry.trouble(refuses('PUT', 'list', 404, { code: 'UNKNOWN' }));
    const target = { repository: repositoryOf(home), name: 'list' };
    const context = { client: clientOf(registry), clock: registry.clock };
    const started = registry.clock.time;
    await assert.rejects(putManifestOnceChildrenAppear(index, target, context), { code });
    assert.equal(registry.clock.time - started, 30_000);
  });
}

test('any other failure than a missing child is thrown at once', async () => {
  const registry = new MemoryRegistry();
  registry.trouble(refuses('PUT', 'list', 403, { code: 'DENIED' }));
  const target = { repository: repositoryOf(home), name: 'list' };
  const context = { client: clientOf(registry), clock: registry.clock };
  await assert.rejects(putManifestOnceChildrenAppear(index, target, context), { code: 'DENIED' });
  assert.deepEqual(registry.clock.slept, []);
});

test('children that never appear fail the push after 30 seconds', async () => {
  const registry = new MemoryRegistry();
  registry.trouble(refuses('PUT', 'list', 400, { code: 'BLOB_UNKNOWN' }));
  const target = { repository: repositoryOf(home), name: 'list' };
  const context = { client: clientOf(registry), clock: registry.clock };
  const started = registry.clock.time;
  await assert.rejects(putManifestOnceChildrenAppear(index, target, context), { code: 'CHILDREN_MISSING' });
  assert.equal(registry.clock.time - started, 30_000);
  const attempts = registry.writes.length;
  assert(attempts > 5 && attempts < 15, `${attempts} attempts`);
});
