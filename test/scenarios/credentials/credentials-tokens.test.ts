/** Logins that are tokens, and headers that config.json adds. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import {
  type RealRegistry,
  realRegistryAvailable,
  startRealRegistry,
} from '../../support/registry/real-registry.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { BearerAuth } from '../../support/registry/registry-options.ts';
import { expectRegistry } from '../../support/registry/registry-request.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { startBearerServer } from '../../support/tokens/bearer-server.ts';
import { credentialPrograms } from '../../support/tokens/credential-programs.ts';
import { configFile, encodedPair, publishOne } from '../../support/tokens/handed-logins.ts';

const real = {
  registries: 0,
  skip: realRegistryAvailable() ? false : 'docker-registry is not on PATH',
} as const;

/** CNCF distribution behind the tests' own token server. */
async function distribution(t: Scenario): Promise<RealRegistry> {
  const registry = await startRealRegistry({ auth: 'token', repositories: ['app'] });
  t.test.after(() => registry.close());
  secret(registry.authorization?.replace('Bearer ', '') ?? '');
  return registry;
}

/** A refresh token, got as `docker login` gets one (distribution's docs: spec/auth/oauth). */
async function identityToken(registry: RealRegistry): Promise<string> {
  const { headers } = await expectRegistry({ url: registry.url }, { method: 'GET', path: '/v2/' }, [401]);
  const realm = /realm="([^"]+)"/.exec(headers['www-authenticate'] ?? '')?.[1] ?? '';
  const { username = '', password = '' } = registry.credentials ?? {};
  const form = {
    grant_type: 'password',
    service: 'test registry',
    client_id: 'test',
    access_type: 'offline',
  };
  const body = new URLSearchParams({ ...form, username, password });
  const response = await fetch(realm, { method: 'POST', body });
  const { refresh_token } = (await response.json()) as { readonly refresh_token: string };
  return secret(refresh_token);
}

for (const kind of ['an identitytoken in config.json', 'a credential helper that says <token>']) {
  scenario(`CNCF distribution takes ${kind}`, real, async (t) => {
    const registry = await distribution(t);
    const { host } = registry;
    const token = await identityToken(registry);
    const earlier = registry.grants.length;
    const login = { username: '<token>', password: token };
    const program = credentialPrograms({ steady: { knows: { [host]: login } } });
    const run = await publishOne(
      t,
      kind.startsWith('an')
        ? configFile({
            auths: { [host]: { auth: encodedPair({ ...login, password: '' }), identitytoken: token } },
          })
        : { ...configFile({ credHelpers: { [host]: 'steady' } }), env: { PATH: program.path } },
      { registry },
    );
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    const grants = registry.grants.slice(earlier);
    assert.deepEqual(
      grants.map(({ method, scopes }) => ({ method, scopes })),
      [{ method: 'POST', scopes: ['repository:app:pull,push'] }],
    );
  });
}

scenario('CNCF distribution takes a registrytoken, and no token server is asked', real, async (t) => {
  const registry = await distribution(t);
  const registrytoken = registry.authorization?.replace('Bearer ', '');
  const run = await publishOne(t, configFile({ auths: { [registry.host]: { registrytoken } } }), {
    registry,
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(registry.grants, []);
});

const refreshToken = secret('refresh-token-of-tester');
const account = { ...defaultAccount, refreshToken };
const config = (host: string, token = refreshToken): object => ({
  auths: { [host]: { auth: encodedPair({ username: 'tester', password: '' }), identitytoken: token } },
});

const bearer = { registry: { auth: { kind: 'bearer', accounts: [account] } satisfies BearerAuth } };

scenario('an identity token that was revoked is shown once, and its origin named', bearer, async (t) => {
  const run = await publishOne(t, configFile(config(t.registry.host, secret('revoked-refresh-token'))));
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('HttpHeaders go to the registries of tags, not of sources', { registries: 2 }, async (t) => {
  const [own, stranger] = t.registries;
  assert.ok(own !== undefined && stranger !== undefined);
  await t.push('base:1', makeImage('linux/amd64'), stranger);
  const handing = configFile({ HttpHeaders: { 'X-Meta': 'the-release-team' } });
  const run = await t.publish({ tags: t.ref('app:1', own), sources: t.ref('base:1', stranger) }, handing);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.ok(own.wire.every(({ headers }) => headers['x-meta'] === 'the-release-team'));
  assert.ok(stranger.wire.every(({ headers }) => headers['x-meta'] === undefined));
});

scenario(
  'HttpHeaders go to the registry, not to its token server nor behind a redirect',
  { registries: 0 },
  async (t) => {
    const tokens = await startBearerServer();
    t.test.after(() => tokens.close());
    const registry = await startRegistry({ auth: { kind: 'bearer', issuer: tokens } });
    const storage = await registry.mirror();
    for (const each of [registry, storage]) t.test.after(() => each.close());
    registry.inject({
      fault: 'redirect',
      to: { origin: storage.url },
      on: { method: 'GET', path: /\/blobs\//, times: 9 },
    });
    const value = secret('header-value-4711');
    const { home } = configFile({
      auths: { [registry.host]: { auth: encodedPair(defaultAccount) } },
      HttpHeaders: {
        'X-Meta': value,
        'User-Agent': 'other',
        Authorization: 'Basic other',
        Host: 'other.test',
      },
    });
    const run = await publishOne(t, { ...(home && { home }) }, { registry });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    const values = (wire: typeof registry.wire): Set<unknown> =>
      new Set(wire.map(({ headers }) => headers['x-meta']));
    assert.deepEqual(values(registry.wire), new Set([value]));
    assert.deepEqual(values(tokens.wire), new Set([undefined]));
    assert.deepEqual(values(storage.wire), new Set([undefined]));
    assert.ok(storage.wire.length > 0 && storage.wire.every(({ authorization }) => authorization === 'none'));
    assert.ok(registry.wire.every(({ headers }) => headers.host === registry.host));
    assert.ok(registry.wire.every(({ headers }) => headers['user-agent'] === 'multiarch-manifest-action'));
    assert.match(
      run.stdout,
      /::warning::HttpHeaders of .*config\.json: not sent, because this action sets them: user-agent, authorization, host$/m,
    );
  },
);
