import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findTlsFiles, type TlsFiles } from '../../../src/http/tls.ts';
import { ActionError } from '../../../src/run/errors.ts';

async function directories(t: TestContext, files: readonly string[]): Promise<[string, string]> {
  const root = await mkdtemp(join(tmpdir(), 'certs-'));
  t.after(() => rm(root, { recursive: true }));
  for (const file of files) {
    const path = join(root, file.replace('/', '/certs.d/'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file);
  }
  return [join(root, 'etc'), join(root, 'home')];
}

const table: readonly (readonly [name: string, host: string, files: readonly string[], out?: TlsFiles])[] = [
  ['no directory', 'r.example', []],
  ['an empty host directory', 'r.example', ['etc/r.example/readme.txt']],
  ['a CA', 'r.example', ['etc/r.example/ca.crt'], { ca: ['etc/r.example/ca.crt'] }],
  [
    'the host with its port only',
    'r.example:5000',
    ['etc/r.example/ca.crt', 'etc/r.example:5000/ca.crt'],
    { ca: ['etc/r.example:5000/ca.crt'] },
  ],
  [
    'CAs of both directories, in order',
    'r.example',
    ['home/r.example/a.crt', 'etc/r.example/b.crt', 'etc/r.example/a.crt'],
    { ca: ['etc/r.example/a.crt', 'etc/r.example/b.crt', 'home/r.example/a.crt'] },
  ],
  [
    'a client certificate',
    'r.example',
    [
      'home/r.example/client.cert',
      'home/r.example/client.key',
      'home/r.example/z.cert',
      'home/r.example/z.key',
    ],
    { ca: [], certificate: { cert: 'home/r.example/client.cert', key: 'home/r.example/client.key' } },
  ],
  ['a host that is a path', '../r.example', ['r.example/ca.crt']],
  ['a host that is the parent', '..', ['etc/ca.crt']],
  ['an IPv6 host', '[::1]:5000', ['etc/[::1]:5000/ca.crt'], { ca: ['etc/[::1]:5000/ca.crt'] }],
];

for (const [name, host, files, out] of table) {
  test(`certs.d: ${name}`, async (t) => {
    assert.deepEqual(await findTlsFiles(host, await directories(t, files)), out);
  });
}

for (const [file, other] of [
  ['client.cert', 'client.key'],
  ['client.key', 'client.cert'],
] as const) {
  test(`certs.d: ${file} without ${other} is named`, async (t) => {
    const places = await directories(t, [`etc/r.example/${file}`]);
    await assert.rejects(findTlsFiles('r.example', places), (error: unknown) => {
      assert.ok(error instanceof ActionError);
      assert.equal(error.code, 'TLS_FILES');
      assert.ok(error.message.includes(join('certs.d', 'r.example', file)) && error.message.includes(other));
      return true;
    });
  });
}

test('certs.d: a file of more than 4 MiB is not read whole', async (t) => {
  const places = await directories(t, ['etc/r.example/ca.crt']);
  await truncate(join(places[0], 'certs.d', 'r.example', 'ca.crt'), 4 * 1024 * 1024 + 1);
  await assert.rejects(findTlsFiles('r.example', places), {
    code: 'TLS_FILES',
    message: /ca\.crt cannot be read \(more than 4 MiB\)/,
  });
});

test('certs.d: a file that cannot be read is named', async (t) => {
  const places = await directories(t, []);
  const path = join(places[0], 'certs.d', 'r.example', 'ca.crt');
  await mkdir(path, { recursive: true });
  await assert.rejects(findTlsFiles('r.example', places), {
    code: 'TLS_FILES',
    message: /ca\.crt cannot be read \(EISDIR\)/,
  });
});
