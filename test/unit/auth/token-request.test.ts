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
  known,
  realm,
  registry,
  rig,
  scope,
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

const answers: readonly { name: string; body: unknown; out: string | RegExp }[] = [
  { name: 'token', body: { token: 'T' }, out: 'Bearer T' },
  { name: 'access_token alone', body: { access_token: 'A' }, out: 'Bearer A' },
  { name: 'both', body: { token: 'T', access_token: 'A' }, out: 'Bearer T' },
  { name: 'an empty token beside an access_token', body: { token: '', access_token: 'A' }, out: 'Bearer A' },
  { name: 'an empty token', body: { token: '' }, out: /without a token/ },
  { name: 'no token', body: {}, out: /without a token/ },
  { name: 'a number', body: { token: 1 }, out: /without a token/ },
  { name: 'null', body: 'null', out: /without a token/ },
  { name: 'a web page', body: '<html>login</html>', out: /without a token/ },
  { name: 'a line end in the token', body: { token: 'a\r\nx: y' }, out: /malformed token/ },
  { name: 'a space in the token', body: { token: 'a b' }, out: /malformed token/ },
];

for (const row of answers) {
  test(`tokens: a token server's answer with ${row.name}`, async () => {
    const r = rig();
    r.reply = () => ({ status: 200, body: row.body });
    if (typeof row.out === 'string') assert.equal(await ask(r), row.out);
    else await assert.rejects(ask(r), authError('TOKEN', row.out));
  });
}

const lifetimes: readonly { in: unknown; seconds: number }[] = [
  { in: undefined, seconds: 60 },
  { in: 10, seconds: 60 },
  { in: -1, seconds: 60 },
  { in: 'soon', seconds: 60 },
  { in: 300, seconds: 300 },
  { in: '300', seconds: 300 },
];

for (const row of lifetimes) {
  test(`tokens: expires_in ${JSON.stringify(row.in)} is ${row.seconds} s`, async () => {
    const r = rig();
    r.reply = () => ({ status: 200, body: { token: 'T', expires_in: row.in } });
    await ask(r);
    r.clock = (row.seconds - 6) * 1000;
    assert.equal(known(r, scope('a')), 'Bearer T');
    r.clock = (row.seconds - 4) * 1000;
    assert.equal(known(r, scope('a')), undefined);
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

const redirects: readonly {
  name: string;
  credential?: Credential;
  status?: number;
  to: readonly string[];
  /** The origins requested, and whether Authorization was sent. */
  out: readonly (readonly [origin: string, sent: boolean])[];
  error?: string;
}[] = [
  {
    name: 'on its own origin keeps the login',
    to: ['/other'],
    out: [
      ['https://auth.example', true],
      ['https://auth.example', true],
    ],
  },
  {
    name: 'to another host drops the login',
    to: ['https://elsewhere.example/token'],
    out: [
      ['https://auth.example', true],
      ['https://elsewhere.example', false],
    ],
  },
  {
    name: 'to another port of its host drops the login, also after coming back',
    to: ['https://auth.example:8443/token', 'https://auth.example/token'],
    out: [
      ['https://auth.example', true],
      ['https://auth.example:8443', false],
      ['https://auth.example', false],
    ],
  },
  {
    name: 'to plain HTTP is refused',
    to: ['http://auth.example/token'],
    out: [['https://auth.example', true]],
    error: 'REALM',
  },
  {
    name: 'to a private address is refused',
    to: ['https://169.254.169.254/'],
    out: [['https://auth.example', true]],
    error: 'REALM',
  },
  {
    name: 'to a URL with a user in it is refused',
    to: ['https://u:p@auth.example/'],
    out: [['https://auth.example', true]],
    error: 'REALM',
  },
  {
    name: 'to an invalid URL is refused',
    to: ['https://['],
    out: [['https://auth.example', true]],
    error: 'TOKEN',
  },
  {
    name: 'without an end fails',
    to: ['/1', '/2', '/3', '/4', '/5'],
    out: [1, 2, 3, 4].map(() => ['https://auth.example', true] as const),
    error: 'TOKEN',
  },
  {
    name: 'of a POST on its own origin is replayed',
    credential: identity,
    status: 307,
    to: ['/other'],
    out: [
      ['https://auth.example', false],
      ['https://auth.example', false],
    ],
  },
  {
    name: 'of a POST to another origin is refused',
    credential: identity,
    status: 308,
    to: ['https://elsewhere.example/'],
    out: [['https://auth.example', false]],
    error: 'TOKEN',
  },
  {
    name: 'of a POST that would become a GET is refused',
    credential: identity,
    status: 302,
    to: ['/other'],
    out: [['https://auth.example', false]],
    error: 'TOKEN',
  },
];

for (const row of redirects) {
  test(`tokens: a token server's redirect ${row.name}`, async () => {
    const r = rig(row.credential ?? basic);
    r.reply = (_request, count) => {
      const location = row.to[count - 1];
      if (location === undefined) return { status: 200, body: { token: 'T' } };
      return { status: row.status ?? 302, location };
    };
    if (row.error === undefined) assert.equal(await ask(r), 'Bearer T');
    else await assert.rejects(ask(r), authError(row.error));
    assert.deepEqual(
      r.requests.map(({ url, originHeaders }) => [
        url.origin,
        originHeaders?.['authorization'] !== undefined,
      ]),
      row.out,
    );
  });
}

test('tokens: a redirect without a Location is an error', async () => {
  const r = rig(basic);
  r.reply = () => ({ status: 302 });
  await assert.rejects(ask(r), authError('TOKEN', /without a usable Location/));
});

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
