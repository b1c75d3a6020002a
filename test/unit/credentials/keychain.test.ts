import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import { basicPair } from '../../../src/http/message.ts';
import { auth, buildx, config, line, rig, type World } from '../../support/rigs/keychain-rig.ts';

const everything = {
  registryAuth: [{ registry: 'ghcr.io', username: 'input', password: '1' }],
  environment: {
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'ghcr.io': auth('variable:2') } }),
    GITHUB_ACTOR: 'octocat',
  },
  files: {
    [`${buildx}ghcr.io/config.json`]: { auths: { 'ghcr.io': auth('scoped:3') } },
    [config]: {
      credHelpers: { 'ghcr.io': 'own' },
      credsStore: 'store',
      auths: { 'ghcr.io': auth('file:6') },
    },
  },
  helpers: {
    own: { 'ghcr.io': { username: 'own', secret: '4' } },
    store: { 'ghcr.io': { username: 'store', secret: '5' } },
  },
  githubToken: '7',
} satisfies World;
const { environment, files, helpers, registryAuth, ...token } = everything;
const file = { [config]: files[config] ?? '' };

const order: readonly (readonly [name: string, world: World, out: string])[] = [
  ['registry-auth', everything, 'input:1 (registry-auth input)'],
  ['DOCKER_AUTH_CONFIG', { ...token, environment, files, helpers }, 'variable:2 (DOCKER_AUTH_CONFIG)'],
  ['buildx scoped logins', { ...token, files, helpers }, `scoped:3 (${buildx}ghcr.io/config.json)`],
  ['credHelpers', { ...token, files: file, helpers }, 'own:4 (docker-credential-own)'],
  [
    'credsStore',
    { ...token, files: file, helpers: { ...helpers, own: {} } },
    'store:5 (docker-credential-store)',
  ],
  ['auths', { ...token, files: file, helpers: { own: {}, store: {} } }, `file:6 (${config})`],
  ['the GitHub token', { ...token, environment: { GITHUB_ACTOR: 'octocat' } }, 'octocat:7 (GITHUB_TOKEN)'],
  ['the GitHub token without an actor', token, 'x-access-token:7 (GITHUB_TOKEN)'],
  ['no login', {}, 'anonymous'],
];

for (const [name, world, out] of order) {
  test(`credentials: for ghcr.io, ${name}`, async () => {
    assert.equal(line(await rig(world).credentials.find('ghcr.io', 'acme/app')), out);
  });
}

const keys = [
  ...['ghcr.io', 'ghcr.io@push', 'ghcr.io/acme/app', 'ghcr.io/acme/app@push,pull'],
  ...['ghcr.io/acme/app@delete', 'registry-1.docker.io/acme/app'],
];
const scoped = keys.map((key) => [
  `${buildx}${key}/config.json`,
  { auths: { 'ghcr.io': auth(`${key}:p`), 'https://index.docker.io/v1/': auth(`${key}:p`) } },
]);
const buildxLogins: World = {
  files: {
    ...Object.fromEntries(scoped),
    [config]: { auths: { 'https://index.docker.io/v1/': auth('file:p') } },
  },
};
const ghcrLogin = { registry: 'ghcr.io', password: 'p' };
const inputLogins: World = {
  registryAuth: [
    { ...ghcrLogin, username: 'all' },
    { ...ghcrLogin, username: 'app', repository: 'acme/app', actions: ['push'] },
  ],
};

