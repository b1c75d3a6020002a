/** Bearer tokens: how many, for what, and what they cost. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import {
  type RealRegistry,
  type RealRegistryOptions,
  realRegistryAvailable,
  startRealRegistry,
} from '../../support/registry/real-registry.ts';
import { testUser } from '../../support/registry/real-registry-configuration.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { usualChallenge } from '../../support/registry/registry-auth.ts';
import type { BearerAuth } from '../../support/registry/registry-options.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secret, secretOf } from '../../support/run/secrets.ts';
import { publishOne } from '../../support/tokens/handed-logins.ts';

const real = {
  registries: 0,
  skip: realRegistryAvailable() ? false : 'docker-registry is not on PATH',
} as const;
const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/s390x',
  'linux/ppc64le',
];

/** CNCF distribution behind the tests' own token server. */
async function distribution(t: Scenario, options: RealRegistryOptions): Promise<RealRegistry> {
  const registry = await startRealRegistry({ auth: 'token', ...options });
  t.test.after(() => registry.close());
  secret(registry.authorization?.replace('Bearer ', '') ?? '');
  secretOf(testUser.username, testUser.password);
  return registry;
}

function authFor(...registries: readonly RealRegistry[]): string {
  return JSON.stringify(registries.map(({ host }) => ({ registry: host, ...testUser })));
}

