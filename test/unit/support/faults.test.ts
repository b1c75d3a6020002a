import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { test } from 'node:test';
import { faultClasses } from '../../support/faults/fault-classes.ts';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { makeImage, type TestContent } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { pushImage } from '../../support/registry/push-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import { type OwnResponse, requestRegistry } from '../../support/registry/registry-request.ts';
import { digestText } from '../../support/registry/registry-store.ts';
import { serverTls } from '../../support/tls/tls.ts';

const path = '/v2/app/manifests/1';
const headers = { accept: manifestTypes.ociManifest };

interface Scene {
  readonly registry: TestRegistry;
  readonly image: TestContent;
}

function withFault(name: string, spec: FaultSpec | undefined, body: (scene: Scene) => Promise<void>): void {
  test(name, async () => {
    const registry = await startRegistry();
    const image = makeImage();
    try {
      await pushImage(registry, 'app', '1', image);
      if (spec !== undefined) registry.inject(spec);
      await body({ registry, image });
    } finally {
      await registry.close();
    }
  });
}

function read({ registry }: Scene, method = 'GET'): Promise<OwnResponse> {
  return requestRegistry(registry, { method, path, headers, onRecord: true });
}

function put({ registry, image }: Scene, tag: string): Promise<OwnResponse> {
  const type = { 'content-type': image.mediaType };
  const target = `/v2/app/manifests/${tag}`;
  return requestRegistry(registry, {
    method: 'PUT',
    path: target,
    headers: type,
    body: image.bytes,
    onRecord: true,
  });
}

withFault('reset: once, and then the answer comes', { fault: 'reset' }, async (scene) => {
  await assert.rejects(read(scene), { code: 'ECONNRESET' });
  assert.equal((await read(scene)).status, 200);
  assert.deepEqual(
    scene.registry.wire.map(({ outcome, fault }) => [outcome, fault]),
    [
      ['reset', 'reset'],
      [200, undefined],
    ],
  );
});

withFault('fin: closed without an answer', { fault: 'fin' }, async (scene) => {
  await assert.rejects(put(scene, '2'), /socket hang up/);
  assert.equal(scene.registry.manifest('app', '2'), undefined);
});

withFault('reset after it took effect', { fault: 'reset-after-store' }, async (scene) => {
  await assert.rejects(put(scene, '2'), { code: 'ECONNRESET' });
  assert.equal(scene.registry.manifest('app', '2')?.digest, scene.image.digest);
});

withFault('truncated body', { fault: 'truncated-body' }, async (scene) => {
  await assert.rejects(read(scene), /aborted/);
});

withFault('slow body: late, but whole', { fault: 'slow-body', milliseconds: 1 }, async (scene) => {
  assert.deepEqual((await read(scene)).body, scene.image.bytes);
});

withFault('other bytes under the right digest', { fault: 'other-bytes' }, async (scene) => {
  const { headers, body } = await read(scene);
  assert.equal(headers['docker-content-digest'], scene.image.digest);
  assert.notEqual(digestText(body), scene.image.digest);
  JSON.parse(body.toString());
});

for (const spec of [{ fault: 'endless-body' }, { fault: 'endless-error-body' }] as const)
  withFault(`${spec.fault}: more than anybody asked for`, spec, async ({ registry }) => {
    const answer = await fetch(registry.url + path, { headers });
    assert.equal(answer.status, spec.fault === 'endless-body' ? 200 : 500);
    let size = 0;
    for await (const chunk of answer.body ?? []) {
      size += chunk.length;
      if (size > 20_000_000) break;
    }
    assert.ok(size > 20_000_000);
  });

for (const spec of [
  { fault: 'never-answer' },
  { fault: 'never-answer-after-store' },
  { fault: 'stalled-body' },
] as const)
  withFault(`${spec.fault}: nothing comes until the registry goes`, spec, async (scene) => {
    const asked = assert.rejects(read(scene));
    while (scene.registry.wire[0]?.outcome === undefined) await new Promise(setImmediate);
    await scene.registry.close();
    await asked;
  });

