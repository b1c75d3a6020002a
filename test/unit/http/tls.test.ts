import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tlsSettings } from '../../../src/http/tls.ts';
import { serverTls } from '../../support/tls/tls.ts';

const cases: readonly {
  name: string;
  in: readonly [insecure: readonly string[], origin: string];
  out: boolean;
}[] = [
  { name: 'a registry that is not listed', in: [[], 'https://reg.example'], out: true },
  { name: 'a listed registry', in: [['reg.example'], 'https://reg.example'], out: false },
  {
    name: 'a listed registry with a port',
    in: [['reg.example:5000'], 'https://reg.example:5000'],
    out: false,
  },
  {
    name: 'a listed registry with the port that https has',
    in: [['reg.example:443'], 'https://reg.example'],
    out: false,
  },
  { name: 'another port', in: [['reg.example:5000'], 'https://reg.example:5001'], out: true },
  { name: 'no port beside one', in: [['reg.example:5000'], 'https://reg.example'], out: true },
  { name: 'a subdomain', in: [['reg.example'], 'https://evil.reg.example'], out: true },
  { name: 'a host that ends alike', in: [['reg.example'], 'https://evilreg.example'], out: true },
  { name: 'an IPv6 address', in: [['[::1]:5000'], 'https://[::1]:5000'], out: false },
];

for (const { name, in: input, out } of cases) {
  test(`${name}: the certificate is ${out ? '' : 'not '}verified`, async () => {
    const [insecure, origin] = input;
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
