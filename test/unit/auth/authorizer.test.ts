import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicPair } from '../../../src/http/authorization.ts';
import type { HttpRequest } from '../../../src/http/message.ts';
import {
  anonymous,
  ask,
  authError,
  basic,
  bearer,
  type Reply,
  type Rig,
  registry,
  rig,
  scope,
  scopesOf,
  sentWith,
} from '../../support/rigs/authorizer-rig.ts';

/** Declares that the run needs to read repositories. */
function declare({ authorizer }: Rig, ...repositories: readonly string[]): void {
  for (const name of repositories) authorizer.declareAccess(registry, scope(name));
}

/** Refuses tokens for several scopes with a status. */
function refusingUnions(status: number): (request: HttpRequest, count: number) => Reply {
  return (request, count) =>
    scopesOf(request).length > 1 ? { status } : { status: 200, body: { token: `t${count}` } };
}

test('authorizer: nothing is known or requested before a challenge', async () => {
  const r = rig(basic);
  declare(r, 'a');
  assert.equal(await sentWith(r, scope('a')), undefined);
  assert.equal(r.requests.length, 0);
});

test('authorizer: eight parallel first requests share one token request for everything expected', async () => {
  const r = rig(basic);
  declare(r, 'a', 'b', 'c');
  r.authorizer.declareAccess(registry, scope('a', 'pull', 'push'));
  const scopes = ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'd'].map((name) => scope(name));
  const values = await Promise.all(scopes.map((each) => ask(r, { scope: each })));
  assert.deepEqual(new Set(values), new Set(['Bearer t1']));
  assert.equal(r.requests.length, 1);
  const [request] = r.requests;
  assert.deepEqual(scopesOf(request).toSorted(), [
    'repository:a:pull,push',
    'repository:b:pull',
    'repository:c:pull',
    'repository:d:pull',
  ]);
  assert.equal(request?.url.searchParams.get('service'), 'registry.example');
  assert.equal(request?.originHeaders?.['authorization'], `Basic ${basicPair('u', 'p:ä')}`);
  // A short token may be any word.
  assert.ok(!r.secrets.includes('t1'));
  assert.equal(await sentWith(r, scope('a', 'push')), 'Bearer t1');
  assert.equal(await sentWith(r, scope('b', 'push')), 'Bearer t2');
});

test('authorizer: the scope of the challenge is requested besides our own, in any form', async () => {
  const r = rig();
  await ask(r, {
    challenges: [`${bearer},scope="aws repository:b:push repository:a:delete repository:x:*"`],
  });
  const expected = ['aws', 'repository:x:*', 'repository:a:pull,delete', 'repository:b:push'];
  assert.deepEqual(scopesOf(r.requests[0]), expected);
});

test('authorizer: an expired token is replaced, also many times', async () => {
  const r = rig();
  for (let count = 1; count <= 4; count += 1) {
    assert.equal(await ask(r), `Bearer t${count}`);
    r.clock += 400_000;
  }
});

test('authorizer: a rejected token is renewed once for all requests that sent it', async () => {
  const r = rig(basic);
  const rejected = await ask(r);
  const values = await Promise.all([1, 2, 3].map(() => ask(r, { rejected })));
  assert.deepEqual([...values, await ask(r, { rejected })], Array(4).fill('Bearer t2'));
  assert.equal(r.requests.length, 2);
});

test('authorizer: when the fresh token is rejected too, the error names registry, scope and source', async () => {
  const r = rig(basic);
  const rejected = await ask(r, { rejected: await ask(r) });
  const expected = /registry\.example rejected the token for repository:a:pull, .* registry-auth input/;
  await assert.rejects(ask(r, { rejected }), authError('DENIED', expected));
  assert.equal(r.requests.length, 2);
});

test('authorizer: a token revoked again later is renewed again', async () => {
  const r = rig(basic);
  const rejected = await ask(r, { rejected: await ask(r) });
  r.clock = 70_000;
  assert.equal(await ask(r, { rejected }), 'Bearer t3');
});

test('authorizer: a rejected token that is issued again is an error', async () => {
  const r = rig(basic);
  r.reply = () => ({ status: 200, body: { token: 'same' } });
  await assert.rejects(ask(r, { rejected: await ask(r) }), authError('DENIED'));
});

