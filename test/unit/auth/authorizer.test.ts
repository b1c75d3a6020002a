import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credential } from '../../../src/credentials/credential.ts';
import { basicPair } from '../../../src/http/authorization.ts';
import {
  anonymous,
  ask,
  authError,
  basic,
  bearer,
  known,
  registry,
  rig,
  scope,
  scopesOf,
} from '../../support/rigs/authorizer-rig.ts';

test('authorizer: nothing is known or requested before a challenge', () => {
  const r = rig(basic);
  r.authorizer.declareAccess(registry, scope('a'));
  assert.equal(known(r, scope('a')), undefined);
  assert.equal(r.requests.length, 0);
});

test('authorizer: eight parallel first requests share one token request for everything expected', async () => {
  const r = rig(basic);
  for (const name of ['a', 'b', 'c']) r.authorizer.declareAccess(registry, scope(name));
  r.authorizer.declareAccess(registry, scope('a', 'pull', 'push'));
  const scopes = ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'd'].map((name) => scope(name));
  const values = await Promise.all(scopes.map((each) => ask(r, { scope: each })));
  assert.deepEqual(new Set(values), new Set(['Bearer t1']));
  assert.equal(r.requests.length, 1);
  const [request] = r.requests;
  assert.deepEqual([...scopesOf(request)].sort(), [
    'repository:a:pull,push',
    'repository:b:pull',
    'repository:c:pull',
    'repository:d:pull',
  ]);
  assert.equal(request?.url.searchParams.get('service'), 'registry.example');
  assert.equal(request?.originHeaders?.['authorization'], `Basic ${basicPair('u', 'p:ä')}`);
  assert.equal(known(r, scope('a', 'push')), 'Bearer t1');
  assert.equal(known(r, scope('b', 'push')), undefined);
  // It is short enough to be any word.
  assert.ok(!r.secrets.includes('t1'));
});

test('authorizer: the scope of the challenge is requested besides our own, in any form', async () => {
  const r = rig();
  const challenge = `${bearer},scope="aws repository:b:push repository:a:delete repository:x:*"`;
  await ask(r, { challenges: [challenge] });
  assert.deepEqual(scopesOf(r.requests[0]), [
    'aws',
    'repository:x:*',
    'repository:a:pull,delete',
    'repository:b:push',
  ]);
});

test('authorizer: an expired token is replaced, also many times', async () => {
  const r = rig();
  for (let turn = 1; turn <= 4; turn += 1) {
    assert.equal(await ask(r), `Bearer t${turn}`);
    r.clock += 400_000;
  }
});

test('authorizer: a rejected token is renewed once for all requests that sent it', async () => {
  const r = rig(basic);
  const first = await ask(r);
  const values = await Promise.all([1, 2, 3].map(() => ask(r, { rejected: first })));
  assert.deepEqual(values, ['Bearer t2', 'Bearer t2', 'Bearer t2']);
  assert.equal(await ask(r, { rejected: first }), 'Bearer t2');
  assert.equal(r.requests.length, 2);
});

test('authorizer: when the fresh token is rejected too, the error names registry, scope and source', async () => {
  const r = rig(basic);
  const second = await ask(r, { rejected: await ask(r) });
  const expected = /registry\.example rejected the token for repository:a:pull, .* registry-auth input/;
  await assert.rejects(ask(r, { rejected: second }), authError('DENIED', expected));
  assert.equal(r.requests.length, 2);
});

test('authorizer: a token revoked again later is renewed again', async () => {
  const r = rig(basic);
  const second = await ask(r, { rejected: await ask(r) });
  r.clock = 70_000;
  assert.equal(await ask(r, { rejected: second }), 'Bearer t3');
});

test('authorizer: a rejected token that is issued again is an error', async () => {
  const r = rig(basic);
  r.reply = () => ({ status: 200, body: { token: 'same' } });
  await assert.rejects(ask(r, { rejected: await ask(r) }), authError('DENIED'));
});

test('authorizer: insufficient_scope leads to a token for the union', async () => {
  const r = rig(basic);
  const first = await ask(r);
  const challenge = `${bearer},error="insufficient_scope",scope="repository:a:pull,push repository:b:pull"`;
  assert.equal(await ask(r, { rejected: first, challenges: [challenge] }), 'Bearer t2');
  assert.deepEqual(scopesOf(r.requests[1]), ['repository:a:pull,push', 'repository:b:pull']);
});

