import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { OrderedCredentials } from '../../../src/credentials/keychain.ts';
import { listFiles, scopedLogins } from '../../../src/credentials/login-scope.ts';

/** A home directory with empty files. */
async function home(t: TestContext, ...files: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'home-'));
  t.after(() => rm(root, { recursive: true }));
  for (const path of files.map((name) => join(root, name))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  return root;
}

const keys: readonly (readonly [directory: string, out: object | undefined])[] = [
  ['example.com', { registry: 'example.com' }],
  ['registry-1.docker.io/a/b', { registry: 'docker.io', repository: 'a/b' }],
  [
    'example.com:5000/x@push,pull',
    { registry: 'example.com:5000', repository: 'x', actions: ['push', 'pull'] },
  ],
  ['example.com@push', { registry: 'example.com', actions: ['push'] }],
  ['example.com/@push', { registry: 'example.com', actions: ['push'] }],
  ['example.com/a/b@', { registry: 'example.com', repository: 'a/b' }],
  ['example.com/a@fly', undefined],
  ['@push', undefined],
];

for (const [directory, out] of keys) {
  test(`scoped logins: the directory ${directory}`, () => {
    const login = out && { ...out, path: `/b/${directory}/config.json` };
    assert.deepEqual(scopedLogins('/b', [`${directory}/config.json`]), [login ?? []].flat());
  });
}

test('scoped logins: other files are ignored', () => {
  const files = ['config.json', 'example.com/other.json', 'example.com/config.json.bak'];
  assert.deepEqual(scopedLogins('/b', files), []);
});

test('scoped logins: files are found at any depth, and a missing directory has no files', async (t) => {
  const root = await home(t, 'a/config.json', 'a/b/c/config.json');
  assert.deepEqual([...(await listFiles(root))].sort(), ['a/b/c/config.json', 'a/config.json']);
  assert.deepEqual(await listFiles(join(root, 'missing')), []);
});

const ignore = (): void => undefined;
const observer = { debug: ignore, info: ignore, warning: ignore, secret: ignore };

test('credentials: an error names a configuration that cannot be read', async (t) => {
  const root = await home(t, '.docker/config.json/file');
  const credentials = new OrderedCredentials({ registryAuth: [], environment: {}, home: root, observer });
  await assert.rejects(credentials.find('r.example'), {
    code: 'DOCKER_CONFIG',
    message: /config\.json cannot be read \(EISDIR\)/,
  });
});
