import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import { basicPair } from '../../../src/http/authorization.ts';
import { auth, buildx, config, line, rig, type World } from '../../support/rigs/keychain-rig.ts';

const everything: World = {
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
};
const files = everything.files ?? {};
const noHelp = { own: {}, store: {} };

const order: readonly { name: string; in: World; out: string }[] = [
  { name: 'registry-auth', in: everything, out: 'input:1 (registry-auth input)' },
  {
    name: 'DOCKER_AUTH_CONFIG',
    in: { ...everything, registryAuth: [] },
    out: 'variable:2 (DOCKER_AUTH_CONFIG)',
  },
  {
    name: 'buildx scoped logins',
    in: { ...everything, registryAuth: [], environment: {} },
    out: `scoped:3 (${buildx}ghcr.io/config.json)`,
  },
  {
    name: 'credHelpers',
    in: { ...everything, registryAuth: [], environment: {}, files: { [config]: files[config] ?? '' } },
    out: 'own:4 (docker-credential-own)',
  },
  {
    name: 'credsStore',
    in: { helpers: { ...everything.helpers, own: {} }, files: { [config]: files[config] ?? '' } },
    out: 'store:5 (docker-credential-store)',
  },
  {
    name: 'auths',
    in: { helpers: noHelp, files: { [config]: files[config] ?? '' } },
    out: `file:6 (${config})`,
  },
  {
    name: 'the GitHub token',
    in: { githubToken: '7', environment: { GITHUB_ACTOR: 'octocat' } },
    out: 'octocat:7 (GITHUB_TOKEN)',
  },
  {
    name: 'the GitHub token without an actor',
    in: { githubToken: '7' },
    out: 'x-access-token:7 (GITHUB_TOKEN)',
  },
  { name: 'no login', in: {}, out: 'anonymous' },
];

for (const row of order) {
  test(`credentials: for ghcr.io, ${row.name}`, async () => {
    assert.equal(line(await rig(row.in).credentials.find('ghcr.io', 'acme/app')), row.out);
  });
}

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

const scoped = Object.fromEntries(
  [
    'ghcr.io',
    'ghcr.io@push',
    'ghcr.io/acme/app',
    'ghcr.io/acme/app@push,pull',
    'ghcr.io/acme/app@delete',
    'registry-1.docker.io/acme/app',
  ].map((key) => [
    `${buildx}${key}/config.json`,
    { auths: { 'ghcr.io': auth(`${key}:p`), 'https://index.docker.io/v1/': auth(`${key}:p`) } },
  ]),
);

const scopes: readonly { in: Parameters<Credentials['find']>; out: string }[] = [
  { in: ['ghcr.io', 'acme/app'], out: 'ghcr.io/acme/app@push,pull' },
  { in: ['ghcr.io', 'acme/app', ['pull']], out: 'ghcr.io/acme/app' },
  { in: ['ghcr.io', 'acme/app', ['delete']], out: 'ghcr.io/acme/app@delete' },
  { in: ['ghcr.io', 'acme/other'], out: 'ghcr.io@push' },
  { in: ['ghcr.io', 'acme/other', ['pull']], out: 'ghcr.io' },
  { in: ['ghcr.io', 'acme'], out: 'ghcr.io@push' },
  { in: ['docker.io', 'acme/app'], out: 'registry-1.docker.io/acme/app' },
  { in: ['docker.io', 'acme/other'], out: 'file' },
  { in: ['quay.io', 'acme/app'], out: 'anonymous' },
];

for (const row of scopes) {
  test(`credentials: logins of buildx, ${row.in.join(' ')}`, async () => {
    const hub = { auths: { 'https://index.docker.io/v1/': auth('file:p') } };
    const { credentials } = rig({ files: { ...scoped, [config]: hub } });
    const credential = await credentials.find(...row.in);
    assert.equal('username' in credential ? credential.username : credential.kind, row.out);
  });
}

test('credentials: registry-auth entries may be for a single repository', async () => {
  const common = { registry: 'ghcr.io', password: 'p' };
  const { credentials } = rig({
    registryAuth: [
      { ...common, username: 'all' },
      { ...common, username: 'app', repository: 'acme/app', actions: ['push'] },
    ],
  });
  const user = async (...wanted: Parameters<Credentials['find']>): Promise<string> =>
    line(await credentials.find(...wanted));
  assert.match(await user('ghcr.io', 'acme/app'), /^app:/);
  assert.match(await user('ghcr.io', 'acme/app', ['pull']), /^all:/);
  assert.match(await user('ghcr.io', 'acme/other'), /^all:/);
});

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
  const file = { credHelpers: { 'r.example': 'gone' }, auths: { 'other.example': auth('a:b') } };
  const { credentials } = rig({ files: { [config]: file } });
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
  }
  for (const token of ['identity-token', 'registry-token', 'github-token'])
    assert.ok(r.secrets.includes(token), token);
  assert.ok(!r.secrets.includes(''));
});

const mayFind: readonly { readonly name: string; readonly in: World; readonly out: boolean }[] = [
  { name: 'nothing', in: {}, out: false },
  {
    name: 'the input',
    in: { registryAuth: [{ registry: 'r.example', username: 'a', password: 'b' }] },
    out: true,
  },
  {
    name: "another registry's input",
    in: { registryAuth: [{ registry: 'other.example', username: 'a', password: 'b' }] },
    out: false,
  },
  {
    name: 'the variable',
    in: { environment: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'r.example': auth('a:b') } }) } },
    out: true,
  },
  { name: 'config.json', in: { files: { [config]: { auths: { 'r.example': auth('a:b') } } } }, out: true },
  { name: 'an empty entry', in: { files: { [config]: { auths: { 'r.example': {} } } } }, out: false },
  { name: 'a helper', in: { files: { [config]: { credHelpers: { 'r.example': 'h' } } } }, out: true },
  { name: 'a store', in: { files: { [config]: { credsStore: 'h' } } }, out: true },
  {
    name: 'a store that is switched off',
    in: { files: { [config]: { credsStore: 'h', credHelpers: { 'r.example': '' } } } },
    out: false,
  },
  {
    name: "buildx's login of a repository",
    in: { files: { [`${buildx}r.example/app/config.json`]: { auths: { 'r.example': auth('a:b') } } } },
    out: true,
  },
  { name: "the job's token", in: { githubToken: 't' }, out: false },
  { name: 'a broken config.json', in: { files: { [config]: '{' } }, out: false },
];

for (const { name, in: world, out } of mayFind) {
  test(`credentials: whether a login may be found, with ${name}; no helper is asked`, async () => {
    const { credentials, asked } = rig(world);
    assert.equal(await credentials.mayFind('r.example', 'app'), out);
    assert.deepEqual(asked, []);
  });
}

test("credentials: the job's token may be found for ghcr.io", async () => {
  assert.equal(await rig({ githubToken: 't' }).credentials.mayFind('ghcr.io', 'app'), true);
});