withFault('captive portal', { fault: 'captive-portal' }, async (scene) => {
  const { status, headers } = await read(scene);
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^text\/html/);
});

withFault('status: for so many requests in a row, from the nth on', undefined, async (scene) => {
  scene.registry.inject({
    on: { method: 'GET', path: /manifests/, nth: 2, times: 2 },
    fault: 'status',
    status: 503,
  });
  const statuses: number[] = [];
  for (let count = 0; count < 4; count++) statuses.push((await read(scene)).status);
  assert.deepEqual(statuses, [200, 503, 503, 200]);
  assert.equal((await read(scene, 'HEAD')).status, 200);
});

withFault('rate limits in every form', undefined, async (scene) => {
  for (const form of ['bare', 'seconds', 'http-date', 'ghcr', 'hour'] as const) {
    scene.registry.clearFaults();
    scene.registry.inject({ fault: 'rate-limit', form });
    const { status, headers, body } = await read(scene);
    assert.equal(status, 429);
    assert.equal(headers['retry-after'] !== undefined, ['seconds', 'http-date', 'hour'].includes(form), form);
    assert.equal(body.includes('retry-after: 12.5ms'), form === 'ghcr');
  }
});

withFault('stale read: what the tag held before', undefined, async (scene) => {
  const newer = makeImage('linux/arm64');
  await pushImage(scene.registry, 'app', '1', newer);
  scene.registry.inject({ fault: 'stale-read', on: { times: 2 } });
  assert.deepEqual((await read(scene)).body, scene.image.bytes);
  await pushImage(scene.registry, 'app', '2', newer);
  const fresh = { method: 'GET', path: '/v2/app/manifests/2', headers, onRecord: true };
  assert.equal((await requestRegistry(scene.registry, fresh)).status, 404);
  assert.deepEqual((await read(scene)).body, newer.bytes);
});

withFault('digest headers: wrong, then missing', { fault: 'wrong-digest-header' }, async (scene) => {
  assert.notEqual((await read(scene)).headers['docker-content-digest'], scene.image.digest);
  scene.registry.inject({ fault: 'no-digest-header' });
  assert.equal((await read(scene)).headers['docker-content-digest'], undefined);
});

withFault('no HEAD', { fault: 'no-head', status: 412, on: { times: 9 } } as FaultSpec, async (scene) => {
  assert.equal((await read(scene, 'HEAD')).status, 412);
});

withFault(
  'redirect: a relative one is answered where it points',
  { fault: 'redirect', to: 'relative' },
  async (scene) => {
    const { status, headers: answered } = await read(scene);
    assert.equal(status, 307);
    const target = { method: 'GET', path: String(answered.location), headers, onRecord: true };
    assert.equal((await requestRegistry(scene.registry, target)).status, 200);
  },
);

withFault('redirect to a mirror on another origin', undefined, async (scene) => {
  await using mirror = await scene.registry.mirror();
  scene.registry.inject({ fault: 'redirect', to: { origin: mirror.url } });
  const { headers: answered } = await read(scene);
  assert.equal(answered.location, mirror.url + path);
  const found = await requestRegistry(mirror, { method: 'GET', path, headers, onRecord: true });
  assert.deepEqual(found.body, scene.image.bytes);
});

withFault(
  'upload Locations in other forms',
  { fault: 'location', form: 'relative' },
  async ({ registry }) => {
    const open = { method: 'POST', path: '/v2/app/blobs/uploads/', onRecord: true };
    assert.match(
      String((await requestRegistry(registry, open)).headers.location),
      /^\/v2\/app\/blobs\/uploads\//,
    );
    registry.inject({ fault: 'location', form: { origin: 'http://127.0.0.1:1' } });
    assert.match(
      String((await requestRegistry(registry, open)).headers.location),
      /^http:\/\/127\.0\.0\.1:1\/v2\//,
    );
    registry.inject({ fault: 'location', form: 'missing' });
    assert.equal((await requestRegistry(registry, open)).headers.location, undefined);
  },
);

