import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { authorized, type ScopedRequest } from '../../../src/auth/authorized.ts';
import type { Authorizer } from '../../../src/auth/authorizer.ts';
import type { Authorization } from '../../../src/auth/login.ts';
import type { AccessRequest } from '../../../src/auth/scope.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { origin, registry, scope } from '../../support/rigs/authorizer-rig.ts';
import { answer } from '../../support/rigs/wire-rig.ts';

const request: ScopedRequest = {
  ...{ method: 'GET', url: new URL('/v2/a/manifests/1', origin), headers: {}, maxBodyBytes: 1000 },
  ...{ origin, registry, scope: scope('a') },
};
const refused = answer(401, { headers: { 'www-authenticate': 'Bearer realm="https://auth.example/token"' } });
const token: Authorization = { value: 'Bearer t', source: 'registry-auth input' };

interface Stage {
  readonly sent: (string | undefined)[];
  readonly challenged: AccessRequest[];
  readonly send: (request: ScopedRequest) => Promise<HttpResponse>;
}

/** Requests to a known registry whose token is `pending`, and to a server that answers by Authorization value. */
function stage(
  pending: Promise<Authorization | undefined>,
  reply: (authorization: string | undefined) => HttpResponse | Promise<HttpResponse>,
): Stage {
  const [sent, challenged]: [(string | undefined)[], AccessRequest[]] = [[], []];
  const authorizer: Authorizer = {
    enter: (_request, job) => job({ pending }),
    challenged: async (each) => {
      challenged.push(each);
      return { ...token, value: 'Bearer of the challenge' };
    },
  };
  const wire = async ({ originHeaders, url }: HttpRequest): Promise<HttpResponse> => {
    const authorization = originHeaders?.['authorization'];
    sent.push(authorization);
    return { ...(await reply(authorization)), url };
  };
  return { sent, challenged, send: authorized(wire, authorizer, { headers: async () => ({}) }) };
}

const ok = answer(200);
const never = new Promise<never>(() => undefined);
const withAny = (given: string | undefined): HttpResponse => (given === undefined ? refused : ok);

test('authorized: a read is sent at once, and again with the token as soon as it is there', async () => {
  const { sent, challenged, send } = stage(Promise.resolve(token), withAny);
  assert.equal((await send(request)).status, 200);
  await setImmediate();
  assert.deepEqual(
    [sent, challenged.map(({ rejected }) => rejected)],
    [[undefined, 'Bearer t'], [undefined]],
  );
});

test('authorized: a read that succeeds without the token does not wait for it', async () => {
  const { sent, send } = stage(never, () => ok);
  assert.equal((await send(request)).status, 200);
  assert.deepEqual(sent, [undefined]);
});

for (const [name, pending] of [
  ['does not come', Promise.resolve(undefined)],
  ['does not come in time', never],
] as const) {
  test(`authorized: when the token ${name}, the challenge is answered`, async () => {
    const { sent, send } = stage(pending, withAny);
    assert.equal((await send(request)).status, 200);
    assert.deepEqual(sent, [undefined, 'Bearer of the challenge']);
  });
}

test('authorized: a token that the registry rejects is replaced', async () => {
  const { challenged, send } = stage(Promise.resolve(token), (given) =>
    given === 'Bearer of the challenge' ? ok : refused,
  );
  assert.equal((await send(request)).status, 200);
  assert.ok(challenged.some(({ rejected }) => rejected === 'Bearer t'));
});

test('authorized: once the token is there, a failure of the request without it is ignored', async () => {
  const { send } = stage(Promise.resolve(token), async (given) => {
    if (given === undefined) throw new Error('reset');
    return ok;
  });
  assert.equal((await send(request)).status, 200);
  await setImmediate();
});

for (const more of [{ method: 'PUT' }, { answer: 'stream' }] as const) {
  test(`authorized: a request with ${Object.values(more)[0]} is sent once, with the token`, async () => {
    const { sent, send } = stage(Promise.resolve(token), () => ok);
    await send({ ...request, ...more });
    assert.deepEqual(sent, ['Bearer t']);
  });
}
