/** The places that a login comes from, their order, and the messages about it. */
import assert from 'node:assert/strict';
import { realRegistryAvailable, startRealRegistry } from '../../support/registry/real-registry.ts';
import type { BasicAuth } from '../../support/registry/registry-options.ts';
import { type ScenarioOptions, scenario } from '../../support/run/scenario.ts';
import { secret, secretOf } from '../../support/run/secrets.ts';
import { credentialPrograms } from '../../support/tokens/credential-programs.ts';
import {
  authOf,
  configFile,
  type Handing,
  loginOf,
  publishOne,
  scopedLogin,
  usersOf,
  ways,
} from '../../support/tokens/handed-logins.ts';

const anything = { '*': ['pull', 'push', 'delete'] };
const asking: ScenarioOptions = { auth: 'basic' };
const real = {
  registries: 0,
  skip: realRegistryAvailable() ? false : 'docker-registry is not on PATH',
} as const;

for (const { name, hand } of ways) {
  scenario(`CNCF distribution takes the login of ${name}`, real, async (t) => {
    const registry = await startRealRegistry({ auth: 'htpasswd' });
    t.test.after(() => registry.close());
    assert.ok(registry.credentials);
    const run = await publishOne(t, hand(registry.host, registry.credentials), { registry });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    assert.equal((await t.served('app:1', registry))?.digest, run.outputs['digest']);
  });
}

for (const { name, source, hand } of ways) {
  scenario(`a wrong password of ${name} is shown once, and its origin named`, asking, async (t) => {
    const run = await publishOne(t, hand(t.registry.host, loginOf('mallory')));
    assert.equal(run.exitCode, 1);
    const told = run.stdout.replaceAll(run.directory.home, '<home>').replaceAll(t.registry.host, '<host>');
    assert.ok(told.includes(`rejected the login from ${source} (401)`), told);
    assert.match(told, /\[UNAUTHORIZED\]/);
    assert.deepEqual(usersOf(t.registry.wire), ['mallory']);
  });
}

/** Ways that can stand side by side, the one that counts first, each with a user of its own. */
function ladder(host: string): readonly (readonly [user: string, handing: Handing])[] {
  const auths = (user: string): object => authOf(host, loginOf(user));
  const [full, empty] = [
    credentialPrograms({
      helper: { knows: { [host]: loginOf('helper') } },
      store: { knows: { [host]: loginOf('store') } },
    }),
    credentialPrograms({ helper: { knows: {} }, store: { knows: { [host]: loginOf('store') } } }),
  ];
  const config = { auths: auths('stored'), credsStore: 'store', credHelpers: { [host]: 'helper' } };
  return [
    ['input', { input: JSON.stringify([{ registry: host, ...loginOf('input') }]) }],
    ['variable', { env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: auths('variable') }) } }],
    ['push', scopedLogin(`${host}/app@push`, { auths: auths('push') })],
    ['repository', scopedLogin(`${host}/app`, { auths: auths('repository') })],
    ['helper', { ...configFile(config), env: { PATH: full.path } }],
    ['store', { ...configFile(config), env: { PATH: empty.path } }],
    ['stored', configFile({ auths: auths('stored') })],
  ];
}

const accounts = ladder('any').map(([user]) => ({ ...loginOf(user), access: anything }));
const crowded: { readonly registry: { readonly auth: BasicAuth } } = {
  registry: { auth: { kind: 'basic', accounts } },
};

scenario('of several logins, the nearest one counts', crowded, async (t) => {
  const rungs = ladder(t.registry.host);
  for (const [index, [user]] of rungs.entries()) {
    t.registry.clearWire();
    // A nearer one's files and variables stand in the place of a farther one's.
    const handings = rungs.slice(index).map(([, handing]) => handing);
    const handing = handings.reduceRight((far, near) => ({
      ...near,
      env: { ...far.env, ...near.env },
      home: { ...far.home, ...near.home },
    }));
    const run = await publishOne(t, handing);
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    assert.deepEqual([...new Set(usersOf(t.registry.wire))], [user]);
  }
});

const passwords = ['a:b:c', ' spaces around ', 'пароль-密码-🔑', 'a"\\b\'$c`d'];

scenario('CNCF distribution takes passwords with any characters', real, async (t) => {
  const users = passwords.map((password, at) => ({
    username: `tester-${at}`,
    password: secretOf(`tester-${at}`, `12345678${password}`),
    access: anything,
  }));
  const registry = await startRealRegistry({ auth: 'token', users, repositories: ['a', 'b'] });
  t.test.after(() => registry.close());
  secret(registry.authorization?.split(' ')[1] ?? '');
  const { host } = registry;
  for (const { username, password } of users) {
    const input = JSON.stringify([{ registry: host, username, password }]);
    const login = configFile({ auths: authOf(host, { username, password }) });
    const first = await publishOne(t, { input }, { registry, repository: 'a' });
    const second = await publishOne(t, login, { registry, repository: 'b' });
    for (const run of [first, second]) assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  }
  assert.deepEqual(
    [...new Set(registry.grants.map(({ username }) => username))],
    users.map(({ username }) => username),
  );
});

scenario('DOCKER_CONFIG is where docker and buildx keep their logins', asking, async (t) => {
  assert.ok(t.registry.credentials);
  const { host, credentials } = t.registry;
  const auths = authOf(host, credentials);
  for (const path of ['config.json', `buildx/config/${host}/config.json`]) {
    const run = await publishOne(t, {
      home: { '.docker/config.json': 'not looked at', [`elsewhere/${path}`]: JSON.stringify({ auths }) },
      workspace: { [path]: JSON.stringify({ auths }) },
      env: { DOCKER_CONFIG: '.' },
    });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  }
});

scenario('BUILDX_CONFIG is where buildx keeps its logins', asking, async (t) => {
  assert.ok(t.registry.credentials);
  const { host, credentials } = t.registry;
  const run = await publishOne(t, {
    workspace: {
      [`buildx/config/${host}@push/config.json`]: JSON.stringify({ auths: authOf(host, credentials) }),
    },
    env: { BUILDX_CONFIG: 'buildx' },
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
});

const kept = secret('hush-hush-0815');

scenario('a broken config.json is named, not shown', asking, async (t) => {
  const text = `{"auths": {"x": {"password": "${kept}"}}`;
  const run = await publishOne(t, { home: { '.docker/config.json': text } });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 1);
  assert.deepEqual(usersOf(t.registry.wire), []);
});

scenario('a broken DOCKER_AUTH_CONFIG is named, not shown', asking, async (t) => {
  const run = await publishOne(t, { env: { DOCKER_AUTH_CONFIG: `{"auths": ${kept}` } });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 1);
});

scenario(
  'a registry that wants a login gets none when there is none for exactly this host',
  asking,
  async (t) => {
    const { host } = t.registry;
    const [name = '', port = ''] = host.split(':');
    const others = [
      name,
      `${name}:${port}0`,
      `${name}:1`,
      `x${host}`,
      `localhost:${port}`,
      `${host}.test`,
      'ghcr.io',
    ];
    const auths = Object.assign({}, ...others.map((other) => authOf(other, loginOf('other'))));
    const run = await publishOne(t, {
      ...configFile({ auths }),
      input: JSON.stringify([{ registry: 'localhost', ...loginOf('other') }]),
    });
    t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1);
    assert.deepEqual(usersOf(t.registry.wire), []);
  },
);
