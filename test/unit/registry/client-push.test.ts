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

type PutCase = readonly [
  name: string,
  troubles: readonly Trouble[],
  /** The receipt's proof or an error's code; then the methods asked. */
  out: readonly [string, string],
];

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
  ['201 with our digest', [], ['digest', 'PUT']],
  ['201 without a digest', [stores(201)], ['status', 'PUT']],
  [
    'Quay’s 201',
    [stores(201, { headers: { ...page.headers, ...said(other.digest).headers } })],
    ['digest', 'PUT'],
  ],
  ['201 with another digest, stored all the same', [stores(201, said(image.digest))], ['digest', 'PUT GET']],
  ['201 with another digest, not stored', [on('PUT', 201, said(image.digest))], ['NOT_STORED', 'PUT GET']],
  ['200, stored', [stores(200)], ['digest', 'PUT GET']],
  ['200, not stored', [on('PUT', 200)], ['NOT_STORED', 'PUT GET']],
  ['202, stored', [stores(202)], ['digest', 'PUT GET']],
  ['202, not stored', [on('PUT', 202)], ['NOT_STORED', 'PUT GET']],
  ['a web page, stored', [stores(200, page)], ['digest', 'PUT GET']],
  ['a web page, not stored', [on('PUT', 200, page)], ['NOT_A_REGISTRY', 'PUT GET']],
  ['web pages everywhere', [on('PUT', 200, page), on('GET', 200, page)], ['NOT_A_REGISTRY', 'PUT GET']],
  ['a redirect', [on('PUT', 302, { headers: { location: '/x' } })], ['REDIRECT', 'PUT']],
  ['400', [on('PUT', 400)], ['REFUSED', 'PUT']],
  ['403', [on('PUT', 403)], ['DENIED', 'PUT']],
  ['413', [on('PUT', 413)], ['TOO_LARGE', 'PUT']],
  ['a reset before it was stored', [breaks('PUT', 'before')], ['digest', 'PUT HEAD PUT']],
  ['a reset after it was stored', [breaks('PUT', 'after')], ['digest', 'PUT HEAD']],
  ['500 although stored', [stores(500, {}, 1)], ['digest', 'PUT HEAD']],
  [
    'a reset after it was stored, where HEAD is refused',
    [breaks('PUT', 'after'), on('HEAD', 405)],
    ['digest', 'PUT HEAD PUT'],
  ],
  [
    'a reset of the look as well',
    [breaks('PUT', 'after'), breaks('HEAD', 'before')],
    ['digest', 'PUT HEAD PUT'],
  ],
  ['a rate limit', [on('PUT', 429, {}, 1)], ['digest', 'PUT HEAD PUT']],
  [
    'a registry in trouble',
    [on('PUT', 503), on('HEAD', 503)],
    ['UNAVAILABLE', 'PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT'],
  ],
  [
    'a registry that is gone',
    [breaks('PUT', 'before', 99), breaks('HEAD', 'before', 99)],
    ['CONNECTION', 'PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT HEAD PUT'],
  ],
];

for (const [name, troubles, out] of put) {
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