scenario('one token serves a whole publish: sources to pull, and targets to push', real, async (t) => {
  const repositories = ['base', 'team/app', 'team/other', 'out', 'out/latest'];
  const registry = await distribution(t, { repositories });
  await t.push('base:1', makeImage('linux/amd64'), registry);
  await t.push('team/app:1', makeImage('linux/arm64'), registry);
  const pinned = await t.push('team/other', makeImage('linux/s390x'), registry);
  const run = await t.publish({
    tags: ['out:1', 'out:latest', 'out/latest:1'].map((name) => t.ref(name, registry)).join('\n'),
    sources: [t.ref('base:1', registry), t.ref('team/app:1', registry), pinned].join('\n'),
    'registry-auth': authFor(registry),
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(
    registry.grants.map(({ method, username, scopes, status }) => ({
      method,
      username,
      status,
      scopes: scopes.toSorted(),
    })),
    [
      {
        method: 'GET',
        username: testUser.username,
        status: 200,
        scopes: [
          'repository:base:pull',
          'repository:out/latest:pull,push',
          'repository:out:pull,push',
          'repository:team/app:pull',
          'repository:team/other:pull',
        ],
      },
    ],
  );
  for (const name of ['out:1', 'out:latest', 'out/latest:1'])
    assert.equal((await t.served(name, registry))?.digest, run.outputs['digest']);
});

scenario('a public image is pulled without a login, and pushed elsewhere with one', real, async (t) => {
  const [open, own] = [
    await distribution(t, { repositories: ['base'], anonymous: { base: ['pull'] } }),
    await distribution(t, { repositories: ['app'] }),
  ];
  await t.push('base:1', makeImage('linux/amd64'), open);
  const run = await t.publish({
    tags: t.ref('app:1', own),
    sources: t.ref('base:1', open),
    'registry-auth': authFor(own),
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal((await t.served('app:1', own))?.digest, run.outputs['digest']);
  assert.deepEqual(
    [open, own].map((registry) => registry.grants.map(({ username, scopes }) => ({ username, scopes }))),
    [
      [{ username: undefined, scopes: ['repository:base:pull'] }],
      [{ username: testUser.username, scopes: ['repository:app:pull,push'] }],
    ],
  );
});

scenario('a login that may only pull cannot push: the error names scope and login', real, async (t) => {
  const users = [{ ...testUser, access: { app: ['pull'] } }];
  const registry = await distribution(t, { repositories: ['app'], users });
  await t.push('app:1-amd64', makeImage('linux/amd64'), registry);
  const run = await t.publish({
    tags: t.ref('app:1', registry),
    sources: t.ref('app:1-amd64', registry),
    'registry-auth': authFor(registry),
  });
  assert.equal(run.exitCode, 1);
  assert.match(
    run.stdout,
    /::error title=[^:]+::.*(?:rejected the|denied a) token for repository:app:pull,push.* registry-auth input.*\[DENIED\]/,
  );
  assert.equal(await t.served('app:1', registry), undefined);
});

/** Seven images, and the inputs that make one tag of them. */
async function seven(t: Scenario): Promise<Record<string, string>> {
  const names = platforms.map((platform) => `app:1-${platform.replaceAll('/', '-')}`);
  for (const [index, platform] of platforms.entries()) await t.push(names[index] ?? '', makeImage(platform));
  return {
    tags: t.ref('app:1'),
    sources: names.map((name) => t.ref(name)).join('\n'),
    'registry-auth': t.registryAuth,
  };
}

/** Requests for tokens, in their order, by what came of them. */
function tokenRequests(registry: TestRegistry): unknown[] {
  return registry.wire.filter(({ path }) => path.startsWith('/token')).map(({ outcome }) => outcome);
}

const bearer = (auth: Partial<BearerAuth> = {}) => ({
  registry: { auth: { kind: 'bearer', ...auth } as const },
});

scenario('a token that is revoked between read and write is renewed once', bearer(), async (t) => {
  const inputs = await seven(t);
  t.registry.inject({ fault: 'unauthorized', on: { method: 'PUT' } });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(tokenRequests(t.registry), [200, 200]);
});

scenario(
  'a token that is good for less than its server says',
  bearer({ lifetimeMilliseconds: -1 }),
  async (t) => {
    const run = await publishOne(t, { input: t.registryAuth });
    t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1);
    assert.ok(tokenRequests(t.registry).length <= 2);
  },
);

const silent: BearerAuth['challenge'] = (usual) => [usualChallenge('bearer', { ...usual, error: undefined })];

for (const honours of ['first-scope', 'last-scope'] as const)
  for (const challenge of [undefined, silent]) {
    const errors = challenge === undefined ? 'an error code' : 'no error code';
    const options = bearer({ honours, ...(challenge && { challenge }) });
    scenario(
      `a token server grants the ${honours} of several; the registry sends ${errors}`,
      options,
      async (t) => {
        for (const name of ['one', 'two', 'app'])
          await t.push(`${name}:held`, makeImage('linux/386', { name }));
        await t.push('one:1', makeImage('linux/amd64'));
        await t.push('two:1', makeImage('linux/arm64'));
        const run = await t.publish({
          tags: [t.ref('app:1'), t.ref('other:1')].join('\n'),
          sources: [t.ref('one:1'), t.ref('two:1')].join('\n'),
          'registry-auth': t.registryAuth,
        });
        assert.equal(run.exitCode, 0, run.stdout + run.stderr);
        for (const name of ['app:1', 'other:1'])
          assert.equal((await t.served(name))?.digest, run.outputs['digest']);
        const scopes = t.registry.tokens?.records.map((record) => record.scopes.toSorted().join(' ')) ?? [];
        const [single, several] = [
          scopes.filter((each) => !each.includes(' ')),
          scopes.filter((each) => each.includes(' ')),
        ];
        assert.equal(new Set(single).size, single.length, `asked once for each scope: ${scopes.join('\n')}`);
        assert.ok(several.length <= 3, scopes.join('\n'));
      },
    );
  }

scenario('a token answer without an end is capped', bearer(), async (t) => {
  const inputs = await seven(t);
  t.registry.inject({ fault: 'endless-body', on: { path: /^\/token/, times: 9 } });
  const run = await t.publish(inputs, { manner: 'process' });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /more than 65536 bytes.*token server/);
  assert.ok((run.peakRssBytes ?? 0) < 150 * 1024 * 1024, `${run.peakRssBytes} bytes`);
});

scenario('a registry that wants a wider scope than was asked for gets it', bearer(), async (t) => {
  const inputs = await seven(t);
  const wider = {
    fault: 'insufficient-scope',
    scope: 'repository:app:pull,push repository:shared:pull',
  } as const;
  t.registry.inject({ ...wider, status: 403, on: { path: /\/blobs\// } });
  t.registry.inject({ ...wider, scope: `${wider.scope},push`, on: { method: 'PUT' } });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  const scopes = t.registry.tokens?.records.map((record) => record.scopes.toSorted());
  assert.deepEqual(scopes, [
    ['repository:app:pull,push'],
    ['repository:app:pull,push', 'repository:shared:pull'],
    ['repository:app:pull,push', 'repository:shared:pull,push'],
  ]);
});
