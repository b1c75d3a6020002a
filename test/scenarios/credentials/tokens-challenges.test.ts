/** Challenges of registries: forms, realms that must not be asked, redirects, refusals. */
import assert from 'node:assert/strict';
import { startRegistry } from '../../support/registry/registry.ts';
import { defaultAccount } from '../../support/registry/registry-auth.ts';
import type { BearerAuth, Challenge } from '../../support/registry/registry-options.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { startBearerServer } from '../../support/tokens/bearer-server.ts';
import { publishOne, usersOf } from '../../support/tokens/handed-logins.ts';

type Form = (usual: Challenge) => readonly string[];

const bearer = (challenge: Form, more: Partial<BearerAuth> = {}) => ({
  registry: { auth: { kind: 'bearer', challenge, ...more } as const },
});

const full = ({ realm, service, scope }: Challenge): string =>
  `Bearer realm="${realm}",service="${service}",scope="${scope}"`;

const among = bearer((usual) => [`Negotiate, Basic realm="a, Bearer b", ${full(usual)}, Digest nonce="z"`]);
const none = bearer(() => []).registry;
const metadata = {
  ...bearer(({ service }) => [`Bearer realm="https://169.254.169.254/latest/meta-data",service="${service}"`])
    .registry,
  tls: serverTls(),
};

/** Publishes with the registry's own login. */
const publish = (t: Scenario) => publishOne(t, { input: t.registryAuth });

scenario('a challenge among others in one header is answered with one token', among, async (t) => {
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal(t.registry.tokens?.records.length, 1);
});

scenario('a 401 without a challenge is reported as it is', { registry: none }, async (t) => {
  const run = await publish(t);
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assert.ok(t.registry.wire.every(({ authorization }) => authorization === 'none'));
});

scenario(
  'no login is sent to a realm at the address of cloud metadata',
  { registry: metadata },
  async (t) => {
    const run = await publish(t);
    t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1);
    assert.match(run.stdout, /\[REALM\]/);
  },
);

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

scenario('a token server redirects to another host: the login stays', alone, async (t) => {
  const { tokens, registry, stranger, input } = await parted(t);
  const to = { origin: new URL(stranger.url).origin };
  tokens.inject({ fault: 'redirect', status: 307, to, on: { times: 9 } });
  const run = await publishOne(t, { input }, { registry });
  assert.equal(run.exitCode, 1);
  assert.ok(stranger.wire.every(({ authorization }) => authorization === 'none'));
  assert.match(run.stdout, /redirects to another host, where no login is sent.*\[TOKEN\]/);
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
