/** The registry of the scenarios is strict: what it refuses here, no scenario can get past it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { pushImage } from '../../support/registry/push-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import {
  type OwnRequest,
  type OwnResponse,
  requestRegistry,
} from '../../support/registry/registry-request.ts';

const image = makeImage();
const index = makeIndex([image]);
const oci = manifestTypes.ociManifest;
const type = manifestTypes.ociIndex;

function put(reference: string, bytes: Uint8Array | string, contentType?: string): OwnRequest {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  return { method: 'PUT', path: `/v2/app/manifests/${reference}`, headers, body: Buffer.from(bytes) };
}

function send(registry: TestRegistry, method: string, path: string, headers = {}): Promise<OwnResponse> {
  return requestRegistry(registry, { method, path, headers, onRecord: true });
}

const refused: Readonly<Record<string, readonly [request: OwnRequest, status: number, code: string]>> = {
  'an image without its blobs': [put('1', image.bytes, oci), 400, 'MANIFEST_BLOB_UNKNOWN'],
  'an index without its children': [put('1', index.bytes, type), 400, 'MANIFEST_BLOB_UNKNOWN'],
  'another digest': [put(image.digest, index.bytes, type), 400, 'DIGEST_INVALID'],
  'no Content-Type': [put('1', index.bytes), 400, 'MANIFEST_INVALID'],
  'a generic Content-Type': [put('1', index.bytes, 'application/json'), 400, 'MANIFEST_INVALID'],
  'the wrong Content-Type': [put('1', index.bytes, oci), 400, 'MANIFEST_INVALID'],
  'text that is not JSON': [put('1', 'hello', type), 400, 'MANIFEST_INVALID'],
  'more than 4 MiB': [put('1', ' '.repeat(4 * 1024 * 1024 + 1), type), 413, 'SIZE_INVALID'],
  'an invalid tag': [put('a~b', index.bytes, type), 400, 'TAG_INVALID'],
  'an invalid digest': [put('sha256:00', index.bytes, type), 400, 'DIGEST_INVALID'],
};

for (const [name, [request, status, code]] of Object.entries(refused)) {
  test(`the test registry refuses ${name}`, async () => {
    await using registry = await startRegistry();
    const response = await requestRegistry(registry, request);
    assert.equal(response.status, status);
    assert.equal(JSON.parse(response.body.toString()).errors[0].code, code);
    assert.deepEqual(registry.tags('app'), {});
  });
}

test('the test registry refuses an index that states another size of a child', async () => {
  await using registry = await startRegistry();
  await pushImage(registry, 'app', undefined, image);
  const { bytes, mediaType } = makeIndex([{ content: image, fields: { size: image.size + 1 } }]);
  assert.equal((await requestRegistry(registry, put('1', bytes, mediaType))).status, 400);
});

test('the test registry serves a manifest only to a client that accepts its type', async () => {
  await using registry = await startRegistry();
  await pushImage(registry, 'app', '1', image);
  const statuses = [manifestTypes.dockerManifest, '', `${type}, ${oci}`, '*/*'].map(
    async (accept) =>
      (await send(registry, 'GET', '/v2/app/manifests/1', accept === '' ? {} : { accept })).status,
  );
  assert.deepEqual(await Promise.all(statuses), [404, 404, 200, 200]);
});

test('the test registry takes a chunk only at the latest Location and in the right range', async () => {
  await using registry = await startRegistry();
  const { headers } = await send(registry, 'POST', '/v2/app/blobs/uploads/');
  const patch = (path: string, range: string, body: string) =>
    requestRegistry(registry, {
      method: 'PATCH',
      path,
      headers: { 'content-range': range },
      body: Buffer.from(body),
    });
  const first = headers.location ?? '';
  const { headers: next } = await patch(first, '0-4', 'hello');
  assert.equal((await patch(first, '5-5', '!')).status, 400);
  assert.equal((await patch(next.location ?? '', '7-7', '!')).status, 416);
});

test('the test registry removes every tag with the digest, and a tag alone by its name', async () => {
  await using registry = await startRegistry();
  for (const tag of ['a', 'b', 'c']) await pushImage(registry, 'app', tag, image);
  await send(registry, 'DELETE', '/v2/app/manifests/a');
  assert.deepEqual(Object.keys(registry.tags('app')), ['b', 'c']);
  await send(registry, 'DELETE', `/v2/app/manifests/${image.digest}`);
  assert.deepEqual(registry.tags('app'), {});
});

test('a token of the test registry gives exactly the access that it was asked for, as often as it may', async () => {
  await using registry = await startRegistry({
    auth: { kind: 'bearer', accounts: [defaultAccount], uses: 3 },
  });
  await pushImage(registry, 'app', '1', image);
  const { username, password } = defaultAccount;
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const query = new URLSearchParams({ service: 'test-registry', scope: 'repository:app:pull' });
  const granted = await send(registry, 'GET', `/token?${query}`, { authorization: basic });
  const authorization = `Bearer ${JSON.parse(granted.body.toString()).token}`;
  const status = async (method: string, path: string) =>
    (await send(registry, method, path, { authorization, accept: oci })).status;
  assert.equal(await status('GET', '/v2/other/manifests/1'), 401);
  assert.equal(await status('POST', '/v2/app/blobs/uploads/'), 401);
  assert.equal(await status('GET', '/v2/app/manifests/1'), 200);
  assert.equal(await status('GET', '/v2/app/manifests/1'), 401);
});
