import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../../../src/http/message.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { dockerManifest, manifestAccept, ociManifest } from '../../../src/oci/media-types.ts';
import { makeIndex } from '../../support/images/images.ts';
import {
  breaks,
  content,
  headers,
  home,
  image,
  methodsOf,
  on,
  other,
  page,
  registryWith,
  repository,
} from '../../support/rigs/client-rig.ts';
import { clientOf, repositoryOf, type Trouble } from '../../support/rigs/memory-registry.ts';
import { outcomeOf, Told } from '../../support/rigs/wire-rig.ts';

type ReadCase = readonly [
  name: string,
  troubles: readonly Trouble[],
  /** The digest, undefined, or an error's code; then the methods asked. */
  out: readonly [string | undefined, string],
  by?: Digest,
];

const head: readonly ReadCase[] = [
  ['answers', [], [image.digest, 'HEAD']],
  ['404', [on('HEAD', 404)], [undefined, 'HEAD']],
  ...[400, 403, 405, 412, 501].map(
    (status) => [`${status} is not an answer`, [on('HEAD', status)], [image.digest, 'HEAD GET']] as const,
  ),
  ['403, and GET too', [on('HEAD', 403), on('GET', 403)], ['DENIED', 'HEAD GET']],
  ['405, and GET finds nothing', [on('HEAD', 405), on('GET', 404)], [undefined, 'HEAD GET']],
  ['no digest header', [headers('HEAD', { 'docker-content-digest': undefined })], [image.digest, 'HEAD GET']],
  ...['latest', 'sha256:abc', '', `sha256:${'A'.repeat(64)}`, `${image.digest} `].map(
    (digest) =>
      [
        `a digest header that is ${JSON.stringify(digest)}`,
        [headers('HEAD', { 'docker-content-digest': digest })],
        [image.digest, 'HEAD GET'],
      ] as const,
  ),
  [
    'a web page with a digest',
    [headers('HEAD', { 'content-type': 'text/html' })],
    [image.digest, 'HEAD GET'],
  ],
  ['a web page on both', [on('HEAD', 200, page), on('GET', 200, page)], ['NOT_A_REGISTRY', 'HEAD GET']],
  ['a broken connection', [breaks('HEAD', 'before')], [image.digest, 'HEAD HEAD']],
];

for (const [name, troubles, out] of head) {
  test(`headManifest: ${name}`, async () => {
    const registry = registryWith(...troubles);
    const found = await outcomeOf(clientOf(registry).headManifest(repository, 'latest'));
    const outcome = found && ('digest' in found ? found.digest : found.code);
    assert.deepEqual([outcome, methodsOf(registry)], out);
  });
}

const get: readonly ReadCase[] = [
  ['by tag', [], [image.digest, 'GET']],
  ['by digest', [], [image.digest, 'GET'], image.digest],
  ['404', [on('GET', 404)], ['NOT_FOUND', 'GET']],
  ['403', [on('GET', 403)], ['DENIED', 'GET']],
  ['204', [on('GET', 204)], ['REFUSED', 'GET']],
  ['a web page', [on('GET', 200, page)], ['NOT_A_REGISTRY', 'GET']],
  ['no JSON', [on('GET', 200, { body: 'hello' })], ['BAD_MANIFEST', 'GET']],
  ['no manifest', [on('GET', 200, { body: '{}' })], ['BAD_MANIFEST', 'GET']],
  ['no digest header', [headers('GET', { 'docker-content-digest': undefined })], [image.digest, 'GET']],
  [
    'no digest header, by digest',
    [headers('GET', { 'docker-content-digest': undefined })],
    [image.digest, 'GET'],
    image.digest,
  ],
  [
    'a digest header that is none',
    [headers('GET', { 'docker-content-digest': 'latest' })],
    [image.digest, 'GET'],
  ],
  [
    'another digest in the header, for good',
    [headers('GET', { 'docker-content-digest': other.digest })],
    ['CORRUPTED', 'GET GET GET'],
  ],
  [
    'other bytes by digest, for good',
    [on('GET', 200, { body: other.bytes, headers: { 'content-type': ociManifest } })],
    ['CORRUPTED', 'GET GET GET'],
    image.digest,
  ],
  [
    'other bytes by digest with their own digest in the header',
    [on('GET', 200, { body: other.bytes, headers: { 'docker-content-digest': other.digest } })],
    ['CORRUPTED', 'GET GET GET'],
    image.digest,
  ],
  [
    'other bytes once',
    [on('GET', 200, { body: other.bytes, headers: { 'docker-content-digest': image.digest } }, 1)],
    [image.digest, 'GET GET'],
  ],
  [
    'cut bytes once',
    [
      on(
        'GET',
        200,
        { body: image.bytes.subarray(9), headers: { 'docker-content-digest': image.digest } },
        1,
      ),
    ],
    [image.digest, 'GET GET'],
  ],
  [
    'a type with parameters',
    [headers('GET', { 'content-type': `${ociManifest}; charset=utf-8` })],
    [image.digest, 'GET'],
  ],
  ['a generic type', [headers('GET', { 'content-type': 'application/json' })], [image.digest, 'GET']],
  ['no type', [headers('GET', { 'content-type': undefined })], [image.digest, 'GET']],
  ['another type', [headers('GET', { 'content-type': dockerManifest })], ['BAD_MANIFEST', 'GET']],
  ['a broken connection', [breaks('GET', 'before', 3)], [image.digest, 'GET GET GET GET']],
];