/** `out`: the user name. */
const scopes: readonly (readonly [world: World, wanted: Parameters<Credentials['find']>, out: string])[] = [
  [buildxLogins, ['ghcr.io', 'acme/app'], 'ghcr.io/acme/app@push,pull'],
  [buildxLogins, ['ghcr.io', 'acme/app', ['pull']], 'ghcr.io/acme/app'],
  [buildxLogins, ['ghcr.io', 'acme/app', ['delete']], 'ghcr.io/acme/app@delete'],
  [buildxLogins, ['ghcr.io', 'acme/other'], 'ghcr.io@push'],
  [buildxLogins, ['ghcr.io', 'acme/other', ['pull']], 'ghcr.io'],
  [buildxLogins, ['ghcr.io', 'acme'], 'ghcr.io@push'],
  [buildxLogins, ['docker.io', 'acme/app'], 'registry-1.docker.io/acme/app'],
  [buildxLogins, ['docker.io', 'acme/other'], 'file'],
  [buildxLogins, ['quay.io', 'acme/app'], 'anonymous'],
  [inputLogins, ['ghcr.io', 'acme/app'], 'app'],
  [inputLogins, ['ghcr.io', 'acme/app', ['pull']], 'all'],
  [inputLogins, ['ghcr.io', 'acme/other'], 'all'],
];

for (const [world, wanted, out] of scopes) {
  const place = world === inputLogins ? 'registry-auth' : "docker buildx's configuration";
  test(`credentials: the login for ${wanted.join(' ')} in ${place}`, async () => {
    const credential = await rig(world).credentials.find(...wanted);
    assert.equal('username' in credential ? credential.username : credential.kind, out);
  });
}

test('credentials: directories come from DOCKER_CONFIG and BUILDX_CONFIG', async () => {
  const { credentials, reads } = rig({ environment: { DOCKER_CONFIG: '/d', BUILDX_CONFIG: '/b' } });
  await credentials.find('r.example');
  assert.deepEqual(reads, ['/b/config', '/d/config.json']);
});

test('credentials: nothing is read or asked before it is needed, and then once', async () => {
  const r = rig(everything);
  assert.deepEqual([r.reads, r.asked], [[], []]);
  await r.credentials.find('ghcr.io');
  assert.deepEqual([r.reads, r.asked], [[], []]);
  const other = rig({ files: { [config]: { credsStore: 'store' } }, helpers: { store: {} } });
  const found = await Promise.all(['a', 'b', 'c'].map((name) => other.credentials.find('r.example', name)));
  assert.deepEqual(other.asked, ['store r.example']);
  assert.deepEqual(other.reads, [buildx.slice(0, -1), config]);
  assert.ok(found.every((each) => each === found[0]));
});

test('credentials: the same login is the same object', async () => {
  const { credentials } = rig({ files: { [config]: { auths: { 'r.example': auth('a:b') } } } });
  assert.equal(await credentials.find('r.example', 'a'), await credentials.find('r.example', 'b'));
});

test("credentials: a helper's answer is asked for again when cloud tokens may have run out", async () => {
  const r = rig({
    files: { [config]: { credsStore: 's' } },
    helpers: { s: { 'r.example': { username: 'u', secret: 'p' } } },
  });
  const first = await r.credentials.find('r.example');
  r.clock = 280_000;
  assert.equal(await r.credentials.find('r.example'), first);
  r.clock = 300_000;
  assert.notEqual(await r.credentials.find('r.example'), first);
  assert.equal(r.asked.length, 2);
});

test("credentials: a helper's user <token> means an identity token", async () => {
  const { credentials, secrets } = rig({
    files: { [config]: { credHelpers: { 'r.example': 's' } } },
    helpers: { s: { 'r.example': { username: '<token>', secret: 'refresh' } } },
  });
  assert.equal(line(await credentials.find('r.example')), 'identity-token refresh (docker-credential-s)');
  assert.ok(secrets.includes('refresh'));
});

test('credentials: a broken helper fails its own host only', async () => {
  const content = { credHelpers: { 'r.example': 'gone' }, auths: { 'other.example': auth('a:b') } };
  const { credentials } = rig({ files: { [config]: content } });
  await assert.rejects(credentials.find('r.example'), { code: 'CREDENTIAL_HELPER' });
  await assert.rejects(credentials.find('r.example'), { code: 'CREDENTIAL_HELPER' });
  assert.match(line(await credentials.find('other.example')), /^a:b/);
});

