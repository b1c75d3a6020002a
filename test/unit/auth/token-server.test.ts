import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parseRealm } from '../../../src/auth/token-server.ts';
import { basicPair } from '../../../src/http/message.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { authError, basic, formOf, realm, rig, scope } from '../../support/rigs/authorizer-rig.ts';

test('tokens: anonymous asks for a token without credentials', async () => {
  const r = rig();
  assert.equal(await r.ask(), 'Bearer t1');
  assert.deepEqual(r.requests[0]?.originHeaders, undefined);
  assert.equal(r.requests[0]?.maxBodyBytes, 65_536);
});

test('tokens: a realm keeps its own query', async () => {
  const r = rig();
  await r.ask({ challenges: ['Bearer realm="https://auth.example/token?x=1#f"'] });
  assert.equal(r.requests[0]?.url.href, 'https://auth.example/token?x=1&scope=repository%3Aa%3Apull');
});

/** `out`: the token, or a part of the error. */
const answers: readonly (readonly [name: string, body: unknown, out: string])[] = [
  ['token', { token: 'T' }, 'Bearer T'],
  ['access_token alone', { access_token: 'A' }, 'Bearer A'],
  ['both', { token: 'T', access_token: 'A' }, 'Bearer T'],
  ['an empty token beside an access_token', { token: '', access_token: 'A' }, 'Bearer A'],
  ['an empty token', { token: '' }, 'without a token'],
  ['no token', {}, 'without a token'],
  ['a number', { token: 1 }, 'without a token'],
  ['null', 'null', 'without a token'],
  ['a web page', '<html>login</html>', 'without a token'],
  ['a line end in the token', { token: 'a\r\nx: y' }, 'malformed token'],
  ['a space in the token', { token: 'a b' }, 'malformed token'],
];

for (const [name, body, out] of answers) {
  test(`tokens: a token server's answer with ${name}`, async () => {
    const r = rig();
    r.reply = () => ({ status: 200, body });
    if (out.startsWith('Bearer ')) assert.equal(await r.ask(), out);
    else await assert.rejects(r.ask(), authError('TOKEN', new RegExp(out)));
  });
}

const lifetimes = { 60: [undefined, 10, -1, 'soon'], 300: [300, '300'] };

for (const [seconds, stated] of Object.entries(lifetimes)) {
  for (const lifetime of stated) {
    test(`tokens: expires_in ${JSON.stringify(lifetime)} is ${seconds} s`, async () => {
      const r = rig();
      r.reply = (_request, count) => ({ status: 200, body: { token: `T${count}`, expires_in: lifetime } });
      await r.ask();
      r.clock = (Number(seconds) - 6) * 1000;
      assert.equal(await r.sentWith(scope('a')), 'Bearer T1');
      r.clock = (Number(seconds) - 4) * 1000;
      assert.equal(await r.sentWith(scope('a')), 'Bearer T2');
    });
  }
}

for (const status of [404, 429, 500, 503]) {
  test(`tokens: the error names a token server that answers ${status} in the end`, async () => {
    const r = rig(basic);
    r.reply = () => ({ status });
    const expected = new RegExp(`https://auth\\.example/token\\) answered ${status}`);
    await assert.rejects(r.ask(), authError('TOKEN', expected));
    assert.equal(r.requests.length, 1);
  });
}

const identity = {
  kind: 'identity-token',
  token: 'refresh me',
  username: 'u',
  source: 'config.json',
} as const;

test('tokens: an identity token is exchanged by POST', async () => {
  const r = rig(identity);
  r.declare(scope('b'));
  r.reply = () => ({ status: 200, body: { access_token: 'A', refresh_token: 'rotated' } });
  assert.equal(await r.ask(), 'Bearer A');
  const [request] = r.requests;
  assert.equal(request?.method, 'POST');
  assert.equal(request?.url.href, realm);
  assert.equal(request?.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.deepEqual(formOf(request), {
    grant_type: 'refresh_token',
    client_id: 'multiarch-manifest-action',
    service: 'registry.example',
    scope: 'repository:a:pull repository:b:pull',
    refresh_token: 'refresh me',
  });
  // It is not used, and may be any word.
  assert.ok(!r.secrets.includes('rotated'));
});

for (const status of [404, 405]) {
  test(`tokens: an identity token goes by GET where POST answers ${status}`, async () => {
    const r = rig(identity);
    r.reply = (request) => (request.method === 'POST' ? { status } : { status: 200, body: { token: 'T' } });
    assert.equal(await r.ask(), 'Bearer T');
    const pair = basicPair('u', 'refresh me');
    assert.equal(r.requests[1]?.originHeaders?.['authorization'], `Basic ${pair}`);
    assert.ok(r.secrets.includes(pair));
  });
}

test('tokens: a redirect to another host is followed without the login', async () => {
  const r = rig(basic);
  r.reply = (_request, count) =>
    count > 1
      ? { status: 200, body: { token: 'T' } }
      : { status: 302, location: 'https://elsewhere.example/' };
  assert.equal(await r.ask(), 'Bearer T');
  const logins = r.requests.map(({ originHeaders }) => originHeaders?.['authorization'] !== undefined);
  assert.deepEqual(logins, [true, false]);
});

const refusedRedirects: readonly (readonly [
  name: string,
  location: string,
  requests: number,
  code: string,
])[] = [
  ['to plain HTTP', 'http://auth.example/token', 1, 'REALM'],
  ['to a private address', 'https://169.254.169.254/', 1, 'REALM'],
  ['to a URL with a user in it', 'https://u:p@auth.example/', 1, 'REALM'],
  ['to an invalid URL', 'https://[', 1, 'TOKEN'],
  ['without an end', '/again', 4, 'TOKEN'],
];

for (const [name, location, requests, code] of refusedRedirects) {
  test(`tokens: a redirect ${name} is refused`, async () => {
    const r = rig(basic);
    r.reply = () => ({ status: 302, location });
    await assert.rejects(r.ask(), authError(code));
    assert.equal(r.requests.length, requests);
  });
}

test('tokens: a token server that cannot be reached is named, and does not repeat the request to the registry', async () => {
  const r = rig(basic);
  const cause = new NetworkError('CONNECTION', 'auth.example closed the connection', { hint: 'look' });
  r.reply = () => {
    throw cause;
  };
  await assert.rejects(r.ask(), (error: unknown) => {
    assert.ok(error instanceof NetworkError);
    assert.equal(error.code, 'TOKEN_SERVER');
    assert.match(error.message, /auth\.example closed .* \(token server of registry\.example\)/);
    return true;
  });
  r.reply = () => ({ status: 200, body: { token: 'T' } });
  assert.equal(await r.ask(), 'Bearer T');
});

test('tokens: errors and their causes hold no secret', async () => {
  for (const status of [302, 400, 401, 403, 500]) {
    const r = rig({ ...basic, password: 'hush-hush' });
    r.reply = () => ({ status, location: 'https://u:hush-hush@x.example/', body: { token: 'hush-hush' } });
    await assert.rejects(r.ask(), (error: unknown) => {
      const text = inspect(error, { depth: 10, showHidden: true });
      assert.ok(!text.includes('hush-hush') && !text.includes(basicPair('u', 'hush-hush')), text);
      return true;
    });
  }
});

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
  await assert.rejects(strict.ask({ challenges }), authError('REALM', /registry\.example/));
  assert.equal(strict.requests.length, 0);
  const listed = rig(basic, (name) => name === 'registry.example');
  assert.equal(await listed.ask({ challenges }), 'Bearer t1');
});
