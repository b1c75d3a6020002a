/** A wrong password is shown once: more tries would lock the account. */
import assert from 'node:assert/strict';
import { realRegistryAvailable, startRealRegistry } from '../../support/registry/real-registry.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { AuthOptions } from '../../support/registry/registry-options.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { loginOf } from '../../support/tokens/handed-logins.ts';

const wrong = loginOf('tester');

/** Publishes many sources at once with a wrong password; what is not let in need not be there. */
function publishMany(t: Scenario, repositoryOf: (index: number) => string) {
  const repositories = Array.from({ length: 24 }, (_, index) => repositoryOf(index));
  return t.publish({
    tags: `${t.ref('app:1')}\n${t.ref('app:2')}\n${t.ref('other:1')}`,
    sources: repositories.map((name, index) => t.ref(`${name}:${index}`)).join('\n'),
    'registry-auth': JSON.stringify([{ registry: t.registry.host, ...wrong }]),
  });
}

/** How often the login was shown, to the registry or to its token server. */
function tries(registry: TestRegistry): number {
  return registry.wire.filter(({ authorization }) => authorization === 'basic').length;
}

const long = 'a'.repeat(120);

const table: readonly {
  readonly name: string;
  readonly auth: AuthOptions;
  readonly repositoryOf: (index: number) => string;
}[] = [
  { name: 'Basic, many repositories', auth: 'basic', repositoryOf: (index) => `base-${index}` },
  { name: 'Bearer, many repositories', auth: 'bearer', repositoryOf: (index) => `base-${index}` },
  {
    name: 'Bearer, with more repositories than one token request can name',
    auth: 'bearer',
    repositoryOf: (index) => `${long}/${long}/base-${index}`,
  },
];

for (const { name, auth, repositoryOf } of table) {
  scenario(`a wrong password is shown once: ${name}`, { registry: { auth } }, async (t) => {
    const run = await publishMany(t, repositoryOf);
    assert.equal(run.exitCode, 1);
    assert.match(run.stdout, /rejected the login from registry-auth input \(401\)/);
    assert.match(run.stdout, /repository:/);
    assert.equal(tries(t.registry), 1);
  });
}

const names = Array.from({ length: 7 }, (_, index) => `base-${index}:1`);
const real = {
  registries: 0,
  skip: realRegistryAvailable() ? false : 'docker-registry is not on PATH',
} as const;

scenario('a wrong password is shown once to the token server of CNCF distribution', real, async (t) => {
  const registry = await startRealRegistry({ auth: 'token', repositories: ['app'] });
  t.test.after(() => registry.close());
  secret(registry.authorization?.replace('Bearer ', '') ?? '');
  const run = await t.publish({
    tags: t.ref('app:1', registry),
    sources: names.map((name) => t.ref(name, registry)).join('\n'),
    'registry-auth': JSON.stringify([{ registry: registry.host, ...wrong }]),
  });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /The token server of .* rejected the login from registry-auth input \(401\)/);
  assert.deepEqual(
    registry.grants.map(({ status }) => status),
    [401],
  );
});

scenario('a refused identity token is shown once', { registry: { auth: 'bearer' } }, async (t) => {
  const identitytoken = secret('an-old-identity-token');
  const run = await t.publish(
    {
      tags: t.ref('app:1'),
      sources: names.map((name) => t.ref(name)).join('\n'),
    },
    { home: { '.docker/config.json': JSON.stringify({ auths: { [t.registry.host]: { identitytoken } } }) } },
  );
  assert.equal(run.exitCode, 1);
  assert.equal(t.registry.wire.filter(({ method }) => method === 'POST').length, 1);
});
