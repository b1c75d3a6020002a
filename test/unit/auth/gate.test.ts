import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Permit } from '../../../src/auth/authorizer.ts';
import type { AccessRequest } from '../../../src/auth/scope.ts';
import { AuthError, NetworkError } from '../../../src/run/errors.ts';
import {
  anonymous,
  basic,
  bearer,
  origin,
  type Rig,
  registry,
  rig,
  scope,
} from '../../support/rigs/authorizer-rig.ts';
import { answer } from '../../support/rigs/wire-rig.ts';

const ghcr = { origin: new URL('https://ghcr.io'), registry: 'ghcr.io' };
const amazonHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const amazon = { origin: new URL(`https://${amazonHost}`), registry: amazonHost };
const ok = answer(200);

/** A request at the gate. */
class Arrival {
  /** The permit to send it; undefined while it waits. */
  permit: Permit | undefined;
  /** The error that it failed with. */
  error: unknown;
  readonly #response = Promise.withResolvers<typeof ok>();

  constructor({ authorizer }: Rig, request: AccessRequest) {
    const job = (permit: Permit): Promise<typeof ok> => {
      this.permit = permit;
      return this.#response.promise;
    };
    authorizer.enter(request, job).catch((error: unknown) => {
      this.error = error;
    });
  }

  /** Ends its job: with a response, or an error. */
  async end(outcome: typeof ok | Error = ok): Promise<void> {
    if (outcome instanceof Error) this.#response.reject(outcome);
    else this.#response.resolve(outcome);
    await setImmediate();
  }
}

async function arrive(r: Rig, repository = 'a', at = { origin, registry }): Promise<Arrival> {
  const arrival = new Arrival(r, { ...at, scope: scope(repository) });
  await setImmediate();
  return arrival;
}

/** The Authorization value that a request may be sent with. */
const valueFor = ({ permit }: Arrival): string | undefined => permit?.authorization?.value;

test('gate: with a login the first request is sent alone, and the others get the resulting token', async () => {
  const r = rig(basic);
  const [first, ...others] = [await arrive(r), await arrive(r), await arrive(r, 'b')] as const;
  assert.deepEqual(
    [first, ...others].map(({ permit }) => permit),
    [{}, undefined, undefined],
  );
  await r.ask();
  await setImmediate();
  assert.deepEqual(others.map(valueFor), ['Bearer t1', 'Bearer t1']);
  assert.deepEqual(r.requests[0]?.scopes, ['repository:a:pull', 'repository:b:pull']);
});

test('gate: when a temporary failure ends the first request, the next one asks alone', async () => {
  const r = rig(basic);
  const [first, second, third] = [await arrive(r), await arrive(r), await arrive(r)];
  await first.end(answer(429));
  assert.deepEqual(
    [second, third].map(({ permit }) => permit),
    [{}, undefined],
  );
  await r.ask();
  await second.end();
  assert.equal(valueFor(third), 'Bearer t1');
});

const ends: readonly (readonly [name: string, outcome: typeof ok | Error])[] = [
  ['is answered without a challenge', ok],
  ['fails on the way', new NetworkError('CONNECTION', 'reset')],
  ['fails with a bug', new TypeError('bug')],
];

for (const [name, outcome] of ends) {
  test(`gate: with a login the others go without one when the first request ${name}`, async () => {
    const r = rig(basic);
    const [first, other] = [await arrive(r), await arrive(r)];
    await first.end(outcome);
    assert.deepEqual([other.permit, other.error, r.requests], [{ authorization: undefined }, undefined, []]);
  });
}

test('gate: without a login no request waits', async () => {
  const r = rig(anonymous);
  for (const { permit } of [await arrive(r), await arrive(r)]) assert.ok(permit);
  assert.equal(r.requests.length, 0);
});

test('gate: a failure of the token server is the failure of those that wait, and of no later request', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r), await arrive(r)];
  const error = new AuthError('TOKEN', 'answered 503');
  await first.end(error);
  assert.equal(other.error, error);
  assert.ok((await arrive(r)).permit);
});