test('authorizer: insufficient_scope leads to a token for the union', async () => {
  const r = rig(basic);
  const rejected = await ask(r);
  const challenge = `${bearer},error="insufficient_scope",scope="repository:a:pull,push repository:b:pull"`;
  assert.equal(await ask(r, { rejected, challenges: [challenge] }), 'Bearer t2');
  assert.deepEqual(scopesOf(r.requests[1]), ['repository:a:pull,push', 'repository:b:pull']);
});

test('authorizer: a registry that asks for more and more access ends in an error', async () => {
  const r = rig(basic);
  let rejected = await ask(r);
  const circle = async (): Promise<void> => {
    for (let count = 0; count < 100; count += 1) {
      rejected = await ask(r, { rejected, challenges: [`${bearer},scope="repository:a${count}:pull"`] });
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
  assert.equal(await sentWith(r, scope('a')), 'Bearer t2');
});

test('authorizer: scopes that would make the URL too long get further tokens', async () => {
  const r = rig(basic);
  const names = Array.from({ length: 300 }, (_, index) => `organisation/some-repository-${index}`);
  declare(r, ...names);
  await ask(r, { scope: scope(names[299] ?? '') });
  const { length = 0 } = r.requests[0]?.url.href ?? '';
  assert.ok(length < 8000 && length > 3000, String(length));
  assert.ok(scopesOf(r.requests[0]).includes(`repository:${names[299]}:pull`));
});

for (const status of [400, 401, 403]) {
  test(`authorizer: a server that refuses unions with ${status} gets the request's scope alone`, async () => {
    const r = rig(status === 401 ? anonymous : basic);
    declare(r, 'a', 'b');
    r.reply = refusingUnions(status);
    const values = await Promise.all(['a', 'b', 'a', 'b'].map((name) => ask(r, { scope: scope(name) })));
    assert.deepEqual(values, ['Bearer t2', 'Bearer t3', 'Bearer t2', 'Bearer t3']);
    assert.equal(await sentWith(r, scope('a')), 'Bearer t2');
    assert.equal(await sentWith(r, scope('b')), 'Bearer t3');
    await ask(r, { scope: scope('c') });
    assert.deepEqual(scopesOf(r.requests[3]), ['repository:c:pull']);
    assert.equal(r.requests.length, 4);
  });
}

test('authorizer: a server that refuses unions and a registry that asks for them end in an error', async () => {
  const r = rig(basic);
  r.reply = refusingUnions(403);
  const challenges = [`${bearer},error="insufficient_scope",scope="repository:a:pull repository:b:pull"`];
  const circle = async (): Promise<void> => {
    let rejected = await ask(r, { challenges });
    for (let count = 0; count < 10; count += 1) rejected = await ask(r, { rejected, challenges });
  };
  await assert.rejects(circle(), authError('DENIED'));
});

test('authorizer: a refused scope is not asked for again, and does not hinder others', async () => {
  const r = rig(basic);
  declare(r, 'a', 'b');
  r.reply = (request, count) => {
    if (scopesOf(request).includes('repository:a:pull')) return { status: 403 };
    return { status: 200, body: { token: `t${count}` } };
  };
  const [a, b] = await Promise.allSettled([ask(r), ask(r, { scope: scope('b') })]);
  assert.deepEqual([a.status, b.status], ['rejected', 'fulfilled']);
  const count = r.requests.length;
  await assert.rejects(ask(r), authError('DENIED', /denied a token for repository:a:pull .*403/));
  assert.equal(r.requests.length, count);
});

test('authorizer: logins for single repositories get tokens of their own', async () => {
  const r = rig((repository) => (repository === 'b' ? { ...basic, username: 'other' } : basic));
  declare(r, 'a', 'b', 'c');
  const values = [await ask(r), await ask(r, { scope: scope('b') })];
  assert.deepEqual(values, ['Bearer t1', 'Bearer t2']);
  assert.deepEqual(r.requests.map(scopesOf), [
    ['repository:a:pull', 'repository:c:pull'],
    ['repository:b:pull'],
  ]);
  assert.equal(await sentWith(r, scope('c')), 'Bearer t1');
  assert.equal(await sentWith(r, scope('b')), 'Bearer t2');
});
