import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authorizer, Permit, RunAccess } from '../../../src/auth/authorizer.ts';
import { LoginGate } from '../../../src/auth/gate.ts';
import type { Authorization } from '../../../src/auth/login.ts';
import type { AccessRequest } from '../../../src/auth/scope.ts';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { RegistryClient } from '../../../src/registry/client.ts';
import type { RegistryRequest } from '../../../src/registry/registry-request.ts';
import { AuthError, NetworkError } from '../../../src/run/errors.ts';
import { layersOver, repositoryOf } from '../../support/rigs/memory-registry.ts';
import { answer, FakeClock, outcomeOf, Told } from '../../support/rigs/wire-rig.ts';

const repository = repositoryOf('ghcr.io/acme/app');
const call: RegistryRequest = {
  method: 'GET',
  repository,
  target: '/v2/acme/app/manifests/x',
  maxBodyBytes: 1000,
  actions: ['pull'],
};
const bearer = 'Bearer realm="https://ghcr.io/token",service="ghcr.io"';

/** An authorizer with a new value for each challenge. */
class Granting implements Authorizer, RunAccess {
  mayLogIn = async () => false;
  readonly challenges: (AccessRequest & { readonly challenges: readonly string[] })[] = [];
  readonly expected: unknown[] = [];
  known: string | undefined;
  readonly #scheme: string;

  constructor(scheme = 'Bearer', known?: string) {
    this.#scheme = scheme;
    this.known = known;
  }

  grants(): 'unknown' {
    return 'unknown';
  }

  declareAccess(...given: unknown[]): void {
    this.expected.push(given);
  }

  enter(_request: AccessRequest, job: (permit: Permit) => Promise<HttpResponse>): Promise<HttpResponse> {
    return job(
      this.known === undefined ? {} : { authorization: { value: this.known, source: 'GITHUB_TOKEN' } },
    );
  }

  async challenged(request: AccessRequest, challenges: readonly string[]): Promise<Authorization> {
    this.challenges.push({ ...request, challenges });
    if (request.rejected?.endsWith(' last') === true) throw new AuthError('UNAUTHORIZED', 'no more');
    this.known = `${this.#scheme} ${this.challenges.length}`;
    return { value: this.known, source: 'GITHUB_TOKEN' };
  }
}

function host(reply: (request: HttpRequest, count: number) => HttpResponse) {
  const requests: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    return { ...reply(request, requests.length), url: request.url };
  };
  const sent = (): (string | undefined)[] =>
    requests.map(({ originHeaders }) => originHeaders?.['authorization']);
  return { send, requests, sent };
}

const challenge = (value = bearer) => answer(401, { headers: { 'www-authenticate': value } });
const ok = answer(200);

interface Case {
  readonly name: string;
  readonly in: (request: HttpRequest, count: number) => HttpResponse;
  readonly known?: string;
  readonly out: { readonly outcome: unknown; readonly sent: readonly (string | undefined)[] };
}

const narrow = answer(403, { headers: { 'www-authenticate': `${bearer},error="insufficient_scope"` } });

const table: readonly Case[] = [
  { name: 'no challenge', in: () => ok, out: { outcome: 200, sent: [undefined] } },
  {
    name: 'a first challenge',
    in: (_request, count) => (count === 1 ? challenge() : ok),
    out: { outcome: 200, sent: [undefined, 'Bearer 1'] },
  },
  {
    name: 'known authorization is sent at once',
    known: 'Bearer 0',
    in: () => ok,
    out: { outcome: 200, sent: ['Bearer 0'] },
  },
  {
    name: 'a token that ran out is renewed and the request replayed',
    known: 'Bearer 0',
    in: (_request, count) => (count === 1 ? challenge() : ok),
    out: { outcome: 200, sent: ['Bearer 0', 'Bearer 1'] },
  },
  {
    name: 'a 403 with insufficient_scope is a challenge',
    known: 'Bearer 0',
    in: (_request, count) => (count === 1 ? narrow : ok),
    out: { outcome: 200, sent: ['Bearer 0', 'Bearer 1'] },
  },
  { name: 'any other 403 is an answer', in: () => answer(403), out: { outcome: 403, sent: [undefined] } },
  {
    name: 'a 403 with a challenge of another kind is an answer',
    in: () => answer(403, { headers: { 'www-authenticate': bearer } }),
    out: { outcome: 403, sent: [undefined] },
  },
  {
    name: 'three challenges are answered, then the 401 is the answer',
    in: () => challenge(),
    out: { outcome: 401, sent: [undefined, 'Bearer 1', 'Bearer 2', 'Bearer 3'] },
  },
  {
    name: 'an authorizer without further authorization ends it',
    known: 'Bearer last',
    in: () => challenge(),
    out: { outcome: 'UNAUTHORIZED', sent: ['Bearer last'] },
  },
  {
    name: 'a broken connection after the challenge is tried again with the authorization known by then',
    in: (_request, count) => {
      if (count === 1) return challenge();
      if (count === 2) throw new NetworkError('CONNECTION', 'reset');
      return ok;
    },
    out: { outcome: 200, sent: [undefined, 'Bearer 1', 'Bearer 1'] },
  },
];

for (const { name, in: reply, known, out } of table) {
  test(`request: ${name}`, async () => {
    const { send, sent } = host(reply);
    const authorizer = new Granting('Bearer', known);
    const outcome = await outcomeOf(layersOver(send, new FakeClock(), { authorizer })(call));
    assert.deepEqual({ outcome: 'status' in outcome ? outcome.status : outcome.code, sent: sent() }, out);
  });
}