test('credentials: every secret is masked before it is handed out', async () => {
  const file = {
    auths: {
      'a.example': auth('user:auth-password'),
      'b.example': { identitytoken: 'identity-token' },
      'c.example': { registrytoken: 'registry-token' },
      'd.example': { username: 'user', password: 'plain-password' },
    },
    credHelpers: { 'e.example': 's' },
  };
  const r = rig({
    registryAuth: [{ registry: 'f.example', username: 'user', password: 'input-password' }],
    files: { [config]: file },
    helpers: { s: { 'e.example': { username: 'user', secret: 'helper-password' } } },
    githubToken: 'github-token',
  });
  for (const host of ['a', 'b', 'c', 'd', 'e', 'f']) await r.credentials.find(`${host}.example`);
  for (const password of ['auth-password', 'plain-password', 'input-password', 'helper-password']) {
    assert.ok(r.secrets.includes(password) && r.secrets.includes(basicPair('user', password)), password);
    assert.ok(r.secrets.includes(Buffer.from(password, 'utf8').toString('base64')), password);
  }
  for (const token of ['identity-token', 'registry-token', 'github-token'])
    assert.ok(r.secrets.includes(token), token);
  assert.ok(!r.secrets.includes(''));
});

const login = { 'r.example': auth('a:b') };
const given = { username: 'a', password: 'b' };

const mayFind: readonly (readonly [name: string, world: World, out: boolean])[] = [
  ['nothing', {}, false],
  ['the input', { registryAuth: [{ registry: 'r.example', ...given }] }, true],
  ["another registry's input", { registryAuth: [{ registry: 'other.example', ...given }] }, false],
  ['the variable', { environment: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: login }) } }, true],
  ['config.json', { files: { [config]: { auths: login } } }, true],
  ['an empty entry', { files: { [config]: { auths: { 'r.example': {} } } } }, false],
  ['a helper', { files: { [config]: { credHelpers: { 'r.example': 'h' } } } }, true],
  ['a store', { files: { [config]: { credsStore: 'h' } } }, true],
  [
    'a store that is switched off',
    { files: { [config]: { credsStore: 'h', credHelpers: { 'r.example': '' } } } },
    false,
  ],
  [
    "buildx's login of a repository",
    { files: { [`${buildx}r.example/app/config.json`]: { auths: login } } },
    true,
  ],
  ["the job's token", { githubToken: 't' }, false],
  ['a broken config.json', { files: { [config]: '{' } }, false],
];

for (const [name, world, out] of mayFind) {
  test(`credentials: with ${name}, a login ${out ? 'may' : 'cannot'} be found; no helper is asked`, async () => {
    const { credentials, asked } = rig(world);
    assert.equal(await credentials.mayFind('r.example', 'app'), out);
    assert.deepEqual(asked, []);
  });
}

test("credentials: the job's token may be found for ghcr.io", async () => {
  assert.equal(await rig({ githubToken: 't' }).credentials.mayFind('ghcr.io', 'app'), true);
});

const servers: readonly { readonly server: string; readonly registry: string }[] = [
  { server: '', registry: 'ghcr.io' },
  { server: 'https://github.com', registry: 'ghcr.io' },
  { server: 'https://github.example', registry: 'containers.github.example' },
  { server: 'https://acme.ghe.com', registry: 'containers.acme.ghe.com' },
];

for (const { server, registry } of servers) {
  test(`credentials: the GitHub token of ${server} is for ${registry} only`, async () => {
    const { credentials } = rig({ githubToken: '7', environment: { GITHUB_SERVER_URL: server } });
    for (const name of ['ghcr.io', 'containers.github.example', 'containers.acme.ghe.com']) {
      const out = name === registry ? 'x-access-token:7 (GITHUB_TOKEN)' : 'anonymous';
      assert.equal(line(await credentials.find(name, 'acme/app')), out);
      assert.equal(await credentials.mayFind(name, 'acme/app'), name === registry);
    }
  });
}
