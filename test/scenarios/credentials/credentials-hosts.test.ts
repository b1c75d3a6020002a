/** The two registries that have rules of their own, ghcr.io and Docker Hub, at the end of a proxy that knows their names. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { authOf, configFile, type Handing, loginOf } from '../../support/tokens/handed-logins.ts';
import { type NamedRegistry, startNamedRegistry } from '../../support/tokens/named-registry.ts';
import type { Account } from '../../support/tokens/token-issuer.ts';

const alone = { registries: 0 };
const everything = { '*': ['pull', 'push', 'delete'] };
const jobToken = secret('ghs_token-of-the-job');
const actor: Account = { username: 'octocat', password: jobToken, access: everything };

const cloud = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: 'https://api.github.com' };

const ghcr = (t: Scenario, accounts: readonly Account[] = [actor]) =>
  startNamedRegistry(t, { names: ['ghcr.io', 'pkg.ghcr.io'], accounts });
const hub = (t: Scenario, accounts: readonly Account[]) =>
  startNamedRegistry(t, {
    names: ['registry-1.docker.io', 'auth.docker.io'],
    service: 'registry.docker.io',
    accounts,
  });

/** The users that got tokens, by their Basic logins. */
function askers({ tokens }: NamedRegistry): string[] {
  const pairs = tokens.wire.map(({ headers }) => headers.authorization?.replace('Basic ', '') ?? '');
  return pairs.map((pair) => Buffer.from(pair, 'base64').toString().split(':', 1)[0] ?? '');
}

async function publishAt(
  t: Scenario,
  at: NamedRegistry,
  host: string,
  handing: Handing & { readonly token?: string },
) {
  await t.push('acme/app:1-amd64', makeImage('linux/amd64'), at.registry);
  const { input = '', token = '', env, home } = handing;
  return t.publish(
    {
      tags: `${host}/acme/app:1`,
      sources: `${host}/acme/app:1-amd64`,
      'registry-auth': input,
      'github-token': token,
    },
    { env: { ...at.env, ...cloud, GITHUB_ACTOR: 'octocat', ...env }, ...(home && { home }) },
  );
}

scenario("the job's token logs in to ghcr.io", alone, async (t) => {
  const at = await ghcr(t);
  const run = await publishAt(t, at, 'ghcr.io', { token: jobToken });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(askers(at), ['octocat']);
  assert.match(run.outputs['image'] ?? '', /^ghcr\.io\/acme\/app@sha256:/);
});

scenario('another login for ghcr.io comes before it', alone, async (t) => {
  const robot = { ...loginOf('robot'), access: everything };
  const at = await ghcr(t, [robot, actor]);
  const handing = configFile({ auths: authOf('https://ghcr.io', robot) });
  const run = await publishAt(t, at, 'ghcr.io', { ...handing, token: jobToken });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(askers(at), ['robot']);
});

scenario("the job's token may not write packages", alone, async (t) => {
  const at = await ghcr(t, [{ ...actor, access: { '*': ['pull'] } }]);
  const run = await publishAt(t, at, 'ghcr.io', { token: jobToken });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 1);
  assert.deepEqual(at.registry.tags('acme/app'), { '1-amd64': at.registry.tags('acme/app')['1-amd64'] });
});

scenario('ghcr.io without any login', alone, async (t) => {
  const run = await publishAt(t, await ghcr(t), 'ghcr.io', {});
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 1);
});

scenario("the job's token was revoked", alone, async (t) => {
  const at = await ghcr(t);
  const run = await publishAt(t, at, 'ghcr.io', { token: secret('ghs_token-of-yesterday') });
  t.snapshot(run, { wire: 'none' });
  assert.deepEqual(askers(at), ['octocat']);
});

scenario("the job's token goes to no other registry", { auth: 'basic' }, async (t) => {
  const { host } = t.registry;
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const inputs = { tags: `${host}/app:1`, sources: `${host}/app:1-amd64`, 'github-token': jobToken };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  assert.ok(t.registry.wire.every(({ authorization }) => authorization === 'none'));
});

scenario("the job's token of another GitHub server is no login for ghcr.io", alone, async (t) => {
  const at = await startNamedRegistry(t, {
    names: ['ghcr.io', 'pkg.ghcr.io'],
    accounts: [actor],
    anonymous: { '*': ['pull'] },
  });
  await t.push('acme/app:1', makeImage('linux/amd64'), at.registry);
  const env = {
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_API_URL: 'https://github.example/api/v3',
  };
  const inputs = { image: 'ghcr.io/acme/app:1', 'github-token': secret('ghs_token-of-another-server') };
  const run = await t.inspect(inputs, { env: { ...at.env, ...env } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(askers(at), ['']);
});

const dockerId = { ...loginOf('dockerid'), access: everything };

scenario('Docker Hub is docker.io too, in references and in registry-auth', alone, async (t) => {
  const at = await hub(t, [dockerId]);
  const { username, password } = dockerId;
  const input = JSON.stringify([{ registry: 'index.docker.io', username, password }]);
  const run = await publishAt(t, at, 'docker.io', { input });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(askers(at), ['dockerid']);
  assert.equal(run.outputs['tags'], 'docker.io/acme/app:1');
});

scenario('a reference that names no registry means Docker Hub, also for config.json', alone, async (t) => {
  const at = await hub(t, [dockerId]);
  await t.push('library/app:1-amd64', makeImage('linux/amd64'), at.registry);
  const { home = {} } = configFile({ auths: authOf('https://index.docker.io/v1/', dockerId) });
  const run = await t.publish({ tags: 'app:1', sources: 'app:1-amd64' }, { env: at.env, home });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(askers(at), ['dockerid']);
  assert.notEqual(at.registry.tags('library/app')['1'], undefined);
});
