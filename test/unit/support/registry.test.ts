import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { pushBlob, pushImage } from '../../support/registry/push-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryOptions } from '../../support/registry/registry-options.ts';
import {
  type OwnRequest,
  type OwnResponse,
  readManifest,
  requestRegistry,
} from '../../support/registry/registry-request.ts';
import { blobOf, digestText } from '../../support/registry/registry-store.ts';
import { skipWithout } from '../../support/wire/programs.ts';

const run = promisify(execFile);

function withRegistry(
  name: string,
  options: RegistryOptions,
  body: (registry: TestRegistry) => Promise<void>,
): void {
  test(name, async () => {
    const registry = await startRegistry(options);
    try {
      await body(registry);
    } finally {
      await registry.close();
    }
  });
}

function codeOf(response: OwnResponse): string {
  return JSON.parse(response.body.toString()).errors[0].code;
}

function putManifest(reference: string, bytes: Uint8Array | string, contentType?: string): OwnRequest {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  return { method: 'PUT', path: `/v2/app/manifests/${reference}`, headers, body: Buffer.from(bytes) };
}

withRegistry('what was pushed is served byte for byte, by tag and by digest', {}, async (registry) => {
  const image = makeImage('linux/arm/v7', { types: 'docker', layers: 2 });
  await pushImage(registry, 'team/app', 'v1', image);
  for (const reference of ['v1', image.digest]) {
    const served = await readManifest(registry, 'team/app', reference);
    assert.deepEqual(served?.bytes, image.bytes);
    assert.equal(served?.mediaType, manifestTypes.dockerManifest);
    assert.equal(served?.digest, image.digest);
  }
  assert.deepEqual(registry.tags('team/app'), { v1: image.digest });
  assert.deepEqual(registry.wire, [], "the test's own requests are not recorded");
});

