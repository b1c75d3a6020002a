import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { dockerManifest, manifestAccept, ociManifest } from '../../../src/oci/media-types.ts';
import { NetworkError } from '../../../src/registry/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../src/registry/http.ts';
import { makeImage, makeIndex } from '../../support/images.ts';
import { clientOf, MemoryRegistry, manifestOf, repositoryOf, type Trouble } from './memory-registry.ts';
import { type AnswerParts, answer, outcomeOf, Told } from './wire-rig.ts';

const repository = repositoryOf('ghcr.io/acme/app');
const home = 'ghcr.io/acme/app';
const content = makeImage('linux/amd64');
const image = manifestOf(content);
const other = manifestOf(makeImage('linux/arm64'));
const manifests = '/v2/acme/app/manifests';
const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Log in</html>' };
const reset = new NetworkError('CONNECTION', 'reset');

/** A registry that holds the image as `latest`, with troubles. */
function registryWith(...troubles: readonly Trouble[]): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.hold(home, content, 'latest');
  for (const trouble of troubles) registry.trouble(trouble);
  return registry;
}

/** Gives this answer to requests of a method, the first so many times. */
function on(
  method: string,
  status: number,
  parts: AnswerParts = {},
  times = Number.POSITIVE_INFINITY,
): Trouble {
  let left = times;
  return (request) => {
    if (request.method !== method || left <= 0) return undefined;
    left -= 1;
    return answer(status, { ...parts, url: request.url.href });
  };
}

/** Changes headers of what the registry answers; undefined takes one away. */
function headers(method: string, change: Readonly<Record<string, string | undefined>>): Trouble {
  return (request, proceed) => {
    if (request.method !== method) return undefined;
    const response = proceed();
    const changed = new Map(response.headers);
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) changed.delete(name);
      else changed.set(name, [value]);
    }
    return { ...response, headers: changed };
  };
}

/** Fails so many requests of a method; with `after`, once they took effect. */
function breaks(method: string, when: 'before' | 'after', times = 1): Trouble {
  let left = times;
  return (request, proceed) => {
    if (request.method !== method || left <= 0) return undefined;
    left -= 1;
    if (when === 'after') proceed();
    throw reset;
  };
}

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
    name: `${status} is no answer`,
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
    const shown = found && ('digest' in found ? found.digest : found.code);
    assert.deepEqual([shown, methodsOf(registry)], out);
  });
}

function methodsOf({ requests }: MemoryRegistry): string {
  return requests.map((text) => text.split(' ')[0]).join(' ');
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
    asked.map(({ headers: sent, limit }) => [sent, limit]),
    [[{ accept: manifestAccept }, 4 * 1024 * 1024]],
  );
});