for (const [name, troubles, out, by = 'latest'] of get) {
  test(`getManifest: ${name}`, async () => {
    const registry = registryWith(...troubles);
    const found = await outcomeOf(clientOf(registry).getManifest(repository, by));
    assert.deepEqual(['digest' in found ? found.digest : found.code, methodsOf(registry)], out);
  });
}

test('getManifest asks for all four types and accepts 4 MiB', async () => {
  const asked: HttpRequest[] = [];
  const registry = registryWith((request) => {
    asked.push(request);
    return undefined;
  });
  await clientOf(registry).getManifest(repository, 'latest');
  assert.deepEqual(
    asked.map(({ headers: sent, maxBodyBytes: limit }) => [sent, limit]),
    [[{ accept: manifestAccept }, 4 * 1024 * 1024]],
  );
});

test('getManifest reads hardly more than a manifest is said to have', async () => {
  const limits: number[] = [];
  const registry = registryWith((request) => {
    limits.push(request.maxBodyBytes);
    return undefined;
  });
  const client = clientOf(registry);
  for (const size of [1, 100_000, 1e12]) await client.getManifest(repository, image.digest, size);
  assert.deepEqual(limits, [65_536, 100_000, 4_194_304]);
});

test('findManifest: what is not there is undefined, any other refusal is thrown', async () => {
  assert.equal(await clientOf(registryWith(on('GET', 404))).findManifest(repository, 'latest'), undefined);
  await assert.rejects(clientOf(registryWith(on('GET', 403))).findManifest(repository, 'latest'), {
    code: 'DENIED',
  });
});

test('a Warning header is shown once for each registry', async () => {
  const log = new Told();
  const warning = '299 - "This registry goes away."';
  const registry = registryWith(headers('GET', { warning }), headers('HEAD', { warning }));
  registry.hold('other.example/app', content, 'latest');
  const client = clientOf(registry, { observer: log });
  await client.getManifest(repository, 'latest');
  await client.headManifest(repository, 'latest');
  await client.getManifest(repositoryOf('other.example/app'), 'latest');
  assert.deepEqual(log.warnings, [`ghcr.io warns: ${warning}`, `other.example warns: ${warning}`]);
});

test('a registry that warns without end is heard fifty times, and each time briefly', async () => {
  const log = new Told();
  let count = 0;
  const registry = registryWith((request, proceed) => {
    count += 1;
    const response = proceed();
    const warning = [`299 - "${count}${'x'.repeat(10_000)}"`];
    return request.method === 'GET'
      ? { ...response, headers: new Map([...response.headers, ['warning', warning]]) }
      : undefined;
  });
  const client = clientOf(registry, { observer: log });
  for (let n = 0; n < 70; n += 1) await client.getManifest(repository, 'latest');
  assert.equal(log.warnings.length, 50);
  for (const text of log.warnings) assert(text.length < 600);
});

test('an index is read as one', async () => {
  const registry = registryWith();
  const index = registry.hold(home, makeIndex([content]), 'list');
  const read = await clientOf(registry).getManifest(repository, 'list');
  assert.equal(read.content.kind, 'index');
  assert.equal(read.digest, index.digest);
});
