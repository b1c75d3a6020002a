/** Staging tags of Docker Hub go by the API of hub.docker.com. */
import assert from 'node:assert/strict';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret, secretOf } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { json, type Script } from '../../support/vendors/api-server.ts';
import { warningsOf } from '../evidence.ts';
import { amd64, arm64, proxyTo, purgeThrough, stage, startApi } from './vendor-rig.ts';

const hub = { registry: { tls: serverTls(['registry-1.docker.io', 'auth.docker.io']) } };
/** The registry of Docker Hub, and its token server, which has nothing to say here. */
const registryOf = ({ registry: { host } }: Scenario): Readonly<Record<string, string>> => ({
  'registry-1.docker.io': host,
  'auth.docker.io': host,
});
const names = ['docker.io/acme/app:1-amd64', 'docker.io/acme/app:1-arm64'];
const login = { username: 'acme', password: secretOf('acme', 'hub-access-token-1') };
const other = { username: 'other', password: secretOf('other', 'password-of-another-registry') };
const logins = JSON.stringify([
  { registry: 'registry.example', ...other },
  { registry: 'docker.io', ...login },
]);
const token = secret('token-of-docker-hub-for-acme');
const tokenPath = '/v2/auth/token';
const tagsPath = '/v2/namespaces/acme/repositories/app/tags';

scenario('tags of Docker Hub go, with a token for its own login', hub, async (t) => {
  await stage(t, 'acme/app');
  const api = await startApi(t, 'hub.docker.com', ({ method, path }) => {
    if (path === tokenPath) return json(200, { access_token: token });
    assert.equal(method, 'DELETE');
    t.registry.remove('acme/app', path.slice(tagsPath.length + 1));
    return { status: 204, headers: {} };
  });
  const proxy = await proxyTo(t, { ...registryOf(t), 'hub.docker.com': api.host });
  const run = await purgeThrough(t, proxy, { tags: names.join('\n'), 'registry-auth': logins });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), names, run.stdout);
  assert.deepEqual(
    api.calls.map(({ method, path, authorization, body }) => [method, path, authorization, body]),
    [
      ['POST', tokenPath, undefined, JSON.stringify({ identifier: login.username, secret: login.password })],
      ['DELETE', `${tagsPath}/1-amd64`, `Bearer ${token}`, ''],
      ['DELETE', `${tagsPath}/1-arm64`, `Bearer ${token}`, ''],
    ],
  );
  assert.ok(t.registry.wire.every(({ method }) => method !== 'DELETE'));
  for (const { digest } of [amd64, arm64]) assert.ok(t.registry.manifest('acme/app', digest));
});

scenario('a login of another registry never goes to hub.docker.com', hub, async (t) => {
  await stage(t, 'acme/app');
  const api = await startApi(t, 'hub.docker.com', () => json(200, { access_token: token }));
  const proxy = await proxyTo(t, { ...registryOf(t), 'hub.docker.com': api.host });
  const others = [
    { registry: 'registry.example', ...other },
    { registry: 'hub.docker.com', ...other },
  ];
  const run = await purgeThrough(t, proxy, {
    tags: names.join('\n'),
    'registry-auth': JSON.stringify(others),
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(api.calls, []);
  assert.equal(warningsOf(run).length, 1);
  assert.match(warningsOf(run)[0] ?? '', /docker\.io requires a login/);
});

scenario('the login of Docker Hub goes nowhere when hub.docker.com redirects', hub, async (t) => {
  await stage(t, 'acme/app');
  const elsewhere = await startApi(t, 'elsewhere.test', () => json(200, { access_token: token }));
  const api = await startApi(t, 'hub.docker.com', ({ path }) =>
    path === tokenPath
      ? { status: 307, headers: { location: `https://elsewhere.test${tokenPath}` } }
      : json(500, {}),
  );
  const routes = {
    ...registryOf(t),
    'hub.docker.com': api.host,
    'elsewhere.test': elsewhere.host,
  };
  const run = await purgeThrough(t, await proxyTo(t, routes), {
    tags: names.join('\n'),
    'registry-auth': logins,
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(elsewhere.calls, []);
  assert.match(warningsOf(run).join(), /redirects a POST to https:\/\/elsewhere\.test/);
  assert.ok('1-amd64' in t.registry.tags('acme/app'));
});

const refusals: readonly { readonly name: string; readonly script: Script; readonly warning: RegExp }[] = [
  {
    name: 'the password is wrong',
    script: () => json(401, { detail: '::error::Incorrect authentication credentials' }),
    warning:
      /hub\.docker\.com returned no token for the login from registry-auth input \(401\)\. Use an access token/,
  },
  {
    name: 'there is no token in the answer',
    script: () => json(200, { token: 'a\nb' }),
    warning: /returned no token .* \(200\)/,
  },
  {
    name: 'the token may not delete',
    script: ({ path }) => (path === tokenPath ? json(200, { access_token: token }) : json(403, {})),
    warning: /hub\.docker\.com refused to remove the tag \(403\)\. .*"Read, Write, Delete"/,
  },
  {
    name: 'the API is out of service',
    script: ({ path }) => (path === tokenPath ? json(200, { access_token: token }) : json(503, {})),
    warning: /refused to remove the tag \(503\)\. Remove the tag later/,
  },
];

for (const { name, script, warning } of refusals) {
  scenario(`tags of Docker Hub stay, with a warning: ${name}`, hub, async (t) => {
    await stage(t, 'acme/app');
    const api = await startApi(t, 'hub.docker.com', script);
    const proxy = await proxyTo(t, { ...registryOf(t), 'hub.docker.com': api.host });
    const run = await purgeThrough(t, proxy, { tags: names.join('\n'), 'registry-auth': logins });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['purged'], '[]');
    assert.equal(warningsOf(run).length, 1, run.stdout);
    assert.match(warningsOf(run)[0] ?? '', warning);
    assert.doesNotMatch(run.stdout, /^::error/m);
    assert.deepEqual(Object.keys(t.registry.tags('acme/app')), ['1', '1-amd64', '1-arm64']);
  });
}

scenario('a tag of Docker Hub that is gone when the removal is tried again was removed', hub, async (t) => {
  await stage(t, 'acme/app');
  const api = await startApi(t, 'hub.docker.com', ({ path }) => {
    if (path === tokenPath) return json(200, { access_token: token });
    t.registry.remove('acme/app', '1-amd64');
    return json(502, {});
  });
  const proxy = await proxyTo(t, { ...registryOf(t), 'hub.docker.com': api.host });
  const run = await purgeThrough(t, proxy, { tags: names[0] ?? '', 'registry-auth': logins });
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [names[0]], run.stdout);
  assert.equal(api.calls.filter(({ method }) => method === 'DELETE').length, 1);
});
