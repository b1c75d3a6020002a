import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Credential } from '../../../src/credentials/credential.ts';
import { basicPair } from '../../../src/http/authorization.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import {
  ask,
  authError,
  basic,
  formOf,
  realm,
  registry,
  rig,
  scope,
  sentWith,
} from '../../support/rigs/authorizer-rig.ts';

test('tokens: anonymous asks for a token without credentials', async () => {
  const r = rig();
  assert.equal(await ask(r), 'Bearer t1');
  assert.deepEqual(r.requests[0]?.originHeaders, undefined);
  assert.equal(r.requests[0]?.maxBodyBytes, 65_536);
});

test('tokens: a realm keeps its own query', async () => {
  const r = rig();
  await ask(r, { challenges: ['Bearer realm="https://auth.example/token?x=1#f"'] });
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
    if (out.startsWith('Bearer ')) assert.equal(await ask(r), out);
    else await assert.rejects(ask(r), authError('TOKEN', new RegExp(out)));
  });
}

const lifetimes = [
  [undefined, 60],
  [10, 60],
  [-1, 60],
  ['soon', 60],
  [300, 300],
  ['300', 300],
] as const;

for (const [lifetime, seconds] of lifetimes) {
  test(`tokens: expires_in ${JSON.stringify(lifetime)} is ${seconds} s`, async () => {
    const r = rig();
    r.reply = (_request, count) => ({ status: 200, body: { token: `T${count}`, expires_in: lifetime } });
    await ask(r);
    r.clock = (seconds - 6) * 1000;
    assert.equal(await sentWith(r, scope('a')), 'Bearer T1');
    r.clock = (seconds - 4) * 1000;
    assert.equal(await sentWith(r, scope('a')), 'Bearer T2');
  });
}

for (const status of [404, 429, 500, 503]) {
  test(`tokens: the error names a token server that answers ${status} in the end`, async () => {
    const r = rig(basic);
    r.reply = () => ({ status });
    const expected = new RegExp(`https://auth\\.example/token\\) answered ${status}`);
    await assert.rejects(ask(r), authError('TOKEN', expected));
    assert.equal(r.requests.length, 1);
  });
}

const identity: Credential = {
  kind: 'identity-token',
  token: 'refresh me',
  username: 'u',
  source: 'config.json',
};

test('tokens: an identity token is exchanged by POST', async () => {
  const r = rig(identity);
  r.authorizer.declareAccess(registry, scope('b'));
  r.reply = () => ({ status: 200, body: { access_token: 'A', refresh_token: 'rotated' } });
  assert.equal(await ask(r), 'Bearer A');
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
    assert.equal(await ask(r), 'Bearer T');
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
  assert.equal(await ask(r), 'Bearer T');
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
    await assert.rejects(ask(r), authError(code));
    assert.equal(r.requests.length, requests);
  });
}

test('tokens: a token server that cannot be reached is named, and does not repeat the request to the registry', async () => {
  const r = rig(basic);
  const cause = new NetworkError('CONNECTION', 'auth.example closed the connection', { hint: 'look' });
  r.reply = () => {
    throw cause;
  };
  await assert.rejects(ask(r), (error: unknown) => {
    assert.ok(error instanceof NetworkError);
    assert.equal(error.code, 'TOKEN_SERVER');
    assert.match(error.message, /auth\.example closed .* \(token server of registry\.example\)/);
    return true;
  });
  r.reply = () => ({ status: 200, body: { token: 'T' } });
  assert.equal(await ask(r), 'Bearer T');
});

test('tokens: errors and their causes hold no secret', async () => {
  for (const status of [302, 400, 401, 403, 500]) {
    const r = rig({ ...basic, password: 'hush-hush' });
    r.reply = () => ({ status, location: 'https://u:hush-hush@x.example/', body: { token: 'hush-hush' } });
    await assert.rejects(ask(r), (error: unknown) => {
      const text = inspect(error, { depth: 10, showHidden: true });
      assert.ok(!text.includes('hush-hush') && !text.includes(basicPair('u', 'hush-hush')), text);
      return true;
    });
  }
});