test('getManifest reads hardly more than a manifest is said to have', async () => {
  const limits: number[] = [];
  const registry = registryWith((request) => {
    limits.push(request.limit);
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

interface PutCase {
  readonly name: string;
  readonly in: readonly Trouble[];
  /** The receipt's proof or an error's code; then the methods asked. */
  readonly out: readonly [string, string];
}

const said = (digest: string): AnswerParts => ({ headers: { 'docker-content-digest': digest } });
/** Stores, and answers something else. */
const stores = (status: number, parts: AnswerParts = {}, times = Number.POSITIVE_INFINITY): Trouble => {
  let left = times;
  return (request, proceed) => {
    if (request.method !== 'PUT' || left <= 0) return undefined;
    left -= 1;
    proceed();
    return answer(status, { ...parts, url: request.url.href });
  };
};

const put: readonly PutCase[] = [
  { name: '201 with our digest', in: [], out: ['digest', 'PUT'] },
  { name: '201 without a digest', in: [stores(201)], out: ['status', 'PUT'] },
  {
    name: 'Quay’s 201',
    in: [stores(201, { headers: { ...page.headers, ...said(other.digest).headers } })],
    out: ['digest', 'PUT'],
  },
  {
    name: '201 with another digest, stored all the same',
    in: [stores(201, said(image.digest))],
    out: ['digest', 'PUT GET'],
  },
  {
    name: '201 with another digest, not stored',
    in: [on('PUT', 201, said(image.digest))],
    out: ['NOT_STORED', 'PUT GET'],
  },
  { name: '200, stored', in: [stores(200)], out: ['digest', 'PUT GET'] },
  { name: '200, not stored', in: [on('PUT', 200)], out: ['NOT_STORED', 'PUT GET'] },
  { name: '202, stored', in: [stores(202)], out: ['digest', 'PUT GET'] },
  { name: '202, not stored', in: [on('PUT', 202)], out: ['NOT_STORED', 'PUT GET'] },
  { name: 'a web page, stored', in: [stores(200, page)], out: ['digest', 'PUT GET'] },
  { name: 'a web page, not stored', in: [on('PUT', 200, page)], out: ['NOT_A_REGISTRY', 'PUT GET'] },
  {
    name: 'web pages everywhere',
    in: [on('PUT', 200, page), on('GET', 200, page)],
    out: ['NOT_A_REGISTRY', 'PUT GET'],
  },
  { name: 'a redirect', in: [on('PUT', 302, { headers: { location: '/x' } })], out: ['REDIRECT', 'PUT'] },
  { name: '400', in: [on('PUT', 400)], out: ['REFUSED', 'PUT'] },
  { name: '403', in: [on('PUT', 403)], out: ['DENIED', 'PUT'] },
  { name: '413', in: [on('PUT', 413)], out: ['TOO_LARGE', 'PUT'] },
  { name: 'a reset before it was stored', in: [breaks('PUT', 'before')], out: ['digest', 'PUT HEAD PUT'] },
  { name: 'a reset after it was stored', in: [breaks('PUT', 'after')], out: ['digest', 'PUT HEAD'] },
  { name: '500 although stored', in: [stores(500, {}, 1)], out: ['digest', 'PUT HEAD'] },
  {
    name: 'a reset after it was stored, where HEAD is refused',
    in: [breaks('PUT', 'after'), on('HEAD', 405)],
    out: ['digest', 'PUT HEAD PUT'],
  },
  {
    name: 'a reset of the look as well',
    in: [breaks('PUT', 'after'), breaks('HEAD', 'before')],
    out: ['digest', 'PUT HEAD PUT'],
  },
  { name: 'a rate limit', in: [on('PUT', 429, {}, 1)], out: ['digest', 'PUT HEAD PUT'] },
  {
    name: 'a registry in trouble',
    in: [on('PUT', 503), on('HEAD', 503)],
    out: ['UNAVAILABLE', 'PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT'],
  },
  {
    name: 'a registry that is gone',
    in: [breaks('PUT', 'before', 99), breaks('HEAD', 'before', 99)],
    out: ['CONNECTION', 'PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT'],
  },
];

for (const { name, in: troubles, out } of put) {
  test(`putManifest: ${name}`, async () => {
    const registry = registryWith(...troubles);
    const found = await outcomeOf(clientOf(registry).putManifest(repository, 'next', other));
    assert.deepEqual(['proof' in found ? found.proof : found.code, methodsOf(registry)], out);
    if ('proof' in found) assert.equal(registry.tag(home, 'next'), other.digest);
  });
}

test('putManifest sends the bytes as they are, with their own type, and tells of the subject', async () => {
  const asked: HttpRequest[] = [];
  const registry = registryWith(
    (request) => {
      asked.push(request);
      return undefined;
    },
    headers('PUT', { 'oci-subject': image.digest }),
  );
  const receipt = await clientOf(registry).putManifest(repository, 'next', other);
  assert.deepEqual(receipt, {
    repository,
    name: 'next',
    digest: other.digest,
    proof: 'digest',
    subject: image.digest,
  });
  const [sent] = asked;
  assert.equal(sent?.url.pathname, `${manifests}/next`);
  assert.equal(sent?.body, other.bytes);
  assert.deepEqual(sent?.headers, { 'content-type': ociManifest });
});

const blob = Buffer.from('{"os":"linux"}');
const descriptor: Descriptor = { mediaType: 'application/json', digest: digestOf(blob), size: blob.length };

const blobs: readonly {
  name: string;
  in: readonly HttpResponse[];
  size?: number;
  out: readonly [string, number];
}[] = [
  { name: 'its bytes', in: [answer(200, { body: blob })], out: [blob.toString(), 1] },
  {
    name: 'other bytes once',
    in: [answer(200, { body: '{"os":"darwi"}' }), answer(200, { body: blob })],
    out: [blob.toString(), 2],
  },
  { name: 'other bytes for good', in: [answer(200, { body: '{"os":"darwi"}' })], out: ['CORRUPTED', 3] },
  { name: 'fewer bytes', in: [answer(200, { body: blob.subarray(1) })], out: ['CORRUPTED', 3] },
  { name: 'more bytes', in: [answer(200, { body: `${blob} ` })], out: ['CORRUPTED', 3] },
  { name: 'another size than said', in: [answer(200, { body: blob })], size: 3, out: ['CORRUPTED', 3] },
  { name: 'no bytes', in: [answer(200)], out: ['CORRUPTED', 3] },
  { name: 'a web page', in: [answer(200, page)], out: ['NOT_A_REGISTRY', 1] },
  { name: '404', in: [answer(404)], out: ['NOT_FOUND', 1] },
  { name: 'a part', in: [answer(206, { body: blob })], out: ['REFUSED', 1] },
];

for (const { name, in: answers, size = descriptor.size, out } of blobs) {
  test(`getBlob: ${name}`, async () => {
    const registry = registryWith(() => answers[Math.min(registry.requests.length, answers.length) - 1]);
    const found = await outcomeOf(clientOf(registry).getBlob(repository, { ...descriptor, size }));
    const shown = found instanceof Uint8Array ? Buffer.from(found).toString() : found.code;
    assert.deepEqual([shown, registry.requests.length], out);
  });
}

test('getBlob leaves room for a page of a proxy, and for no more than 4 MiB', async () => {
  const limits: number[] = [];
  const registry = registryWith((request) => {
    limits.push(request.limit);
    return answer(404);
  });
  for (const size of [1, 100_000, 1e12]) {
    await assert.rejects(clientOf(registry).getBlob(repository, { ...descriptor, size }));
  }
  assert.deepEqual(limits, [65_536, 100_000, 4_194_304]);
});

const presence: readonly { name: string; in: HttpResponse; out: boolean }[] = [
  { name: '200', in: answer(200), out: true },
  { name: '404', in: answer(404), out: false },
  { name: '403', in: answer(403), out: false },
  { name: '405', in: answer(405), out: false },
  { name: 'a web page', in: answer(200, page), out: false },
];

for (const { name, in: response, out } of presence) {
  test(`hasBlob: ${name} is ${out}`, async () => {
    const client = clientOf(registryWith(() => response));
    assert.equal(await client.hasBlob(repository, descriptor.digest), out);
  });
}

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

const text = 'abcdefghij';
const streams: readonly {
  name: string;
  in: readonly [offset: number, status: number, sent: string];
  out: string;
}[] = [
  { name: 'from the start', in: [0, 200, text], out: text },
  { name: 'from an offset, by a server that knows ranges', in: [4, 206, text.slice(4)], out: 'efghij' },
  { name: 'from an offset, by a server that knows none', in: [4, 200, text], out: 'efghij' },
  { name: 'from an offset at the end of a piece', in: [6, 200, text], out: 'ghij' },
  { name: 'from the very end', in: [10, 200, text], out: '' },
];

for (const { name, in: input, out } of streams) {
  test(`openBlob: ${name}`, async () => {
    const [offset, status, sent] = input;
    const asked: HttpRequest[] = [];
    const registry = registryWith((request) => {
      asked.push(request);
      return { ...answer(status), stream: pieces(sent, 3) };
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of await clientOf(registry).openBlob(repository, descriptor, offset))
      chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), out);
    assert.deepEqual(
      asked.map(({ headers: { range }, answer: kind }) => [range, kind]),
      [[offset === 0 ? undefined : `bytes=${offset}-`, 'stream']],
    );
  });
}

const unopened: readonly { name: string; in: HttpResponse; out: string }[] = [
  { name: '404', in: answer(404), out: 'NOT_FOUND' },
  { name: '416', in: answer(416), out: 'REFUSED' },
  { name: 'a web page', in: { ...answer(200, page), stream: pieces('<html>', 9) }, out: 'NOT_A_REGISTRY' },
];

for (const { name, in: response, out } of unopened) {
  test(`openBlob: ${name} is ${out}`, async () => {
    const opening = clientOf(registryWith(() => response)).openBlob(repository, descriptor, 5);
    await assert.rejects(opening, { code: out });
  });
}

test('a Warning header is shown once for each registry', async () => {
  const told = new Told();
  const warning = '299 - "This registry goes away."';
  const registry = registryWith(headers('GET', { warning }), headers('HEAD', { warning }));
  registry.hold('other.example/app', content, 'latest');
  const client = clientOf(registry, { observer: told });
  await client.getManifest(repository, 'latest');
  await client.headManifest(repository, 'latest');
  await client.getManifest(repositoryOf('other.example/app'), 'latest');
  assert.deepEqual(told.warnings, [`ghcr.io warns: ${warning}`, `other.example warns: ${warning}`]);
});

test('a registry that warns without end is heard fifty times, and each time briefly', async () => {
  const told = new Told();
  let count = 0;
  const registry = registryWith((request, proceed) => {
    count += 1;
    const response = proceed();
    const warning = [`299 - "${count}${'x'.repeat(10_000)}"`];
    return request.method === 'GET'
      ? { ...response, headers: new Map([...response.headers, ['warning', warning]]) }
      : undefined;
  });
  const client = clientOf(registry, { observer: told });
  for (let n = 0; n < 70; n += 1) await client.getManifest(repository, 'latest');
  assert.equal(told.warnings.length, 50);
  for (const text of told.warnings) assert(text.length < 600);
});

test('an index is read as one', async () => {
  const registry = registryWith();
  const index = registry.hold(home, makeIndex([content]), 'list');
  const read = await clientOf(registry).getManifest(repository, 'list');
  assert.equal(read.content.kind, 'index');
  assert.equal(read.digest, index.digest);
});
