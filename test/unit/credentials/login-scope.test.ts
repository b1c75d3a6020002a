import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createCredentials } from '../../../src/credentials/keychain.ts';
import { listFiles, scopedLogins } from '../../../src/credentials/login-scope.ts';

async function home(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'home-'));
  t.after(() => rm(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return root;
}

const keys: readonly { in: string; out: object | undefined }[] = [
  { in: 'example.com', out: { registry: 'example.com' } },
  { in: 'registry-1.docker.io/a/b', out: { registry: 'docker.io', repository: 'a/b' } },
  {
    in: 'example.com:5000/x@push,pull',
    out: { registry: 'example.com:5000', repository: 'x', actions: ['push', 'pull'] },
  },
  { in: 'example.com@push', out: { registry: 'example.com', actions: ['push'] } },
  { in: 'example.com/@push', out: { registry: 'example.com', actions: ['push'] } },
  { in: 'example.com/a/b@', out: { registry: 'example.com', repository: 'a/b' } },
  { in: 'example.com/a@fly', out: undefined },
  { in: '@push', out: undefined },
];

for (const row of keys) {
  test(`scoped logins: the directory ${row.in}`, () => {
    const out = row.out === undefined ? [] : [{ ...row.out, path: `/b/${row.in}/config.json` }];
    assert.deepEqual(scopedLogins('/b', [`${row.in}/config.json`]), out);
  });
}

test('scoped logins: other files are none', () => {
  assert.deepEqual(
    scopedLogins('/b', ['config.json', 'example.com/other.json', 'example.com/config.json.bak']),
    [],
  );
});

test('scoped logins: files are found at any depth, and a missing directory has none', async (t) => {
  const root = await home(t, { 'a/config.json': '', 'a/b/c/config.json': '' });
  assert.deepEqual([...(await listFiles(root))].sort(), ['a/b/c/config.json', 'a/config.json']);
  assert.deepEqual(await listFiles(join(root, 'missing')), []);
});

const observer = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warning: (): void => undefined,
  secret: (): void => undefined,
};

test('credentials: are found in real files and from a real helper', async (t) => {
  const root = await home(t, {
    '.docker/config.json': '{"credHelpers":{"r.example":"real"}}',
    '.docker/buildx/config/ghcr.io/acme/app@push/config.json': '{"auths":{"ghcr.io":{"auth":"dTpw"}}}',
    'bin/docker-credential-real':
      '#!/bin/sh\ntest "$(cat)" = r.example && echo \'{"Username":"u","Secret":"p"}\'\n',
  });
  await chmod(join(root, 'bin/docker-credential-real'), 0o755);
  const environment = { PATH: `${join(root, 'bin')}:${process.env['PATH']}` };
  const credentials = createCredentials({ registryAuth: [], environment, home: root, observer });
  const helped = await credentials.find('r.example');
  assert.deepEqual(helped, { kind: 'basic', username: 'u', password: 'p', source: 'docker-credential-real' });
  assert.match((await credentials.find('ghcr.io', 'acme/app')).source, /app@push\/config\.json$/);
  assert.equal((await credentials.find('ghcr.io', 'acme/other')).kind, 'anonymous');
  assert.deepEqual(await credentials.headers('own.example'), {});
});

test('credentials: a configuration that cannot be read is named', async (t) => {
  const root = await home(t, { '.docker/config.json/file': '' });
  const credentials = createCredentials({ registryAuth: [], environment: {}, home: root, observer });
  await assert.rejects(credentials.find('r.example'), {
    code: 'DOCKER_CONFIG',
    message: /config\.json cannot be read \(EISDIR\)/,
  });
});
