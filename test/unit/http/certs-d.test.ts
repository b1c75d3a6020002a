import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findTlsFiles, type TlsFiles } from '../../../src/http/certs-d.ts';
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

const table: readonly { name: string; host: string; files: readonly string[]; out: TlsFiles | undefined }[] =
  [
    { name: 'no directory', host: 'r.example', files: [], out: undefined },
    {
      name: 'an empty host directory',
      host: 'r.example',
      files: ['etc/r.example/readme.txt'],
      out: undefined,
    },
    {
      name: 'a CA',
      host: 'r.example',
      files: ['etc/r.example/ca.crt'],
      out: { ca: ['etc/r.example/ca.crt'] },
    },
    {
      name: 'the host with its port only',
      host: 'r.example:5000',
      files: ['etc/r.example/ca.crt', 'etc/r.example:5000/ca.crt'],
      out: { ca: ['etc/r.example:5000/ca.crt'] },
    },
    {
      name: 'CAs of both directories, in order',
      host: 'r.example',
      files: ['home/r.example/a.crt', 'etc/r.example/b.crt', 'etc/r.example/a.crt'],
      out: { ca: ['etc/r.example/a.crt', 'etc/r.example/b.crt', 'home/r.example/a.crt'] },
    },
    {
      name: 'a client certificate',
      host: 'r.example',
      files: [
        'home/r.example/client.cert',
        'home/r.example/client.key',
        'home/r.example/z.cert',
        'home/r.example/z.key',
      ],
      out: { ca: [], certificate: { cert: 'home/r.example/client.cert', key: 'home/r.example/client.key' } },
    },
    { name: 'a host that is a path', host: '../r.example', files: ['r.example/ca.crt'], out: undefined },
    { name: 'a host that is the parent', host: '..', files: ['etc/ca.crt'], out: undefined },
    {
      name: 'an IPv6 host',
      host: '[::1]:5000',
      files: ['etc/[::1]:5000/ca.crt'],
      out: { ca: ['etc/[::1]:5000/ca.crt'] },
    },
  ];

for (const row of table) {
  test(`certs.d: ${row.name}`, async (t) => {
    assert.deepEqual(await findTlsFiles(row.host, await directories(t, row.files)), row.out);
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

test('certs.d: a file that cannot be read is named', async (t) => {
  const places = await directories(t, []);
  const path = join(places[0], 'certs.d', 'r.example', 'ca.crt');
  await mkdir(path, { recursive: true });
  await assert.rejects(findTlsFiles('r.example', places), {
    code: 'TLS_FILES',
    message: /ca\.crt cannot be read \(EISDIR\)/,
  });
});
