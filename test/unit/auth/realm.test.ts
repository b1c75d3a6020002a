import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRealm } from '../../../src/auth/token-server.ts';
import { AuthError } from '../../../src/run/errors.ts';
import { ask, authError, basic, rig } from '../../support/rigs/authorizer-rig.ts';

const hosts = {
  public: 'https://registry.example',
  plain: 'http://registry.example',
  loopback: 'http://127.0.0.1:5000',
  localhost: 'http://localhost:5000',
  private: 'https://10.0.0.5',
  metadata: 'http://169.254.169.254',
} as const;

const allowed: readonly (readonly [registry: keyof typeof hosts, realm: string])[] = [
  ['public', 'https://auth.example/token'],
  ['public', 'https://registry.example:8443/token'],
  ['public', 'https://11.12.13.14/'],
  ['public', 'https://[2606:4700::1]/'],
  ['public', 'https://10.example/'],
  ['public', 'https://localhost.example/'],
  ['plain', 'http://auth.example/token'],
  ['plain', 'https://auth.example/token'],
  ['loopback', 'http://127.0.0.1:5001/token'],
  ['loopback', 'http://localhost:5001/token'],
  ['loopback', 'http://[::1]:5001/token'],
  ['loopback', 'http://192.168.1.1/token'],
  ['localhost', 'http://127.9.9.9/token'],
  ['private', 'https://10.0.0.6/token'],
  ['private', 'https://192.168.0.1/token'],
];

for (const [registry, realm] of allowed) {
  test(`realms: ${hosts[registry]} may name ${realm}`, () => {
    const owner = { registry: 'r', origin: new URL(hosts[registry]), allowPrivate: false };
    assert.equal(parseRealm(realm, owner).href, new URL(realm).href);
  });
}

const refused: readonly (readonly [registry: keyof typeof hosts, realm: string])[] = [
  ['public', 'http://auth.example/token'],
  ['public', 'http://registry.example/token'],
  ['public', 'ftp://auth.example/token'],
  ['public', 'file:///etc/passwd'],
  ['plain', 'file:///etc/passwd'],
  ['public', 'https://user@auth.example/token'],
  ['public', 'https://user:secret@auth.example/token'],
  ['public', 'https://:secret@auth.example/token'],
  ['public', '/token'],
  ['public', 'auth.example/token'],
  ['public', ''],
  ['public', 'https://auth.example/a b'],
  ['public', 'https://auth.ex\tample/'],
  ['public', 'https://auth.example/\r\nx: y'],
  ['public', 'https://auth.example/\u0000'],
  ['public', 'https://127.0.0.1/'],
  ['public', 'https://127.1/'],
  ['public', 'https://0x7f000001/'],
  ['public', 'https://2130706433/'],
  ['public', 'https://0177.0.0.1/'],
  ['public', 'https://localhost/'],
  ['public', 'https://localhost./'],
  ['public', 'https://LOCALHOST:1/'],
  ['public', 'https://a.localhost/'],
  ['public', 'https://0.0.0.0/'],
  ['public', 'https://10.1.2.3/'],
  ['public', 'https://172.31.0.1/'],
  ['public', 'https://192.168.0.1/'],
  ['public', 'https://100.64.0.1/'],
  ['public', 'https://169.254.169.254/latest'],
  ['public', 'https://224.0.0.1/'],
  ['public', 'https://255.255.255.255/'],
  ['public', 'https://[::1]/'],
  ['public', 'https://[::]/'],
  ['public', 'https://[::ffff:127.0.0.1]/'],
  ['public', 'https://[::ffff:a00:1]/'],
  ['public', 'https://[::ffff:169.254.169.254]/'],
  ['public', 'https://[::127.0.0.1]/'],
  ['public', 'https://[64:ff9b::7f00:1]/'],
  ['public', 'https://[2002:7f00:1::]/'],
  ['public', 'https://[fe80::1]/'],
  ['public', 'https://[fd00:ec2::254]/'],
  ['private', 'https://127.0.0.1/'],
  ['private', 'https://169.254.169.254/'],
  ['loopback', 'http://169.254.169.254/'],
  ['metadata', 'http://169.254.169.254/token'],
  ['plain', 'http://127.0.0.1/'],
];

for (const [registry, realm] of refused) {
  test(`realms: ${hosts[registry]} may not name ${JSON.stringify(realm)}`, () => {
    const owner = { registry: 'r.example', origin: new URL(hosts[registry]), allowPrivate: false };
    assert.throws(
      () => parseRealm(realm, owner),
      (error) => {
        assert.ok(error instanceof AuthError);
        assert.equal(error.code, 'REALM');
        assert.doesNotMatch(error.message, /secret|[\u0000-\u001f]/);
        return true;
      },
    );
  });
}

test('realms: a trusted registry may have its token server anywhere, but not over a weaker scheme', () => {
  const owner = { registry: 'r', origin: new URL(hosts.public), allowPrivate: true };
  assert.equal(parseRealm('https://127.0.0.1/', owner).host, '127.0.0.1');
  assert.throws(() => parseRealm('http://127.0.0.1/', owner));
});

test('realms: nothing is sent to a refused one, unless the registry is listed', async () => {
  const challenges = ['Bearer realm="https://10.0.0.1/token"'];
  const strict = rig(basic);
  await assert.rejects(ask(strict, { challenges }), authError('REALM', /registry\.example/));
  assert.equal(strict.requests.length, 0);
  const listed = rig(basic, (registry) => registry === 'registry.example');
  assert.equal(await ask(listed, { challenges }), 'Bearer t1');
});
