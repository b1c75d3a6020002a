/** What registries ask for: challenges of every form, realms that must not be asked, redirects, refusals. */
import assert from 'node:assert/strict';
import { startBearerServer } from '../support/bearer-server.ts';
import { loginOf, publishOne, usersOf } from '../support/handed-logins.ts';
import { startRegistry } from '../support/registry.ts';
import { defaultAccount } from '../support/registry-auth.ts';
import type { BearerAuth, Challenge } from '../support/registry-options.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { serverTls } from '../support/tls.ts';

type Form = (usual: Challenge) => readonly string[];

const bearer = (challenge: Form, more: Partial<BearerAuth> = {}) => ({
  registry: { auth: { kind: 'bearer', challenge, ...more } as const },
});
const full = ({ realm, service, scope }: Challenge): string =>
  `Bearer realm="${realm}",service="${service}",scope="${scope}"`;

/** Publishes with the registry's own login. */
const publish = (t: Scenario) => publishOne(t, { input: t.registryAuth });

const forms: Readonly<Record<string, Form>> = {
  'has no scope': ({ realm, service }) => [`Bearer realm="${realm}",service="${service}"`],
  'is in lower case, with spaces': ({ realm, service }) => [
    `bearer  service = "${service}" , realm = "${realm}"`,
  ],
  'has a token where others quote': ({ realm, service }) => [
    `Bearer realm="${realm}",service=${service},scope=x`,
  ],
  'has quoted quotes and unknown parameters': ({ realm, service }) => [
    `Bearer note="say \\"realm=\\\\\\"",realm="${realm}",service="${service}",x=y`,
  ],
  'stands behind others in one header': (usual) => [`Negotiate, Basic realm="a, Bearer b", ${full(usual)}`],
  'stands before others in one header': (usual) => [
    `${full(usual)}, Basic realm="x", Digest realm="y", nonce="z"`,
  ],
  'is one of several headers': (usual) => ['NTLM', 'Negotiate dG9rZW4=', full(usual), 'Basic realm="x"'],
  'names many scopes': (usual) => [
    full({ ...usual, scope: `${usual.scope} repository:shared:pull registry:catalog:*` }),
  ],
};

for (const [name, form] of Object.entries(forms)) {
  scenario(`a challenge that ${name} is answered with one token`, bearer(form), async (t) => {
    const run = await publish(t);
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    assert.equal(t.registry.tokens?.records.length, 1);
  });
}

scenario(
  'Basic among other schemes is answered',
  {
    registry: {
      auth: {
        kind: 'basic',
        challenge: () => ['Negotiate', 'Digest realm="x", nonce="y", Basic realm="test"'],
      },
    },
  },
  async (t) => {
    assert.equal((await publish(t)).exitCode, 0);
  },
);

const unusable: Readonly<Record<string, Form>> = {
  'no challenge': () => [],
  'schemes that nobody knows': () => ['Negotiate, GSS-API x="y"', 'Digest realm="x", nonce="y"'],
  'something that is no challenge': () => ['"Bearer realm=', '=,,;'],
  'Bearer without a realm': () => ['Bearer service="x"'],
};

for (const [name, form] of Object.entries(unusable)) {
  scenario(`a 401 with ${name} is told as it is`, bearer(form), async (t) => {
    const run = await publish(t);
    t.snapshot(run);
    assert.equal(run.exitCode, 1);
    assert.ok(t.registry.wire.every(({ authorization }) => authorization === 'none'));
  });
}

/** Realms that no login may be sent to; `registry` is reached by https at 127.0.0.1, as by its public name. */
const realms: Readonly<Record<string, string>> = {
  'plain HTTP': 'http://127.0.0.1:1/token',
  'a user name in it': 'https://user:hush-hush@127.0.0.1:1/token',
  'the address of cloud metadata': 'https://169.254.169.254/latest/meta-data',
  'an address that means this host': 'https://0.0.0.0:1/token',
  'another scheme': 'file:///etc/passwd',
  'no URL': 'the token server',
  'a line break': 'https://127.0.0.1:1/\ttoken',
};

for (const [name, realm] of Object.entries(realms)) {
  const options = bearer(({ service }) => [`Bearer realm="${realm}",service="${service}"`]);
  scenario(
    `no login is sent to a realm with ${name}`,
    { registry: { ...options.registry, tls: serverTls() } },
    async (t) => {
      const run = await publish(t);
      t.snapshot(run, { wire: 'none' });
      assert.equal(run.exitCode, 1);
      assert.match(run.stdout, /\[REALM\]/);
      assert.doesNotMatch(run.stdout, /hush-hush/);
    },
  );
}

/** A registry whose tokens come from a server of their own. */
async function parted(t: Scenario) {
  const tokens = await startBearerServer();
  const registry = await startRegistry({ auth: { kind: 'bearer', issuer: tokens } });
  const stranger = await startBearerServer();
  for (const server of [tokens, registry, stranger]) t.test.after(() => server.close());
  return { tokens, registry, stranger, input: JSON.stringify([{ registry: registry.host, ...account }]) };
}

