import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../../../src/http/message.ts';
import { ociManifest } from '../../../src/oci/media-types.ts';
import {
  breaks,
  headers,
  home,
  image,
  manifests,
  methodsOf,
  on,
  other,
  page,
  registryWith,
  repository,
} from '../../support/rigs/client-rig.ts';
import { clientOf, type Trouble } from '../../support/rigs/memory-registry.ts';
import { type AnswerParts, answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

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