withRegistry('manifests that a strict registry refuses', {}, async (registry) => {
  const image = makeImage();
  const index = makeIndex([image]);
  const oci = manifestTypes.ociManifest;
  const type = manifestTypes.ociIndex;
  const refused: readonly (readonly [string, OwnRequest, number, string])[] = [
    ['an image without its blobs', putManifest('1', image.bytes, oci), 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['an index without its children', putManifest('1', index.bytes, type), 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['another digest', putManifest(image.digest, index.bytes, type), 400, 'DIGEST_INVALID'],
    ['no Content-Type', putManifest('1', index.bytes), 400, 'MANIFEST_INVALID'],
    ['a generic Content-Type', putManifest('1', index.bytes, 'application/json'), 400, 'MANIFEST_INVALID'],
    ['the wrong Content-Type', putManifest('1', index.bytes, oci), 400, 'MANIFEST_INVALID'],
    ['no JSON', putManifest('1', 'hello', type), 400, 'MANIFEST_INVALID'],
    ['more than 4 MiB', putManifest('1', ' '.repeat(4 * 1024 * 1024 + 1), type), 413, 'SIZE_INVALID'],
    ['a bad tag', putManifest('a~b', index.bytes, type), 400, 'TAG_INVALID'],
    ['a bad digest', putManifest('sha256:00', index.bytes, type), 400, 'DIGEST_INVALID'],
    [
      'a bad name',
      { ...putManifest('1', index.bytes, type), path: '/v2/App/manifests/1' },
      400,
      'NAME_INVALID',
    ],
  ];
  for (const [name, request, status, code] of refused) {
    const response = await requestRegistry(registry, request);
    assert.equal(response.status, status, name);
    assert.equal(codeOf(response), code, name);
  }
  assert.deepEqual(registry.tags('app'), {});
});

withRegistry('an index whose child has another size is refused', {}, async (registry) => {
  const image = makeImage();
  await pushImage(registry, 'app', undefined, image);
  const index = makeIndex([{ content: image, fields: { size: image.size + 1 } }]);
  const response = await requestRegistry(registry, putManifest('1', index.bytes, index.mediaType));
  assert.equal(codeOf(response), 'SIZE_INVALID');
});

withRegistry('a manifest is served only to those who accept its type', {}, async (registry) => {
  await pushImage(registry, 'app', '1', makeImage());
  const path = '/v2/app/manifests/1';
  const statusFor = async (accept?: string) =>
    (await requestRegistry(registry, { method: 'GET', path, headers: accept ? { accept } : {} })).status;
  assert.equal(await statusFor(manifestTypes.dockerManifest), 404);
  assert.equal(await statusFor(), 404);
  assert.equal(await statusFor(`${manifestTypes.ociIndex}, ${manifestTypes.ociManifest}`), 200);
  assert.equal(await statusFor('*/*'), 200);
});

withRegistry('blobs are read whole, in ranges and by HEAD', {}, async (registry) => {
  const digest = registry.addBlob('app', Buffer.from('0123456789'));
  const path = `/v2/app/blobs/${digest}`;
  const read = (range?: string, method = 'GET') =>
    requestRegistry(registry, { method, path, headers: range ? { range } : {} });
  assert.equal((await read()).body.toString(), '0123456789');
  const part = await read('bytes=3-5');
  assert.equal(part.status, 206);
  assert.equal(part.body.toString(), '345');
  assert.equal(part.headers['content-range'], 'bytes 3-5/10');
  assert.equal((await read('bytes=8-')).body.toString(), '89');
  assert.equal((await read('bytes=10-')).status, 416);
  assert.equal((await read(undefined, 'HEAD')).headers['content-length'], '10');
});

withRegistry('uploads in chunks need the latest Location and the right range', {}, async (registry) => {
  const open = await requestRegistry(registry, { method: 'POST', path: '/v2/app/blobs/uploads/' });
  const first = open.headers.location ?? '';
  const patch = (path: string, range: string, body: string) =>
    requestRegistry(registry, {
      method: 'PATCH',
      path,
      headers: { 'content-range': range },
      body: Buffer.from(body),
    });
  const one = await patch(first, '0-4', 'hello');
  assert.equal(one.status, 202);
  const second = one.headers.location ?? '';
  assert.equal((await patch(first, '5-5', '!')).status, 400, 'an old state');
  assert.equal((await patch(second, '7-7', '!')).status, 416, 'a gap');
  const two = await patch(second, '5-5', '!');
  const digest = digestText(Buffer.from('hello!'));
  const done = await requestRegistry(registry, {
    method: 'PUT',
    path: `${two.headers.location}&digest=${digest}`,
  });
  assert.equal(done.status, 201);
  assert.ok(registry.hasBlob('app', digest));
  assert.equal(registry.openUploads, 0);
});

withRegistry(
  'mounts answer 201 when the source has the blob and open an upload otherwise',
  {},
  async (registry) => {
    const digest = registry.addBlob('base', Buffer.from('layer'));
    const mount = (from: string) =>
      requestRegistry(registry, {
        method: 'POST',
        path: `/v2/app/blobs/uploads/?mount=${digest}&from=${from}`,
      });
    assert.equal((await mount('nobody')).status, 202);
    assert.equal((await mount('base')).status, 201);
    assert.ok(registry.hasBlob('app', digest));
  },
);

withRegistry(
  'discarded blobs are remembered by digest and size',
  { discardBlobs: true },
  async (registry) => {
    const bytes = Buffer.alloc(3 * 1024 * 1024, 'x');
    const digest = digestText(bytes);
    await pushBlob(registry, 'app', { ...blobOf(bytes), digest });
    const path = `/v2/app/blobs/${digest}`;
    const head = await requestRegistry(registry, { method: 'HEAD', path });
    assert.equal(head.headers['content-length'], String(bytes.length));
    assert.equal((await requestRegistry(registry, { method: 'GET', path })).status, 500);
  },
);

withRegistry('referrers are listed, filtered and paged', { pageSize: 1 }, async (registry) => {
  const image = makeImage();
  await pushImage(registry, 'app', '1', image);
  const signature = makeArtifact({ artifactType: 'application/x.signature', subject: image });
  const report = makeArtifact({ artifactType: 'application/x.report', subject: image });
  for (const artifact of [signature, report]) await pushImage(registry, 'app', undefined, artifact);
  const list = async (path: string) => requestRegistry(registry, { method: 'GET', path });
  const first = await list(`/v2/app/referrers/${image.digest}`);
  assert.equal(JSON.parse(first.body.toString()).manifests[0].digest, signature.digest);
  const next = /<(.+)>/.exec(String(first.headers['link']))?.[1] ?? '';
  assert.equal(JSON.parse((await list(next)).body.toString()).manifests[0].digest, report.digest);
  const filtered = await list(`/v2/app/referrers/${image.digest}?artifactType=application/x.report`);
  assert.deepEqual(
    JSON.parse(filtered.body.toString()).manifests.map((entry: { digest: string }) => entry.digest),
    [report.digest],
  );
});

withRegistry(
  'without the referrers API there is no OCI-Subject either',
  { referrers: false },
  async (registry) => {
    const image = makeImage();
    await pushImage(registry, 'app', '1', image);
    const signature = makeArtifact({ artifactType: 'application/x.signature', subject: image });
    await pushImage(registry, 'app', undefined, signature);
    const put = await requestRegistry(
      registry,
      putManifest(signature.digest, signature.bytes, signature.mediaType),
    );
    assert.equal(put.headers['oci-subject'], undefined);
    const referrers = { method: 'GET', path: `/v2/app/referrers/${image.digest}` };
    assert.equal((await requestRegistry(registry, referrers)).status, 404);
  },
);

for (const tagDelete of [202, 400, 405] as const)
  withRegistry(`tag DELETE may answer ${tagDelete}`, { tagDelete }, async (registry) => {
    const image = makeImage();
    await pushImage(registry, 'app', 'old', image);
    await pushImage(registry, 'app', 'new', image);
    const response = await requestRegistry(registry, { method: 'DELETE', path: '/v2/app/manifests/old' });
    assert.equal(response.status, tagDelete);
    assert.deepEqual(Object.keys(registry.tags('app')), tagDelete === 202 ? ['new'] : ['new', 'old']);
  });

withRegistry('DELETE by digest takes every tag on it', {}, async (registry) => {
  const image = makeImage();
  for (const tag of ['a', 'b']) await pushImage(registry, 'app', tag, image);
  await requestRegistry(registry, { method: 'DELETE', path: `/v2/app/manifests/${image.digest}` });
  assert.deepEqual(registry.tags('app'), {});
});

withRegistry(
  'tags in the query of a PUT by digest are set when switched on',
  { digestTags: true },
  async (registry) => {
    const image = makeImage();
    await pushImage(registry, 'app', undefined, image);
    const request = putManifest(`${image.digest}?tag=a&tag=b`, image.bytes, image.mediaType);
    const response = await requestRegistry(registry, request);
    assert.equal(response.headers['oci-tag'], 'a, b');
    assert.deepEqual(Object.keys(registry.tags('app')), ['a', 'b']);
  },
);

withRegistry('tags in the query of a PUT by digest are ignored by default', {}, async (registry) => {
  const image = makeImage();
  await pushImage(registry, 'app', undefined, image);
  const request = putManifest(`${image.digest}?tag=a`, image.bytes, image.mediaType);
  assert.equal((await requestRegistry(registry, request)).status, 201);
  assert.deepEqual(registry.tags('app'), {});
});

withRegistry('immutable tags are written once', { immutableTags: /^v/ }, async (registry) => {
  await pushImage(registry, 'app', 'v1', makeImage());
  await assert.rejects(pushImage(registry, 'app', 'v1', makeImage()), /cannot be overwritten/);
  await pushImage(registry, 'app', 'latest', makeImage());
});

withRegistry('the digest header can be missing by method', { noDigestHeader: ['HEAD'] }, async (registry) => {
  await pushImage(registry, 'app', '1', makeImage());
  const path = '/v2/app/manifests/1';
  const headers = { accept: manifestTypes.ociManifest };
  const head = await requestRegistry(registry, { method: 'HEAD', path, headers });
  const get = await requestRegistry(registry, { method: 'GET', path, headers });
  assert.equal(head.headers['docker-content-digest'], undefined);
  assert.notEqual(get.headers['docker-content-digest'], undefined);
});

withRegistry('requests at the same time are counted', { latency: 50 }, async (registry) => {
  const one = { method: 'GET', path: '/v2/', onRecord: true };
  await Promise.all([1, 2, 3].map(() => requestRegistry(registry, one)));
  assert.equal(registry.maxConcurrent, 3);
  assert.equal(registry.connections, 3);
});

const clients = { skip: skipWithout('skopeo', 'docker') };

test('skopeo and docker read and copy what it serves', clients, async () => {
  await using registry = await startRegistry();
  const images = [makeImage('linux/amd64'), makeImage('windows/amd64', { types: 'oci', layers: 2 })];
  const index = makeIndex(images, { attestations: true });
  await pushImage(registry, 'app', '1', index);
  const from = `docker://${registry.host}/app:1`;
  const raw = await run('skopeo', ['inspect', '--raw', '--tls-verify=false', from]);
  assert.equal(raw.stdout, index.bytes.toString());
  const to = `docker://${registry.host}/copied/app:1`;
  await run('skopeo', ['copy', '--all', '--src-tls-verify=false', '--dest-tls-verify=false', from, to]);
  assert.equal(registry.tags('copied/app')['1'], index.digest);
  const { stdout } = await run('docker', ['manifest', 'inspect', '--insecure', `${registry.host}/app:1`]);
  assert.equal(JSON.parse(stdout).manifests.length, 4);
});