const account = { username: defaultAccount.username, password: defaultAccount.password };
const alone = { registries: 0 };

for (const status of [301, 302, 307, 308]) {
  scenario(`a token server redirects elsewhere with ${status}: the login stays`, alone, async (t) => {
    const { tokens, registry, stranger, input } = await parted(t);
    tokens.inject({
      fault: 'redirect',
      status,
      to: { origin: new URL(stranger.url).origin },
      on: { times: 9 },
    });
    const run = await publishOne(t, { input }, { registry });
    assert.equal(run.exitCode, 1);
    assert.ok(stranger.wire.every(({ authorization }) => authorization === 'none'));
    assert.match(
      run.stdout,
      /The token server of .* redirects to another host, where no login is sent.*\[TOKEN\]/,
    );
  });
}

scenario('a token server redirects on its own origin: the login goes along', alone, async (t) => {
  const { tokens, registry, input } = await parted(t);
  tokens.inject({ fault: 'redirect', to: 'relative' });
  assert.equal((await publishOne(t, { input }, { registry })).exitCode, 0);
  assert.equal(tokens.wire.length, 2);
});

scenario('a token server redirects without end', alone, async (t) => {
  const { tokens, registry, input } = await parted(t);
  tokens.inject({ fault: 'redirect', to: 'loop', on: { times: 99 } });
  const run = await publishOne(t, { input }, { registry });
  assert.match(run.stdout, /redirects more than 3 times.*\[TOKEN\]/);
});

scenario('a redirect to another port takes no login there, nor back again', { auth: 'bearer' }, async (t) => {
  const storage = await t.registry.mirror();
  t.test.after(() => storage.close());
  t.registry.inject({
    fault: 'redirect',
    to: { origin: storage.url },
    on: { method: 'GET', path: /\/blobs\// },
  });
  storage.inject({ fault: 'redirect', to: { origin: t.registry.url }, on: { method: 'GET' } });
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  const blobs = t.registry.wire.filter(({ path }) => path.includes('/blobs/'));
  assert.deepEqual(
    blobs.map(({ authorization, outcome }) => [authorization, outcome]),
    [
      ['bearer', 307],
      ['none', 401],
      ['bearer', 200],
    ],
  );
  assert.deepEqual(
    storage.wire.map(({ authorization, outcome }) => [authorization, outcome]),
    [['none', 307]],
  );
});

scenario('storage behind a redirect asks for a login: it gets none', { auth: 'basic' }, async (t) => {
  const storage = await t.registry.mirror();
  t.test.after(() => storage.close());
  t.registry.inject({ fault: 'redirect', to: { origin: storage.url }, on: { path: /\/blobs\//, times: 9 } });
  const headers = { 'www-authenticate': 'Basic realm="storage"' };
  storage.inject({ fault: 'status', status: 401, headers, on: { times: 9 } });
  const run = await publish(t);
  assert.equal(run.exitCode, 1);
  assert.ok(storage.wire.length > 0 && storage.wire.every(({ authorization }) => authorization === 'none'));
});

scenario('a hostile registry names the token server of another: no login goes there', alone, async (t) => {
  const { tokens, registry, input } = await parted(t);
  const hostile = await startRegistry({
    auth: {
      kind: 'bearer',
      challenge: ({ scope }) => [full({ realm: tokens.url, service: tokens.tokens.service, scope })],
    },
  });
  t.test.after(() => hostile.close());
  const run = await publishOne(t, { input }, { registry: hostile });
  assert.equal(run.exitCode, 1);
  assert.deepEqual(usersOf(tokens.wire), []);
  assert.ok(hostile.wire.every(({ authorization }) => authorization === 'none'));
  assert.ok(registry.wire.every(({ authorization }) => authorization === 'none'));
});

for (const denied of [403, 404] as const) {
  const auth: BearerAuth = {
    kind: 'bearer',
    denied,
    accounts: [{ ...defaultAccount, access: { other: ['pull'] } }],
  };
  scenario(
    `a repository that may not be read is refused with ${denied}`,
    { registry: { auth } },
    async (t) => {
      const inputs = { tags: t.ref('other:1'), sources: t.ref('app:1'), 'wait-for-sources': '0s' };
      const run = await t.publish({ ...inputs, 'registry-auth': t.registryAuth });
      t.snapshot(run, { wire: 'none' });
      assert.equal(run.exitCode, 1);
    },
  );
}

scenario('a user who is not known is told from a wrong password by nobody', { auth: 'basic' }, async (t) => {
  const run = await publishOne(t, {
    input: JSON.stringify([{ registry: t.registry.host, ...loginOf('nobody') }]),
  });
  assert.match(run.stdout, /rejected the login from registry-auth input \(401\).*repository:app:pull/);
});
