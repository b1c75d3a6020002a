import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credential } from '../../../src/credentials/credential.ts';
import { basicPair } from '../../../src/http/authorization.ts';
import { anonymous, ask, authError, basic, bearer, known, registry, rig, scope } from './authorizer-rig.ts';

test('logins: a wrong password is tried once, however many requests need it', async () => {
  const r = rig(basic);
  for (const name of ['a', 'b']) r.authorizer.declareAccess(registry, scope(name));
  r.reply = () => ({ status: 401 });
  const results = await Promise.allSettled(['a', 'b', 'a'].map((name) => ask(r, { scope: scope(name) })));
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    assert.ok(
      authError('UNAUTHORIZED', /rejected the login from registry-auth input \(401\)/)(result.reason),
    );
  }
  await assert.rejects(ask(r, { scope: scope('b') }), authError('UNAUTHORIZED'));
  assert.equal(r.requests.length, 1);
});

test('logins: a single scope refused to a login is asked for once', async () => {
  const r = rig(basic);
  r.reply = () => ({ status: 403 });
  await assert.rejects(ask(r), authError('DENIED'));
  await assert.rejects(ask(r), authError('DENIED'));
  assert.equal(r.requests.length, 1);
});

test('logins: Basic is used from the first challenge on', async () => {
  const r = rig(basic);
  r.authorizer.declareAccess(registry, scope('b', 'push'));
  const value = await ask(r, { challenges: ['Basic realm="x"'] });
  assert.equal(value, `Basic ${Buffer.from('u:p:ä', 'utf8').toString('base64')}`);
  assert.equal(known(r, scope('b', 'push')), value);
  assert.equal(known(r, scope('b'), new URL('https://registry.example:444')), undefined);
  assert.equal(known(r, scope('b'), new URL('http://registry.example')), undefined);
  assert.equal(r.requests.length, 0);
});

test('logins: rejected Basic is not sent again', async () => {
  const r = rig(basic);
  const challenges = ['Basic realm="x"'];
  const rejected = await ask(r, { challenges });
  await assert.rejects(
    ask(r, { challenges, rejected }),
    authError('UNAUTHORIZED', /registry\.example rejected/),
  );
  assert.equal(known(r, scope('a')), undefined);
  await assert.rejects(ask(r, { challenges }), authError('UNAUTHORIZED'));
});

const schemes: readonly {
  name: string;
  in: readonly string[];
  credential: Credential;
  out: RegExp | string;
}[] = [
  { name: 'Bearer before Basic', in: ['Basic realm="x"', bearer], credential: basic, out: 'Bearer t1' },
  {
    name: 'Bearer behind others in one header',
    in: [`Negotiate, Basic realm="x", ${bearer}`],
    credential: basic,
    out: 'Bearer t1',
  },
  {
    name: 'Basic where Bearer has no realm',
    in: ['Bearer service="x"', 'Basic realm="x"'],
    credential: basic,
    out: /^Basic /,
  },
  {
    name: 'Basic with an identity token and its user',
    in: ['Basic realm="x"'],
    credential: { kind: 'identity-token', token: 'r', username: 'u', source: 's' },
    out: `Basic ${basicPair('u', 'r')}`,
  },
  {
    name: 'a registry token for Bearer',
    in: [bearer],
    credential: { kind: 'registry-token', token: 'given', source: 's' },
    out: 'Bearer given',
  },
  {
    name: 'a registry token for Basic',
    in: ['Basic realm="x"'],
    credential: { kind: 'registry-token', token: 'given', source: 's' },
    out: 'Bearer given',
  },
];

for (const row of schemes) {
  test(`logins: ${row.name}`, async () => {
    const value = await ask(rig(row.credential), { challenges: row.in });
    if (typeof row.out === 'string') assert.equal(value, row.out);
    else assert.match(value, row.out);
  });
}

test('logins: a rejected registry token cannot be renewed', async () => {
  const r = rig({ kind: 'registry-token', token: 'given', source: 'config.json' });
  const rejected = await ask(r);
  await assert.rejects(ask(r, { rejected }), authError('UNAUTHORIZED', /config\.json/));
});

const dead: readonly { name: string; in: readonly string[]; credential: Credential; code: string }[] = [
  { name: 'no challenge', in: [], credential: basic, code: 'CHALLENGE' },
  { name: 'unknown schemes', in: ['Negotiate, Digest realm="x"'], credential: basic, code: 'CHALLENGE' },
  { name: 'Bearer without a realm', in: ['Bearer'], credential: basic, code: 'CHALLENGE' },
  { name: 'Basic without a login', in: ['Basic realm="x"'], credential: anonymous, code: 'UNAUTHORIZED' },
  {
    name: 'Basic with an identity token only',
    in: ['Basic realm="x"'],
    credential: { kind: 'identity-token', token: 'r', source: 's' },
    code: 'UNAUTHORIZED',
  },
];

for (const row of dead) {
  test(`logins: ${row.name} is an error`, async () => {
    const r = rig(row.credential);
    await assert.rejects(ask(r, { challenges: row.in }), authError(row.code, /registry\.example/));
    assert.equal(r.requests.length, 0);
  });
}
