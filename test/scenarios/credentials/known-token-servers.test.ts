/** Registries whose token server is known before they name it: what is asked beside the first request, and what if it is wrong. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { Challenge } from '../../support/registry/registry-options.ts';
import type { ActionRun, RunOptions } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { startBearerServer } from '../../support/tokens/bearer-server.ts';
import { configFile, encodedPair, loginOf } from '../../support/tokens/handed-logins.ts';
import { type NamedRegistry, startNamed, startNamedRegistry } from '../../support/tokens/named-registry.ts';
import { freePort } from '../../support/wire/free-port.ts';
import { countWaves } from '../../support/wire/waves.ts';
import type { WireEntry } from '../../support/wire/wire-transcript.ts';
import { hurriedly } from '../faults/scene.ts';

const alone = { registries: 0 };
const platforms = ['amd64', 'arm64', 'arm/v7', 'arm/v6', '386', 's390x', 'ppc64le'].map(
  (each) => `linux/${each}`,
);
const { username, password } = defaultAccount;
const hub = { names: ['registry-1.docker.io', 'auth.docker.io'], service: 'registry.docker.io' } as const;
const ghcr = {
  kind: 'bearer',
  service: 'ghcr.io',
  challenge: ({ scope }: Challenge) => [challengeOf('ghcr.io', scope)],
} as const;
const always = { times: Number.POSITIVE_INFINITY };

function challengeOf(name: string, scope = ''): string {
  return `Bearer realm="https://${name}/token",service="${name}",scope="${scope}"`;
}

interface Publishing extends RunOptions {
  /** As references spell the registry. */
  readonly host: string;
  readonly login?: { readonly username: string; readonly password: string } | 'none';
}

/** Publishes one tag of seven images. */
async function publishSeven(
  t: Scenario,
  { registry, env }: Pick<NamedRegistry, 'registry' | 'env'>,
  { host, login = { username, password }, ...options }: Publishing,
): Promise<ActionRun> {
  const names = platforms.map((platform) => `acme/app:1-${platform.replaceAll('/', '-')}`);
  for (const [index, platform] of platforms.entries())
    await t.push(names[index] ?? '', makeImage(platform), registry);
  return t.publish(
    {
      tags: `${host}/acme/app:1`,
      sources: names.map((name) => `${host}/${name}`).join('\n'),
      'registry-auth': login === 'none' ? '' : JSON.stringify([{ registry: host, ...login }]),
    },
    { ...options, env: { ...env, ...options.env } },
  );
}

function tokenRequests(wire: readonly WireEntry[]): readonly WireEntry[] {
  return wire.filter(({ path }) => path.startsWith('/token'));
}

function challenges(registry: TestRegistry): number {
  return registry.wire.filter(({ outcome, path }) => outcome === 401 && path.startsWith('/v2/')).length;
}

function assertPublished(run: ActionRun, registry: TestRegistry): void {
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal(registry.tags('acme/app')['1'], run.outputs['digest']);
}

/** 7 sources of a manifest and a config, the tag looked at, written and read back; the first request comes twice. */
const most = 7 * 2 + 3 + 1;

scenario('the token is requested beside the first request', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  const waves = countWaves(at.registry);
  const run = await publishSeven(t, at, { host: 'ghcr.io' });
  assertPublished(run, at.registry);
  assert.deepEqual([challenges(at.registry), tokenRequests(at.registry.wire).length], [1, 1]);
  assert.equal(at.registry.wire.length, most + 1);
  assert.equal(waves.sizes[0], 2);
});

scenario('a token server elsewhere is asked while the registry is being reached', alone, async (t) => {
  const at = await startNamedRegistry(t, hub);
  const run = await publishSeven(t, at, { host: 'docker.io' });
  assertPublished(run, at.registry);
  assert.deepEqual([challenges(at.registry), at.tokens.wire.length], [1, 1]);
  assert.equal(at.registry.wire.length, most);
});

const wrongServers: Readonly<Record<string, (t: Scenario) => Promise<string>>> = {
  'is not there': async () => `127.0.0.1:${await freePort()}`,
  'issues tokens that the registry does not accept': async (t) => (await tokenServer(t)).host,
  'never answers': async (t) => {
    const server = await tokenServer(t);
    server.inject({ fault: 'never-answer', on: always });
    return server.host;
  },
};

async function tokenServer(t: Scenario) {
  const server = await startBearerServer({ service: hub.service, tls: serverTls(['auth.docker.io']) });
  t.test.after(() => server.close());
  return server;
}

for (const [name, lead] of Object.entries(wrongServers)) {
  scenario(`the registry names another token server, and the known one ${name}`, alone, async (t) => {
    const at = await startNamedRegistry(t, {
      names: ['registry-1.docker.io', 'tokens.test'],
      service: 'other-service',
      others: { 'auth.docker.io': await lead(t) },
    });
    const run = await publishSeven(t, at, { host: 'docker.io', ...hurriedly });
    assertPublished(run, at.registry);
    assert.equal(at.tokens.tokens.records.length, 1);
  });
}

