import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicPair } from '../../../src/http/message.ts';
import {
  anonymous,
  authError,
  basic,
  bearer,
  type Rig,
  rig,
  scope,
} from '../../support/rigs/authorizer-rig.ts';

/** Refuses tokens for several scopes with a status. */
const refusingUnions =
  (status: number): Rig['reply'] =>
  ({ scopes }, count) =>
    scopes.length > 1 ? { status } : { status: 200, body: { token: `t${count}` } };

test('authorizer: nothing is known or requested before a challenge', async () => {
  const r = rig(basic);
  r.declare(scope('a'));
  assert.equal(await r.sentWith(scope('a')), undefined);
  assert.equal(r.requests.length, 0);
});

test('authorizer: eight parallel first requests share one token request for everything expected', async () => {
  const r = rig(basic);
  r.declare(scope('a'), scope('b'), scope('c'), scope('a', 'pull', 'push'));
  const scopes = ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'd'].map((name) => scope(name));
  const values = await Promise.all(scopes.map((each) => r.ask({ scope: each })));
  assert.deepEqual(new Set(values), new Set(['Bearer t1']));
  assert.equal(r.requests.length, 1);
  const [request] = r.requests;
  assert.deepEqual(request?.scopes.toSorted(), [
    'repository:a:pull,push',
    'repository:b:pull',
    'repository:c:pull',
    'repository:d:pull',
  ]);
  assert.equal(request?.url.searchParams.get('service'), 'registry.example');
  assert.equal(request?.originHeaders?.['authorization'], `Basic ${basicPair('u', 'p:ä')}`);
  // A short token may be any word.
  assert.ok(!r.secrets.includes('t1'));
  assert.equal(await r.sentWith(scope('a', 'push')), 'Bearer t1');
  assert.equal(await r.sentWith(scope('b', 'push')), 'Bearer t2');
});

test('authorizer: the scope of the challenge is requested besides our own, in any form', async () => {
  const r = rig();
  await r.ask({
    challenges: [`${bearer},scope="aws repository:b:push repository:a:delete repository:x:*"`],
  });
  const expected = ['aws', 'repository:x:*', 'repository:a:pull,delete', 'repository:b:push'];
  assert.deepEqual(r.requests[0]?.scopes, expected);
});

test('authorizer: an expired token is replaced, also many times', async () => {
  const r = rig();
  for (let count = 1; count <= 4; count += 1) {
    assert.equal(await r.ask(), `Bearer t${count}`);
    r.clock += 400_000;
  }
});

test('authorizer: a rejected token is renewed once for all requests that sent it', async () => {
  const r = rig(basic);
  const rejected = await r.ask();
  const values = await Promise.all([1, 2, 3].map(() => r.ask({ rejected })));
  assert.deepEqual([...values, await r.ask({ rejected })], Array(4).fill('Bearer t2'));
  assert.equal(r.requests.length, 2);
});

test('authorizer: when the fresh token is rejected too, the error names registry, scope and source', async () => {
  const r = rig(basic);
  const rejected = await r.ask({ rejected: await r.ask() });
  const expected = /registry\.example rejected the token for repository:a:pull, .* registry-auth input/;
  await assert.rejects(r.ask({ rejected }), authError('DENIED', expected));
  assert.equal(r.requests.length, 2);
});

test('authorizer: a token revoked again later is renewed again', async () => {
  const r = rig(basic);
  const rejected = await r.ask({ rejected: await r.ask() });
  r.clock = 70_000;
  assert.equal(await r.ask({ rejected }), 'Bearer t3');
});

test('authorizer: a rejected token that is issued again is an error', async () => {
  const r = rig(basic);
  r.reply = () => ({ status: 200, body: { token: 'same' } });
  await assert.rejects(r.ask({ rejected: await r.ask() }), authError('DENIED'));
});

test('authorizer: insufficient_scope leads to a token for the union', async () => {
  const r = rig(basic);
  const rejected = await r.ask();
  const challenge = `${bearer},error="insufficient_scope",scope="repository:a:pull,push repository:b:pull"`;
  assert.equal(await r.ask({ rejected, challenges: [challenge] }), 'Bearer t2');
  assert.deepEqual(r.requests[1]?.scopes, ['repository:a:pull,push', 'repository:b:pull']);
});

