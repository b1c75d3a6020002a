import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRealm } from '../../../src/auth/token-server.ts';
import { ask, authError, basic, rig } from '../../support/rigs/authorizer-rig.ts';

const registries = {
  public: 'https://registry.example',
  plain: 'http://registry.example',
  loopback: 'http://127.0.0.1:5000',
  localhost: 'http://localhost:5000',
  private: 'https://10.0.0.5',
  metadata: 'http://169.254.169.254',
} as const;

type Realms = Partial<Readonly<Record<keyof typeof registries, readonly string[]>>>;

function each(realms: Realms, run: (realm: string, origin: string) => void): void {
  for (const name of Object.keys(realms) as (keyof Realms)[])
    for (const realm of realms[name] ?? []) run(realm, registries[name]);
}

const allowed: Realms = {
  public: [
    ...['https://auth.example/token', 'https://registry.example:8443/token', 'https://11.12.13.14/'],
    ...['https://[2606:4700::1]/', 'https://10.example/', 'https://localhost.example/'],
  ],
  plain: ['http://auth.example/token', 'https://auth.example/token'],
  loopback: [
    ...['http://127.0.0.1:5001/token', 'http://localhost:5001/token', 'http://[::1]:5001/token'],
    'http://192.168.1.1/token',
  ],
  localhost: ['http://127.9.9.9/token'],
  private: ['https://10.0.0.6/token', 'https://192.168.0.1/token'],
};

each(allowed, (realm, origin) => {
  test(`realms: ${origin} may name ${realm}`, () => {
    const owner = { registry: 'r', origin: new URL(origin), allowPrivate: false };
    assert.equal(parseRealm(realm, owner).href, new URL(realm).href);
  });
});

const refused: Realms = {
  public: [
    // Schemes.
    ...['http://auth.example/token', 'http://registry.example/token', 'ftp://auth.example/token'],
    'file:///etc/passwd',
    // Users.
    ...['https://user@auth.example/token', 'https://user:secret@auth.example/token'],
    'https://:secret@auth.example/token',
    // No URLs.
    ...['/token', 'auth.example/token', '', 'https://auth.example/a b', 'https://auth.ex\tample/'],
    ...['https://auth.example/\r\nx: y', 'https://auth.example/\u0000'],
    // Loopback, in all spellings.
    ...['https://127.0.0.1/', 'https://127.1/', 'https://0x7f000001/', 'https://2130706433/'],
    ...['https://0177.0.0.1/', 'https://localhost/', 'https://localhost./', 'https://LOCALHOST:1/'],
    ...['https://a.localhost/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::127.0.0.1]/'],
    ...['https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/'],
    // Private addresses.
    ...['https://10.1.2.3/', 'https://172.31.0.1/', 'https://192.168.0.1/', 'https://100.64.0.1/'],
    ...['https://[::ffff:a00:1]/', 'https://[fd00:ec2::254]/'],
    // Addresses with a special purpose.
    ...['https://0.0.0.0/', 'https://169.254.169.254/latest', 'https://224.0.0.1/', 'https://[::]/'],
    ...['https://255.255.255.255/', 'https://[::ffff:169.254.169.254]/', 'https://[fe80::1]/'],
  ],
  plain: ['file:///etc/passwd', 'http://127.0.0.1/'],
  private: ['https://127.0.0.1/', 'https://169.254.169.254/'],
  loopback: ['http://169.254.169.254/'],
  metadata: ['http://169.254.169.254/token'],
};

each(refused, (realm, origin) => {
  test(`realms: ${origin} may not name ${JSON.stringify(realm)}`, () => {
    const owner = { registry: 'r.example', origin: new URL(origin), allowPrivate: false };
    const isSafe = authError('REALM');
    assert.throws(
      () => parseRealm(realm, owner),
      (error: Error) => isSafe(error) && !/secret|[\u0000-\u001f]/.test(error.message),
    );
  });
});

test('realms: a trusted registry may have its token server anywhere, but not over a weaker scheme', () => {
  const owner = { registry: 'r', origin: new URL(registries.public), allowPrivate: true };
  assert.equal(parseRealm('https://127.0.0.1/', owner).host, '127.0.0.1');
  assert.throws(() => parseRealm('http://127.0.0.1/', owner));
});

test('realms: nothing is sent to a refused one, unless the registry is listed', async () => {
  const challenges = ['Bearer realm="https://10.0.0.1/token"'];
  const strict = rig(basic);
  await assert.rejects(ask(strict, { challenges }), authError('REALM', /registry\.example/));
  assert.equal(strict.requests.length, 0);
  const listed = rig(basic, (name) => name === 'registry.example');
  assert.equal(await ask(listed, { challenges }), 'Bearer t1');
});