withFault('restart: connections refused for a while, then the same content', undefined, async (scene) => {
  const back = scene.registry.restart(50);
  await assert.rejects(read(scene), { code: /ECONNREFUSED|ECONNRESET/ });
  await back;
  assert.equal((await read(scene)).status, 200);
});

withFault('something else happens before and after a request', undefined, async (scene) => {
  const seen: (string | undefined)[] = [];
  const call = () => seen.push(scene.registry.manifest('app', '2')?.digest);
  scene.registry.inject({ fault: 'before', call });
  scene.registry.inject({ fault: 'after', on: { nth: 2 }, call });
  await put(scene, '2');
  scene.registry.remove('app', '2');
  await put(scene, '2');
  assert.deepEqual(seen, [undefined, scene.image.digest]);
});

test('unauthorized revokes the token, insufficient-scope asks for more', async (t) => {
  const registry = await startRegistry({ auth: { kind: 'bearer', anonymous: { '*': ['pull'] } } });
  t.after(() => registry.close());
  await pushImage(registry, 'app', '1', makeImage());
  const scope = 'repository:app:pull';
  const token = await requestRegistry(registry, {
    method: 'GET',
    path: `/token?service=test-registry&scope=${scope}`,
  });
  const authorization = `Bearer ${JSON.parse(token.body.toString()).token}`;
  const get = () =>
    requestRegistry(registry, {
      method: 'GET',
      path,
      headers: { ...headers, authorization },
      onRecord: true,
    });
  registry.inject({ fault: 'insufficient-scope', scope: `${scope},push`, status: 403 });
  const more = await get();
  assert.equal(more.status, 403);
  assert.match(
    String(more.headers['www-authenticate']),
    /scope="repository:app:pull,push",error="insufficient_scope"/,
  );
  assert.equal((await get()).status, 200);
  registry.inject({ fault: 'unauthorized' });
  assert.match(String((await get()).headers['www-authenticate']), /error="invalid_token"/);
  assert.equal((await get()).status, 401, 'the token is gone for good');
});

test('every class ends a request one way or the other', async (t) => {
  assert.equal(new Set(faultClasses.map(({ name }) => name)).size, faultClasses.length);
  for (const faultClass of faultClasses.filter(({ slow, name }) => !slow && !name.startsWith('endless'))) {
    const registry = await startRegistry();
    t.after(() => registry.close());
    await pushImage(registry, 'app', '1', makeImage());
    faultClass.apply(registry, 1);
    const request = { method: 'GET', path, headers, onRecord: true };
    await requestRegistry(registry, request).catch((error: Error) => error);
    assert.notEqual(registry.wire[0]?.fault, undefined, faultClass.name);
  }
});

test('over HTTP/2: GOAWAY and refused streams', async (t) => {
  const tls = serverTls();
  const registry = await startRegistry({ tls, http2: true });
  t.after(() => registry.close());
  await pushImage(registry, 'app', '1', makeImage());
  registry.inject({ fault: 'refused-stream' });
  registry.inject({ fault: 'goaway', on: { nth: 2 } });
  const session = connect(registry.url, { ca: tls.ca });
  session.on('error', () => {});
  assert.equal(await http2Outcome(session), 'ERR_HTTP2_STREAM_ERROR');
  let goneAway = false;
  session.once('goaway', () => {
    goneAway = true;
  });
  assert.equal(await http2Outcome(session), 'ERR_HTTP2_STREAM_ERROR');
  assert.ok(goneAway);
  session.close();
  assert.deepEqual(
    registry.wire.map(({ outcome, connection }) => [outcome, connection]),
    [
      ['refused stream', 1],
      ['goaway', 1],
    ],
  );
});

function http2Outcome(session: ClientHttp2Session): Promise<unknown> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': path, ...headers });
    stream.once('response', (answer) => resolve(answer[':status']));
    stream.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}