test('gate: a first request that fails before it is sent does not stop the others', async () => {
  const bug = new TypeError('bug');
  const r = rig((repository) => {
    if (repository === 'a') throw bug;
    return basic;
  });
  const [first, other] = [await arrive(r, 'a', amazon), await arrive(r, 'b', amazon)];
  assert.equal(first.error, bug);
  assert.match(valueFor(other) ?? '', /^Basic /);
});

test('gate: after a challenge, a login of another repository gets its token without a challenge of its own', async () => {
  const r = rig((repository) => (repository === 'b' ? { ...basic, username: 'other' } : basic));
  const first = await arrive(r);
  await r.ask();
  await first.end();
  assert.equal(valueFor(await arrive(r, 'b')), 'Bearer t2');
  assert.deepEqual(r.requests[1]?.scopes, ['repository:b:pull']);
});

test('gate: after a refused token, a request is sent without authorization: its content may be public', async () => {
  const r = rig(basic);
  const first = await arrive(r);
  await r.ask();
  await first.end();
  r.reply = () => ({ status: 403 });
  assert.deepEqual((await arrive(r, 'b')).permit, { authorization: undefined });
});

test('gate: the token of a known registry is requested at once, and the others go when it is there', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r, 'a', ghcr), await arrive(r, 'a', ghcr)];
  assert.deepEqual([valueFor(first), (await first.permit?.pending)?.value], [undefined, 'Bearer t1']);
  assert.equal(valueFor(other), 'Bearer t1');
  const { origin: host, pathname, searchParams } = r.requests[0]?.url ?? new URL('none:');
  assert.equal(`${host}${pathname} ${searchParams.get('service')}`, 'https://ghcr.io/token ghcr.io');
});

for (const status of [200, 401, 403, 500]) {
  test(`gate: a challenge with another realm drops the known one and its results (${status})`, async () => {
    const r = rig(basic);
    r.reply = ({ url }, count) =>
      url.host === 'ghcr.io' && status !== 200 ? { status } : { status: 200, body: { token: `t${count}` } };
    const first = await arrive(r, 'a', ghcr);
    const rejected = valueFor(await arrive(r, 'a', ghcr));
    const value = await r.ask({ ...ghcr, challenges: [bearer], ...(rejected && { rejected }) });
    assert.equal(value, 'Bearer t2');
    await first.end();
    assert.equal(valueFor(await arrive(r, 'a', ghcr)), value);
    assert.deepEqual(
      r.requests.map(({ url }) => url.host),
      ['ghcr.io', 'auth.example'],
    );
  });
}

test('gate: a challenge without a service agrees with the known one', async () => {
  const r = rig(basic);
  await arrive(r, 'a', ghcr);
  assert.equal(await r.ask({ ...ghcr, challenges: ['Bearer realm="https://ghcr.io/token"'] }), 'Bearer t1');
  assert.equal(r.requests.length, 1);
});

test('gate: no request waits for a known token server that hangs, once the registry names another one', async () => {
  const r = rig(basic);
  r.hang = ({ url }) => url.host === 'ghcr.io';
  const [first, other] = [await arrive(r, 'a', ghcr), await arrive(r, 'a', ghcr)];
  assert.deepEqual([first.permit !== undefined, other.permit], [true, undefined]);
  const value = await r.ask({ ...ghcr, challenges: [bearer] });
  await setImmediate();
  assert.equal(valueFor(other), value);
});

test('gate: a password goes with the first request to a host that is known to answer Basic', async () => {
  const r = rig(basic);
  const [first, other] = [await arrive(r, 'a', amazon), await arrive(r, 'b', amazon)];
  for (const each of [first, other]) assert.match(valueFor(each) ?? '', /^Basic /);
  assert.ok(first.permit?.authorization?.gate);
  assert.equal(first.permit?.authorization?.gate, other.permit?.authorization?.gate);
});
