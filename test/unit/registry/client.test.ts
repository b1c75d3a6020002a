import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../../../src/http/message.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { dockerManifest, manifestAccept, ociManifest } from '../../../src/oci/media-types.ts';
import { makeIndex } from '../../support/images.ts';
import { outcomeOf, Told } from '../http/wire-rig.ts';
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
} from './client-rig.ts';
import { clientOf, repositoryOf, type Trouble } from './memory-registry.ts';

interface ReadCase {
  readonly name: string;
  readonly in: readonly Trouble[];
  /** The digest, undefined, or an error's code; then the methods asked. */
  readonly out: readonly [string | undefined, string];
}

const head: readonly ReadCase[] = [
  { name: 'answers', in: [], out: [image.digest, 'HEAD'] },
  { name: '404', in: [on('HEAD', 404)], out: [undefined, 'HEAD'] },
  ...[400, 403, 405, 412, 501].map((status) => ({
    name: `${status} is not an answer`,
    in: [on('HEAD', status)],
    out: [image.digest, 'HEAD GET'] as const,
  })),
  { name: '403, and GET too', in: [on('HEAD', 403), on('GET', 403)], out: ['DENIED', 'HEAD GET'] },
  { name: '405, and GET finds nothing', in: [on('HEAD', 405), on('GET', 404)], out: [undefined, 'HEAD GET'] },
  {
    name: 'no digest header',
    in: [headers('HEAD', { 'docker-content-digest': undefined })],
    out: [image.digest, 'HEAD GET'],
  },
  ...['latest', 'sha256:abc', '', `sha256:${'A'.repeat(64)}`, `${image.digest} `].map((digest) => ({
    name: `a digest header that is ${JSON.stringify(digest)}`,
    in: [headers('HEAD', { 'docker-content-digest': digest })],
    out: [image.digest, 'HEAD GET'] as const,
  })),
  {
    name: 'a web page with a digest',
    in: [headers('HEAD', { 'content-type': 'text/html' })],
    out: [image.digest, 'HEAD GET'],
  },
  {
    name: 'a web page on both',
    in: [on('HEAD', 200, page), on('GET', 200, page)],
    out: ['NOT_A_REGISTRY', 'HEAD GET'],
  },
  { name: 'a broken connection', in: [breaks('HEAD', 'before')], out: [image.digest, 'HEAD HEAD'] },
];

for (const { name, in: troubles, out } of head) {
  test(`headManifest: ${name}`, async () => {
    const registry = registryWith(...troubles);
    const found = await outcomeOf(clientOf(registry).headManifest(repository, 'latest'));
    const outcome = found && ('digest' in found ? found.digest : found.code);
    assert.deepEqual([outcome, methodsOf(registry)], out);
  });
}

const get: readonly (ReadCase & { readonly by?: Digest })[] = [
  { name: 'by tag', in: [], out: [image.digest, 'GET'] },
  { name: 'by digest', by: image.digest, in: [], out: [image.digest, 'GET'] },
  { name: '404', in: [on('GET', 404)], out: ['NOT_FOUND', 'GET'] },
  { name: '403', in: [on('GET', 403)], out: ['DENIED', 'GET'] },
  { name: '204', in: [on('GET', 204)], out: ['REFUSED', 'GET'] },
  { name: 'a web page', in: [on('GET', 200, page)], out: ['NOT_A_REGISTRY', 'GET'] },
  { name: 'no JSON', in: [on('GET', 200, { body: 'hello' })], out: ['BAD_MANIFEST', 'GET'] },
  { name: 'no manifest', in: [on('GET', 200, { body: '{}' })], out: ['BAD_MANIFEST', 'GET'] },
  {
    name: 'no digest header',
    in: [headers('GET', { 'docker-content-digest': undefined })],
    out: [image.digest, 'GET'],
  },
  {
    name: 'no digest header, by digest',
    by: image.digest,
    in: [headers('GET', { 'docker-content-digest': undefined })],
    out: [image.digest, 'GET'],
  },
  {
    name: 'a digest header that is none',
    in: [headers('GET', { 'docker-content-digest': 'latest' })],
    out: [image.digest, 'GET'],
  },
  {
    name: 'another digest in the header, for good',
    in: [headers('GET', { 'docker-content-digest': other.digest })],
    out: ['CORRUPTED', 'GET GET GET'],
  },
  {
    name: 'other bytes by digest, for good',
    by: image.digest,
    in: [on('GET', 200, { body: other.bytes, headers: { 'content-type': ociManifest } })],
    out: ['CORRUPTED', 'GET GET GET'],
  },
  {
    name: 'other bytes by digest with their own digest in the header',
    by: image.digest,
    in: [on('GET', 200, { body: other.bytes, headers: { 'docker-content-digest': other.digest } })],
    out: ['CORRUPTED', 'GET GET GET'],
  },
  {
    name: 'other bytes once',
    in: [on('GET', 200, { body: other.bytes, headers: { 'docker-content-digest': image.digest } }, 1)],
    out: [image.digest, 'GET GET'],
  },
  {
    name: 'cut bytes once',
    in: [
      on(
        'GET',
        200,
        { body: image.bytes.subarray(9), headers: { 'docker-content-digest': image.digest } },
        1,
      ),
    ],
    out: [image.digest, 'GET GET'],
  },
  {
    name: 'a type with parameters',
    in: [headers('GET', { 'content-type': `${ociManifest}; charset=utf-8` })],
    out: [image.digest, 'GET'],
  },
  {
    name: 'a generic type',
    in: [headers('GET', { 'content-type': 'application/json' })],
    out: [image.digest, 'GET'],
  },
  { name: 'no type', in: [headers('GET', { 'content-type': undefined })], out: [image.digest, 'GET'] },
  {
    name: 'another type',
    in: [headers('GET', { 'content-type': dockerManifest })],
    out: ['BAD_MANIFEST', 'GET'],
  },
  { name: 'a broken connection', in: [breaks('GET', 'before', 3)], out: [image.digest, 'GET GET GET GET'] },
];

for (const { name, by = 'latest', in: troubles, out } of get) {
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