test('authorizer: a registry that asks for more and more access ends in an error', async () => {
  const r = rig(basic);
  let rejected = await ask(r);
  const circle = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn += 1) {
      rejected = await ask(r, { rejected, challenges: [`${bearer},scope="repository:a${turn}:pull"`] });
    }
  };
  await assert.rejects(circle(), authError('DENIED'));
  assert.ok(r.requests.length < 25);
});

test('authorizer: scopes only grow', async () => {
  const r = rig(basic);
  await ask(r, { scope: scope('a') });
  await ask(r, { scope: scope('b', 'pull', 'push') });
  assert.deepEqual(scopesOf(r.requests[1]), ['repository:b:pull,push', 'repository:a:pull']);
  assert.equal(known(r, scope('a')), 'Bearer t2');
});

test('authorizer: scopes that would make the URL too long are left to further tokens', async () => {
  const r = rig(basic);
  const names = Array.from({ length: 300 }, (_, index) => `organisation/some-repository-${index}`);
  for (const name of names) r.authorizer.declareAccess(registry, scope(name));
  await ask(r, { scope: scope(names[299] ?? '') });
  const href = r.requests[0]?.url.href ?? '';
  assert.ok(href.length < 8000 && href.length > 3000, String(href.length));
  assert.ok(scopesOf(r.requests[0]).includes(`repository:${names[299]}:pull`));
});

for (const status of [400, 401, 403]) {
  test(`authorizer: a server that refuses unions with ${status} gets the request's scope alone`, async () => {
    const r = rig(status === 401 ? anonymous : basic);
    for (const name of ['a', 'b']) r.authorizer.declareAccess(registry, scope(name));
    r.reply = (request, count) =>
      scopesOf(request).length > 1 ? { status } : { status: 200, body: { token: `t${count}` } };
    const values = await Promise.all(['a', 'b', 'a', 'b'].map((name) => ask(r, { scope: scope(name) })));
    assert.deepEqual(values, ['Bearer t2', 'Bearer t3', 'Bearer t2', 'Bearer t3']);
    assert.equal(known(r, scope('a')), 'Bearer t2');
    assert.equal(known(r, scope('b')), 'Bearer t3');
    await ask(r, { scope: scope('c') });
    assert.deepEqual(scopesOf(r.requests[3]), ['repository:c:pull']);
    assert.equal(r.requests.length, 4);
  });
}

test('authorizer: a server that refuses unions and a registry that asks for them end in an error', async () => {
  const r = rig(basic);
  r.reply = (request, count) =>
    scopesOf(request).length > 1 ? { status: 403 } : { status: 200, body: { token: `t${count}` } };
  const challenges = [`${bearer},error="insufficient_scope",scope="repository:a:pull repository:b:pull"`];
  const circle = async (): Promise<void> => {
    let rejected = await ask(r, { challenges });
    for (let turn = 0; turn < 10; turn += 1) rejected = await ask(r, { rejected, challenges });
  };
  await assert.rejects(circle(), authError('DENIED'));
});

test('authorizer: a refused scope is not asked for again, and does not hinder others', async () => {
  const r = rig(basic);
  for (const name of ['a', 'b']) r.authorizer.declareAccess(registry, scope(name));
  r.reply = (request, count) =>
    scopesOf(request).includes('repository:a:pull')
      ? { status: 403 }
      : { status: 200, body: { token: `t${count}` } };
  const [a, b] = await Promise.allSettled([ask(r), ask(r, { scope: scope('b') })]);
  assert.equal(a.status, 'rejected');
  assert.equal(b.status, 'fulfilled');
  const count = r.requests.length;
  await assert.rejects(ask(r), authError('DENIED', /denied a token for repository:a:pull .*403/));
  assert.equal(r.requests.length, count);
});

test('authorizer: logins for single repositories get tokens of their own', async () => {
  const other: Credential = { ...basic, username: 'other' };
  const r = rig((repository) => (repository === 'b' ? other : basic));
  for (const name of ['a', 'b', 'c']) r.authorizer.declareAccess(registry, scope(name));
  assert.equal(await ask(r), 'Bearer t1');
  assert.equal(await ask(r, { scope: scope('b') }), 'Bearer t2');
  assert.deepEqual(r.requests.map(scopesOf), [
    ['repository:a:pull', 'repository:c:pull'],
    ['repository:b:pull'],
  ]);
  assert.equal(known(r, scope('c')), 'Bearer t1');
  assert.equal(known(r, scope('b')), 'Bearer t2');
});