test('the authorizer gets the registry, the scope and the rejected value', async () => {
  const { send } = host((_request, count) =>
    count === 1 ? answer(401, { headers: { 'www-authenticate': ['Negotiate', bearer] } }) : ok,
  );
  const authorizer = new Granting('Bearer', 'Bearer old');
  await layersOver(send, new FakeClock(), { authorizer })({ ...call, actions: ['pull', 'push'] });
  assert.deepEqual(authorizer.challenges, [
    {
      origin: new URL('https://ghcr.io'),
      registry: 'ghcr.io',
      scope: { repository: 'acme/app', actions: ['pull', 'push'] },
      challenges: ['Negotiate', bearer],
      rejected: 'Bearer old',
    },
  ]);
});

test('a 401 from the target of a redirect is not a challenge, and gets no credentials', async () => {
  const authorizer = new Granting('Bearer', 'Bearer 0');
  const { send, requests, sent } = host(({ url }) =>
    url.host === 'ghcr.io'
      ? answer(307, { headers: { location: 'https://storage.example/blob' } })
      : challenge('Bearer realm="https://evil.example/token"'),
  );
  const response = await layersOver(send, new FakeClock(), { authorizer })(call);
  assert.equal(response.status, 401);
  assert.deepEqual([requests.length, sent(), authorizer.challenges], [2, ['Bearer 0', undefined], []]);
});

test('configured headers go to the registry’s origin only', async () => {
  const credentials: Credentials = {
    find: async () => ({ kind: 'anonymous', source: 'no login' }),
    mayFind: async () => false,
    headers: async () => ({ 'x-meta': 'ci' }),
  };
  const { send, requests } = host(({ url }) =>
    url.host === 'ghcr.io' ? answer(307, { headers: { location: 'https://storage.example/blob' } }) : ok,
  );
  await layersOver(send, new FakeClock(), { credentials })(call);
  assert.deepEqual(
    requests.map(({ originHeaders }) => originHeaders),
    [{ 'x-meta': 'ci' }, undefined],
  );
});

const targets: readonly (readonly [
  name: string,
  target: string,
  out?: readonly [url: string, sent: string],
])[] = [
  ['a path', '/v2/x?y=%2F', ['https://ghcr.io/v2/x?y=%2F', 'Bearer 0']],
  ['a URL on the origin', 'https://ghcr.io/v2/x', ['https://ghcr.io/v2/x', 'Bearer 0']],
  ['a URL elsewhere', 'https://evil.example/v2/x'],
  ['a URL without scheme elsewhere', '//evil.example/x'],
  ['another port', 'https://ghcr.io:8443/x'],
];

for (const [name, target, out = []] of targets) {
  test(`target: ${name}`, async () => {
    const { send, requests, sent } = host(() => ok);
    const authorizer = new Granting('Bearer', 'Bearer 0');
    const outcome = await outcomeOf(layersOver(send, new FakeClock(), { authorizer })({ ...call, target }));
    assert.equal('code' in outcome ? outcome.code : undefined, out.length === 0 ? 'REDIRECT' : undefined);
    assert.deepEqual([...requests.map(({ url }) => url.href), ...sent()], out);
  });
}

test('one request tries a password before others send it: a wrong one is sent once', async () => {
  const { send, sent } = host(() => challenge('Basic'));
  const gate = new LoginGate<HttpResponse>();
  const sending = layersOver(send, new FakeClock(), {
    authorizer: {
      declareAccess: () => undefined,
      grants: () => 'unknown',
      mayLogIn: async () => false,
      enter: (_request, job) => job({}),
      challenged: async (request) => {
        if (request.rejected !== undefined) throw new AuthError('UNAUTHORIZED', 'wrong password');
        return { value: 'Basic x', source: undefined, gate };
      },
    },
  });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcomeOf(sending(call))));
  assert.deepEqual(
    new Set(outcomes.map((each) => ('code' in each ? each.code : each.status))),
    new Set(['UNAUTHORIZED']),
  );
  assert.equal(sent().filter((value) => value === 'Basic x').length, 1);
});

test('a call with one try is not tried again', async () => {
  const { send, requests } = host(() => answer(503));
  const response = await layersOver(send, new FakeClock())({ ...call, tries: 'one' });
  assert.deepEqual([response.status, requests.length], [503, 1]);
});

test('declared access goes to the authorizer under the registry’s name', () => {
  const authorizer = new Granting();
  const { send } = host(() => ok);
  const hub = repositoryOf('docker.io/library/x');
  const client = new RegistryClient(send as never, authorizer, new Told());
  client.declareAccess(hub, ['pull', 'push']);
  assert.deepEqual(authorizer.expected, [
    ['docker.io', { repository: 'library/x', actions: ['pull', 'push'] }],
  ]);
});

test('docker.io is asked at registry-1.docker.io, each request with its own headers and body', async () => {
  const { send, requests } = host((_request, count) => (count === 1 ? challenge() : ok));
  const authorizer = new Granting();
  const body = Buffer.from('x');
  const put: RegistryRequest = {
    ...call,
    method: 'PUT',
    repository: repositoryOf('docker.io/library/x'),
    body,
  };
  await layersOver(send, new FakeClock(), { authorizer })({
    ...put,
    headers: { 'content-type': 'a/b' },
  });
  assert.deepEqual(
    requests.map(({ url, headers, body: sent }) => [url.host, headers, sent]),
    Array(2).fill(['registry-1.docker.io', { 'content-type': 'a/b' }, body]),
  );
  assert.equal(authorizer.challenges[0]?.registry, 'docker.io');
});
