import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tlsSettings } from '../../../src/http/tls.ts';
import { serverTls } from '../../support/tls/tls.ts';

const cases: readonly (readonly [
  name: string,
  input: readonly [insecure: readonly string[], origin: string],
  out: boolean,
])[] = [
  ['a registry that is not listed', [[], 'https://reg.example'], true],
  ['a listed registry', [['reg.example'], 'https://reg.example'], false],
  ['a listed registry with a port', [['reg.example:5000'], 'https://reg.example:5000'], false],
  ['a listed registry with the port that https has', [['reg.example:443'], 'https://reg.example'], false],
  ['another port', [['reg.example:5000'], 'https://reg.example:5001'], true],
  ['no port beside one', [['reg.example:5000'], 'https://reg.example'], true],
  ['a subdomain', [['reg.example'], 'https://evil.reg.example'], true],
  ['a host that ends alike', [['reg.example'], 'https://evilreg.example'], true],
  ['an IPv6 address', [['[::1]:5000'], 'https://[::1]:5000'], false],
];

for (const [name, [insecure, origin], out] of cases) {
  test(`${name}: the certificate is ${out ? '' : 'not '}verified`, async () => {
    const tls = tlsSettings([], new Set(insecure));
    const { rejectUnauthorized, secureContext } = await tls(new URL(origin), 'standard');
    assert.deepEqual([rejectUnauthorized, secureContext], [out, undefined]);
  });
}

test('a host’s certs.d is read for that host alone, and the system’s authorities only when asked for', async (t) => {
  const config = await mkdtemp(join(tmpdir(), 'tls-'));
  t.after(() => rm(config, { recursive: true, force: true }));
  const directory = join(config, 'certs.d', 'reg.example:5000');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'ca.crt'), serverTls().ca);
  const tls = tlsSettings(['/nowhere', config], new Set());
  assert.notEqual((await tls(new URL('https://reg.example:5000'), 'standard')).secureContext, undefined);
  assert.equal((await tls(new URL('https://reg.example'), 'standard')).secureContext, undefined);
  assert.notEqual((await tls(new URL('https://reg.example'), 'system')).secureContext, undefined);
  const behind = await tls(new URL('https://storage.example'), 'standard', 'reg.example:5000');
  assert.notEqual(behind.secureContext, undefined);
  const other = await tls(new URL('https://storage.example'), 'standard', 'reg.example');
  assert.equal(other.secureContext, undefined);
});