test('authorizer: a registry that asks for more and more access ends in an error', async () => {
  const r = rig(basic);
  let rejected = await r.ask();
  const circle = async (): Promise<void> => {
    for (let count = 0; count < 100; count += 1) {
      rejected = await r.ask({ rejected, challenges: [`${bearer},scope="repository:a${count}:pull"`] });
    }
  };
  await assert.rejects(circle(), authError('DENIED'));
  assert.ok(r.requests.length < 25);
});

test('authorizer: scopes only grow', async () => {
  const r = rig(basic);
  await r.ask({ scope: scope('a') });
  await r.ask({ scope: scope('b', 'pull', 'push') });
  assert.deepEqual(r.requests[1]?.scopes, ['repository:b:pull,push', 'repository:a:pull']);
  assert.equal(await r.sentWith(scope('a')), 'Bearer t2');
});

test('authorizer: scopes that would make the URL too long get further tokens', async () => {
  const r = rig(basic);
  const names = Array.from({ length: 300 }, (_, index) => `organisation/some-repository-${index}`);
  r.declare(...names.map((name) => scope(name)));
  await r.ask({ scope: scope(names[299] ?? '') });
  const { length = 0 } = r.requests[0]?.url.href ?? '';
  assert.ok(length < 8000 && length > 3000, String(length));
  assert.ok(r.requests[0]?.scopes.includes(`repository:${names[299]}:pull`));
});

for (const status of [400, 401, 403]) {
  test(`authorizer: a server that refuses unions with ${status} gets the request's scope alone`, async () => {
    const r = rig(status === 401 ? anonymous : basic);
    r.declare(scope('a'), scope('b'));
    r.reply = refusingUnions(status);
    const values = await Promise.all(['a', 'b', 'a', 'b'].map((name) => r.ask({ scope: scope(name) })));
    assert.deepEqual(values, ['Bearer t2', 'Bearer t3', 'Bearer t2', 'Bearer t3']);
    assert.equal(await r.sentWith(scope('a')), 'Bearer t2');
    assert.equal(await r.sentWith(scope('b')), 'Bearer t3');
    await r.ask({ scope: scope('c') });
    assert.deepEqual(r.requests[3]?.scopes, ['repository:c:pull']);
    assert.equal(r.requests.length, 4);
  });
}

test('authorizer: a server that refuses unions and a registry that asks for them end in an error', async () => {
  const r = rig(basic);
  r.reply = refusingUnions(403);
  const challenges = [`${bearer},error="insufficient_scope",scope="repository:a:pull repository:b:pull"`];
  const circle = async (): Promise<void> => {
    let rejected = await r.ask({ challenges });
    for (let count = 0; count < 10; count += 1) rejected = await r.ask({ rejected, challenges });
  };
  await assert.rejects(circle(), authError('DENIED'));
});

test('authorizer: a refused scope is not asked for again, and does not hinder others', async () => {
  const r = rig(basic);
  r.declare(scope('a'), scope('b'));
  r.reply = (request, count) => {
    if (request.scopes.includes('repository:a:pull')) return { status: 403 };
    return { status: 200, body: { token: `t${count}` } };
  };
  const [a, b] = await Promise.allSettled([r.ask(), r.ask({ scope: scope('b') })]);
  assert.deepEqual([a.status, b.status], ['rejected', 'fulfilled']);
  const count = r.requests.length;
  await assert.rejects(r.ask(), authError('DENIED', /denied a token for repository:a:pull .*403/));
  assert.equal(r.requests.length, count);
});

test('authorizer: logins for single repositories get tokens of their own', async () => {
  const r = rig((repository) => (repository === 'b' ? { ...basic, username: 'other' } : basic));
  r.declare(scope('a'), scope('b'), scope('c'));
  const values = [await r.ask(), await r.ask({ scope: scope('b') })];
  assert.deepEqual(values, ['Bearer t1', 'Bearer t2']);
  assert.deepEqual(
    r.requests.map(({ scopes }) => scopes),
    [['repository:a:pull', 'repository:c:pull'], ['repository:b:pull']],
  );
  assert.equal(await r.sentWith(scope('c')), 'Bearer t1');
  assert.equal(await r.sentWith(scope('b')), 'Bearer t2');
});