scenario('another service than the known one is learnt from the first answer', alone, async (t) => {
  const at = await startNamedRegistry(t, { ...hub, service: 'other-service' });
  const run = await publishSeven(t, at, { host: 'docker.io' });
  assertPublished(run, at.registry);
  assert.equal(challenges(at.registry), 1);
  assert.equal(at.tokens.tokens.records.length, 1);
});

const wrong = loginOf(username);

scenario('a wrong password is shown once to the known token server', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  const run = await publishSeven(t, at, { host: 'ghcr.io', login: wrong });
  assert.equal(run.exitCode, 1);
  assert.match(
    run.stdout,
    /The token server of ghcr\.io rejected the login from registry-auth input \(401\)/,
  );
  assert.equal(at.registry.wire.filter(({ authorization }) => authorization === 'basic').length, 1);
});

scenario('a known token server that is the right one and fails is not asked for longer', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  at.registry.inject({ fault: 'status', status: 503, on: { path: /^\/token/, ...always } });
  const run = await publishSeven(t, at, { host: 'ghcr.io' });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /token server.*\[TOKEN\]/);
  assert.equal(tokenRequests(at.registry.wire).length, 6);
});

scenario('a token that the registry never accepts is renewed once', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  at.registry.inject({ fault: 'unauthorized', on: { path: /^\/v2\//, ...always } });
  const run = await publishSeven(t, at, { host: 'ghcr.io' });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /ghcr\.io rejected the token for repository:acme\/app/);
  assert.equal(tokenRequests(at.registry.wire).length, 2);
});

scenario('without a login, what is refused to strangers is reported as ever', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  const run = await publishSeven(t, at, { host: 'ghcr.io', login: 'none' });
  assert.equal(run.exitCode, 1);
  assert.match(
    run.stdout,
    /token server of ghcr\.io denied a token for repository:acme\/app:pull.*without a login/,
  );
});

scenario(
  'a registry that needs no token to read is read without one, whatever its token server says',
  alone,
  async (t) => {
    const at = await startNamed(t, 'quay.io', 'none');
    const run = await publishSeven(t, at, { host: 'quay.io' });
    assertPublished(run, at.registry);
    assert.equal(challenges(at.registry), 0);
  },
);

scenario('an identity token is exchanged at the known token server', alone, async (t) => {
  const identitytoken = secret('the-identity-token-of-robot');
  const accounts = [{ ...defaultAccount, refreshToken: identitytoken }];
  const at = await startNamed(t, 'ghcr.io', { ...ghcr, accounts });
  const handing = configFile({ auths: { 'ghcr.io': { identitytoken } } });
  const run = await publishSeven(t, at, { host: 'ghcr.io', login: 'none', home: handing.home ?? {} });
  assertPublished(run, at.registry);
  assert.deepEqual(
    tokenRequests(at.registry.wire).map(({ method }) => method),
    ['POST'],
  );
});

scenario('each login of a known registry has its token, after one challenge', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', ghcr);
  await t.push('base:1', makeImage('linux/riscv64'), at.registry);
  const auth = encodedPair({ username, password });
  const config = JSON.stringify({ auths: { 'ghcr.io': { auth } } });
  const run = await t.publish(
    { tags: 'ghcr.io/acme/app:1', sources: 'ghcr.io/base:1' },
    {
      env: at.env,
      home: { '.docker/config.json': config, '.docker/buildx/config/ghcr.io/base/config.json': config },
    },
  );
  assertPublished(run, at.registry);
  // A mount needs one token for both repositories, which neither login has.
  const reads = at.registry.wire.filter(({ method }) => method === 'GET' || method === 'HEAD');
  assert.equal(reads.filter(({ outcome }) => outcome === 401).length, 1);
});

const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

scenario('a login for Amazon ECR goes with the first request', alone, async (t) => {
  const at = await startNamed(t, ecr, 'basic');
  const run = await publishSeven(t, at, { host: ecr });
  assertPublished(run, at.registry);
  assert.equal(challenges(at.registry), 0);
  assert.equal(at.registry.wire.length, most - 1);
});

scenario('a wrong password is shown once to Amazon ECR', alone, async (t) => {
  const at = await startNamed(t, ecr, 'basic');
  const run = await publishSeven(t, at, { host: ecr, login: wrong });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /rejected the login from registry-auth input \(401\)/);
  assert.equal(at.registry.wire.filter(({ authorization }) => authorization === 'basic').length, 1);
});

scenario('a host of Amazon ECR that asks for tokens gets them', alone, async (t) => {
  const tokens = await startNamedRegistry(t, { names: [ecr, 'tokens.test'] });
  const run = await publishSeven(t, tokens, { host: ecr });
  assertPublished(run, tokens.registry);
  assert.equal(tokens.tokens.wire.length, 1);
});

scenario('a host of known tokens that asks for Basic gets it', alone, async (t) => {
  const at = await startNamed(t, 'ghcr.io', 'basic');
  const run = await publishSeven(t, at, { host: 'ghcr.io' });
  assertPublished(run, at.registry);
  assert.equal(challenges(at.registry), 1);
});
