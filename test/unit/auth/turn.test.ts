import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Turn } from '../../../src/auth/authorizer.ts';
import type { Scope } from '../../../src/auth/scope.ts';
import { AuthError, NetworkError } from '../../../src/run/errors.ts';
import {
  anonymous,
  ask,
  basic,
  bearer,
  origin,
  type Rig,
  registry,
  rig,
  scope,
  scopesOf,
} from '../../support/rigs/authorizer-rig.ts';

const ghcr = { origin: new URL('https://ghcr.io'), registry: 'ghcr.io' };

/** A request that may have to wait; `turn` is undefined while it does. */
interface Waiting {
  readonly turn: () => Turn | undefined;
  readonly error: () => unknown;
}

async function arrive(r: Rig, wanted: Scope = scope('a'), at = { origin, registry }): Promise<Waiting> {
  let turn: Turn | undefined;
  let error: unknown;
  r.authorizer.turn({ ...at, scope: wanted }).then(
    (given) => {
      turn = given;
    },
    (reason: unknown) => {
      error = reason;
    },
  );
  await setImmediate();
  return { turn: () => turn, error: () => error };
}

test('turn: with a login the first request goes alone, and the others get the token that it led to', async () => {
  const r = rig(basic);
  const first = await arrive(r);
  const others = [await arrive(r), await arrive(r, scope('b'))];
  assert.equal(first.turn()?.authorization, undefined);
  assert.deepEqual(
    others.map(({ turn }) => turn()),
    [undefined, undefined],
  );
  await ask(r);
  first.turn()?.end();
  await setImmediate();
  for (const { turn } of others) assert.equal(turn()?.authorization?.value, 'Bearer t1');
  assert.deepEqual(scopesOf(r.requests[0]), ['repository:a:pull', 'repository:b:pull']);
});

test('turn: with a login the next one finds out when the response to the first does not tell', async () => {
  const r = rig(basic);
  const [first, second, third] = [await arrive(r), await arrive(r), await arrive(r)];
  first.turn()?.pass();
  first.turn()?.end();
  await setImmediate();
  const asking = [second, third].filter(({ turn }) => turn() !== undefined);
  assert.equal(asking.length, 1);
  assert.equal(asking[0]?.turn()?.authorization, undefined);
  await ask(r);
  asking[0]?.turn()?.end();
  await setImmediate();
  const waiting = asking[0] === second ? third : second;
  assert.equal(waiting.turn()?.authorization?.value, 'Bearer t1');
});

test('turn: with a login the others go without one when the first is answered without a challenge', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r), await arrive(r)];
  first.turn()?.end();
  await setImmediate();
  assert.equal(other.turn()?.authorization, undefined);
  assert.ok(other.turn());
  assert.equal(r.requests.length, 0);
});

test('turn: without a login nobody waits', async () => {
  const r = rig(anonymous);
  for (const { turn } of [await arrive(r), await arrive(r)]) assert.ok(turn());
  assert.equal(r.requests.length, 0);
});

test('turn: when the first request fails, the others go', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r), await arrive(r)];
  first.turn()?.end(new NetworkError('CONNECTION', 'reset'));
  await setImmediate();
  assert.ok(other.turn());
});

test('turn: when the token server fails, the others fail with the first', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r), await arrive(r)];
  const error = new AuthError('TOKEN', 'answered 503');
  first.turn()?.end(error);
  await setImmediate();
  assert.equal(other.error(), error);
  assert.ok((await arrive(r)).turn());
});

test('turn: after a challenge, a login of another repository gets its token without a challenge of its own', async () => {
  const r = rig((repository) => (repository === 'b' ? { ...basic, username: 'other' } : basic));
  await ask(r);
  const first = await arrive(r);
  first.turn()?.end();
  const other = await arrive(r, scope('b'));
  assert.equal(other.turn()?.authorization?.value, 'Bearer t2');
  assert.deepEqual(scopesOf(r.requests[1]), ['repository:b:pull']);
});

test('turn: what is refused after a challenge is sent without authorization, as it may be public', async () => {
  const r = rig(basic);
  await ask(r);
  (await arrive(r)).turn()?.end();
  r.reply = () => ({ status: 403 });
  const other = await arrive(r, scope('b'));
  assert.equal(other.turn()?.authorization, undefined);
});

test('turn: the token of a known registry is requested at once, and others go when it is there', async () => {
  const r = rig(basic);
  const first = await arrive(r, scope('a'), ghcr);
  assert.equal(first.turn()?.authorization, undefined);
  const other = await arrive(r, scope('a'), ghcr);
  assert.equal(other.turn()?.authorization?.value, 'Bearer t1');
  const { url } = r.requests[0] ?? {};
  assert.equal(
    `${url?.origin}${url?.pathname} ${url?.searchParams.get('service')}`,
    'https://ghcr.io/token ghcr.io',
  );
});

test('turn: a challenge that names another realm drops the tokens and the refusals of the known one', async () => {
  for (const status of [200, 401, 403, 500]) {
    const r = rig(basic);
    r.reply = ({ url }, count) =>
      url.host === 'ghcr.io' && status !== 200 ? { status } : { status: 200, body: { token: `t${count}` } };
    const first = await arrive(r, scope('a'), ghcr);
    const rejected = (await arrive(r, scope('a'), ghcr)).turn()?.authorization?.value;
    const value = await ask(r, { ...ghcr, challenges: [bearer], ...(rejected && { rejected }) });
    assert.equal(value, 'Bearer t2');
    first.turn()?.end();
    assert.equal((await arrive(r, scope('a'), ghcr)).turn()?.authorization?.value, value);
    assert.deepEqual(
      r.requests.map(({ url }) => url.host),
      ['ghcr.io', 'auth.example'],
    );
  }
});

test('turn: a challenge that leaves out the service agrees with the known one', async () => {
  const r = rig(basic);
  await arrive(r, scope('a'), ghcr);
  assert.equal(await ask(r, { ...ghcr, challenges: ['Bearer realm="https://ghcr.io/token"'] }), 'Bearer t1');
  assert.equal(r.requests.length, 1);
});

test('turn: nobody waits for a known token server that does not answer, once the registry names another', async () => {
  const r = rig(basic);
  r.hang = ({ url }) => url.host === 'ghcr.io';
  const [first, other] = [await arrive(r, scope('a'), ghcr), await arrive(r, scope('a'), ghcr)];
  assert.ok(first.turn());
  assert.equal(other.turn(), undefined);
  const value = await ask(r, { ...ghcr, challenges: [bearer] });
  first.turn()?.end();
  await setImmediate();
  assert.equal(other.turn()?.authorization?.value, value);
});

test('turn: a password goes with the first request to a host that is known to answer Basic', async () => {
  const r = rig(basic);
  const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const at = { origin: new URL(`https://${host}`), registry: host };
  const authorizations = [await arrive(r, scope('a'), at), await arrive(r, scope('b'), at)].map(
    ({ turn }) => turn()?.authorization,
  );
  for (const each of authorizations) assert.match(each?.value ?? '', /^Basic /);
  assert.ok(authorizations[0]?.trial);
  assert.equal(authorizations[0]?.trial, authorizations[1]?.trial);
});
