import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credential } from '../../../src/credentials/credential.ts';
import { basicPair } from '../../../src/http/message.ts';
import { anonymous, authError, basic, bearer, rig, scope } from '../../support/rigs/authorizer-rig.ts';

test('logins: a wrong password is tried once, however many requests need it', async () => {
  const r = rig(basic);
  r.declare(scope('a'), scope('b'));
  r.reply = () => ({ status: 401 });
  const refusal = authError('UNAUTHORIZED', /rejected the login from registry-auth input \(401\)/);
  const asks = ['a', 'b', 'a'].map((name) => assert.rejects(r.ask({ scope: scope(name) }), refusal));
  await Promise.all(asks);
  await assert.rejects(r.ask({ scope: scope('b') }), refusal);
  assert.equal(r.requests.length, 1);
});

const plain = { challenges: ['Basic realm="x"'] };

test('logins: Basic is used at its origin from the first challenge on', async () => {
  const r = rig(basic);
  r.declare(scope('b', 'push'));
  const value = await r.ask(plain);
  assert.equal(value, `Basic ${basicPair('u', 'p:ä')}`);
  assert.equal(await r.sentWith(scope('b', 'push')), value);
  assert.equal(await r.sentWith(scope('b'), new URL('https://registry.example:444')), undefined);
  assert.equal(await r.sentWith(scope('b'), new URL('http://registry.example')), undefined);
  assert.equal(r.requests.length, 0);
});

test('logins: rejected Basic is not sent again', async () => {
  const r = rig(basic);
  const rejected = await r.ask(plain);
  await assert.rejects(
    r.ask({ ...plain, rejected }),
    authError('UNAUTHORIZED', /registry\.example rejected/),
  );
  assert.equal(await r.sentWith(scope('a')), undefined);
  await assert.rejects(r.ask(plain), authError('UNAUTHORIZED'));
});

test('logins: a rejected registry token cannot be renewed', async () => {
  const r = rig({ kind: 'registry-token', token: 'given', source: 'config.json' });
  const rejected = await r.ask();
  await assert.rejects(r.ask({ rejected }), authError('UNAUTHORIZED', /config\.json/));
});

const identity = { kind: 'identity-token', token: 'r', source: 's' } as const satisfies Credential;
const registryToken = { kind: 'registry-token', token: 'given', source: 's' } as const satisfies Credential;
const basicChallenge = 'Basic realm="x"';

/** `out`: the Authorization value, or the code of the error. */
const schemes: readonly (readonly [name: string, headers: readonly string[], Credential, out: string])[] = [
  ['Bearer before Basic', [basicChallenge, bearer], basic, 'Bearer t1'],
  ['Bearer behind others in one header', [`Negotiate, ${basicChallenge}, ${bearer}`], basic, 'Bearer t1'],
  [
    'Bearer without a realm before Basic',
    ['Bearer service="x"', basicChallenge],
    basic,
    `Basic ${basicPair('u', 'p:ä')}`,
  ],
  [
    'Basic with an identity token and its user',
    [basicChallenge],
    { ...identity, username: 'u' },
    `Basic ${basicPair('u', 'r')}`,
  ],
  ['Bearer with a registry token', [bearer], registryToken, 'Bearer given'],
  ['Basic with a registry token', [basicChallenge], registryToken, 'Bearer given'],
  ['no challenge', [], basic, 'CHALLENGE'],
  ['unknown schemes', ['Negotiate, Digest realm="x"'], basic, 'CHALLENGE'],
  ['Bearer without a realm', ['Bearer'], basic, 'CHALLENGE'],
  ['Basic without a login', [basicChallenge], anonymous, 'UNAUTHORIZED'],
  ['Basic with an identity token only', [basicChallenge], identity, 'UNAUTHORIZED'],
];

for (const [name, challenges, credential, out] of schemes) {
  test(`logins: ${name} results in ${out.split(' ')[0]}`, async () => {
    const r = rig(credential);
    if (out.includes(' ')) return assert.equal(await r.ask({ challenges }), out);
    await assert.rejects(r.ask({ challenges }), authError(out, /registry\.example/));
    assert.equal(r.requests.length, 0);
  });
}
