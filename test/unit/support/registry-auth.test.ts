import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeImage } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { pushImage } from '../../support/registry/push-image.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { RegistryOptions } from '../../support/registry/registry-options.ts';
import { type OwnResponse, requestRegistry } from '../../support/registry/registry-request.ts';
import { secretsIn } from '../../support/run/secrets.ts';
import { startBearerServer } from '../../support/tokens/bearer-server.ts';

const manifest = '/v2/app/manifests/1';
const basic = `Basic ${Buffer.from(`${defaultAccount.username}:${defaultAccount.password}`).toString('base64')}`;

function withRegistry(
  name: string,
  options: RegistryOptions,
  body: (registry: TestRegistry) => Promise<void>,
): void {
  test(name, async () => {
    const registry = await startRegistry(options);
    try {
      await pushImage(registry, 'app', '1', makeImage());
      await body(registry);
    } finally {
      await registry.close();
    }
  });
}

function get(registry: TestRegistry, path: string, authorization?: string): Promise<OwnResponse> {
  const headers = {
    accept: manifestTypes.ociManifest,
    ...(authorization !== undefined && { authorization }),
  };
  return requestRegistry(registry, { method: 'GET', path, headers, onRecord: true });
}

async function tokenFor(registry: TestRegistry, scope: string, authorization?: string): Promise<string> {
  const query = new URLSearchParams({ service: 'test-registry', scope });
  const answer = await get(registry, `/token?${query}`, authorization);
  assert.equal(answer.status, 200);
  return `Bearer ${JSON.parse(answer.body.toString()).token}`;
}

withRegistry('basic: only the password of an account is accepted', { auth: 'basic' }, async (registry) => {
  const refused = await get(registry, manifest);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['www-authenticate'], 'Basic realm="test registry"');
  assert.equal((await get(registry, manifest, 'Basic d3Jvbmc6d3Jvbmc=')).status, 401);
  assert.equal((await get(registry, manifest, basic)).status, 200);
  assert.deepEqual(
    registry.wire.map(({ authorization, outcome }) => [authorization, outcome]),
    [
      ['none', 401],
      ['basic', 401],
      ['basic', 200],
    ],
  );
});

withRegistry(
  'bearer: a token allows exactly the access that it was issued for',
  { auth: 'bearer' },
  async (registry) => {
    const challenge = String((await get(registry, manifest)).headers['www-authenticate']);
    assert.equal(
      challenge,
      `Bearer realm="${registry.url}/token",service="test-registry",scope="repository:app:pull"`,
    );
    const pull = await tokenFor(registry, 'repository:app:pull', basic);
    assert.equal((await get(registry, manifest, pull)).status, 200);
    const other = await get(registry, '/v2/other/manifests/1', pull);
    assert.equal(other.status, 401);
    assert.match(String(other.headers['www-authenticate']), /error="insufficient_scope"/);
    const push = {
      method: 'POST',
      path: '/v2/app/blobs/uploads/',
      headers: { authorization: pull },
      onRecord: true,
    };
    assert.equal((await requestRegistry(registry, push)).status, 401);
    registry.tokens?.revokeAll();
    assert.equal((await get(registry, manifest, pull)).status, 401);
    assert.deepEqual(secretsIn(`x ${pull} y`), [pull.slice('Bearer '.length)]);
  },
);

const mountOptions: RegistryOptions = { auth: { kind: 'bearer', accounts: [defaultAccount], uses: 1 } };

withRegistry(
  'bearer: a mount requires access to its source, and a token may be limited to one use',
  mountOptions,
  async (registry) => {
    const mount = {
      method: 'POST',
      path: `/v2/new/blobs/uploads/?mount=sha256:${'0'.repeat(64)}&from=app`,
      onRecord: true,
    };
    const refused = await requestRegistry(registry, mount);
    assert.match(
      String(refused.headers['www-authenticate']),
      /scope="repository:new:pull,push repository:app:pull"/,
    );
    const token = await tokenFor(registry, 'repository:new:pull,push repository:app:pull', basic);
    const headers = { authorization: token };
    assert.equal((await requestRegistry(registry, { ...mount, headers })).status, 202);
    assert.equal((await requestRegistry(registry, { ...mount, headers })).status, 401);
  },
);

const shapes: RegistryOptions = {
  auth: {
    kind: 'bearer',
    anonymous: { app: ['pull'] },
    field: 'access_token',
    expiresIn: null,
    openBase: true,
    challenge: ({ realm, service }) => ['Basic realm="x"', `Bearer realm="${realm}",service="${service}"`],
  },
};

withRegistry('bearer: the variants of registries can be set', shapes, async (registry) => {
  assert.equal((await get(registry, '/v2/')).status, 200);
  const refused = await get(registry, manifest);
  assert.equal(refused.headers['www-authenticate']?.includes('scope'), false);
  assert.match(String(refused.headers['www-authenticate']), /^Basic realm="x", Bearer realm=/);
  const answer = await get(registry, '/token?service=test-registry&scope=repository:app:pull,push');
  const body = JSON.parse(answer.body.toString());
  assert.deepEqual(Object.keys(body), ['access_token']);
  const authorization = `Bearer ${body.access_token}`;
  assert.equal((await get(registry, manifest, authorization)).status, 200);
  const write = { method: 'DELETE', path: manifest, headers: { authorization }, onRecord: true };
  assert.equal((await requestRegistry(registry, write)).status, 401);
});

test('bearer: refresh tokens are accepted by POST, unless POST is refused', async (t) => {
  const accounts = [{ ...defaultAccount, refreshToken: 'identity-token-of-the-tester' }];
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: 'identity-token-of-the-tester',
    service: 'test-registry',
    client_id: 'test',
    scope: 'repository:app:pull',
  });
  const post = {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  };
  for (const postRefusal of [undefined, 404, 405] as const) {
    const server = await startBearerServer({ accounts, ...(postRefusal !== undefined && { postRefusal }) });
    const registry = await startRegistry({
      auth: { kind: 'bearer', accounts, issuer: { url: server.url, tokens: server.tokens } },
    });
    t.after(() => Promise.all([registry.close(), server.close()]));
    await pushImage(registry, 'app', '1', makeImage());
    assert.match(
      String((await get(registry, manifest)).headers['www-authenticate']),
      new RegExp(server.host),
    );
    const answer = await requestRegistry({ url: server.url }, post);
    assert.equal(answer.status, postRefusal ?? 200);
    if (postRefusal === undefined) {
      const token = JSON.parse(answer.body.toString()).access_token;
      assert.equal((await get(registry, manifest, `Bearer ${token}`)).status, 200);
    }
  }
});
