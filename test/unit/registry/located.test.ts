import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse, Send } from '../../../src/http/message.ts';
import { Endpoints, located } from '../../../src/registry/located.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, outcomeOf } from '../http/wire-rig.ts';

const failure = (code: string) => new NetworkError(code, code);

/** The behaviour of a host at each scheme: a status to answer, or a code to fail with. */
interface Host {
  readonly http: number | string;
  readonly https: number | string;
}

class Rig {
  readonly requests: string[] = [];
  readonly endpoints: Endpoints;
  host: Host;

  constructor(host: Host, insecure: readonly string[] = []) {
    this.host = host;
    this.endpoints = new Endpoints(new Set(insecure), this.#send);
  }

  readonly #send: Send = async ({ url }) => {
    this.requests.push(`probe ${url.href}`);
    return this.#reply(url);
  };

  ask(registry: string): Promise<HttpResponse> {
    const send = located(async ({ origin }) => {
      this.requests.push(`ask ${origin.href}`);
      return this.#reply(origin);
    }, this.endpoints);
    const repository = { registry, path: 'acme/app' };
    return send({ method: 'GET', repository, target: '/v2/', maxBodyBytes: 1000, actions: ['pull'] });
  }

  async #reply(url: URL): Promise<HttpResponse> {
    await new Promise((turn) => setImmediate(turn));
    const does = url.protocol === 'http:' ? this.host.http : this.host.https;
    if (typeof does === 'string') throw failure(does);
    return answer(does, { url: url.href });
  }
}

const plain: Host = { http: 200, https: 'NO_TLS' };
const closesPlain: Host = { http: 'CONNECTION', https: 401 };
const refusesPlain: Host = { http: 400, https: 200 };

interface Case {
  readonly name: string;
  readonly in: readonly [registry: string, host: Host, insecure?: readonly string[]];
  /** The status or the error's code, and the requests it took. */
  readonly out: readonly [unknown, ...string[]];
}

const table: readonly Case[] = [
  {
    name: 'a loopback registry is asked over plain HTTP',
    in: ['127.0.0.1:5000', plain],
    out: [200, 'ask http://127.0.0.1:5000/'],
  },
  {
    name: 'a loopback registry that closes plain connections is asked over TLS',
    in: ['localhost:5000', closesPlain],
    out: [
      401,
      'ask http://localhost:5000/',
      'probe https://localhost:5000/v2/',
      'ask https://localhost:5000/',
    ],
  },
  {
    name: 'a loopback registry that answers 400 to plain HTTP is asked over TLS',
    in: ['[::1]:5000', refusesPlain],
    out: [200, 'ask http://[::1]:5000/', 'probe https://[::1]:5000/v2/', 'ask https://[::1]:5000/'],
  },
  {
    name: 'a loopback registry that answers plain HTTP with TLS bytes is asked over TLS',
    in: ['localhost', { http: 'PROTOCOL', https: 200 }],
    out: [200, 'ask http://localhost/', 'probe https://localhost/v2/', 'ask https://localhost/'],
  },
  {
    name: 'a plain loopback registry that breaks one connection does not count as an untrusted TLS server',
    in: ['127.0.0.1:5000', { http: 'CONNECTION', https: 'NO_TLS' }],
    out: ['CONNECTION', 'ask http://127.0.0.1:5000/', 'probe https://127.0.0.1:5000/v2/'],
  },
  {
    name: 'a loopback registry with an untrusted certificate is reported',
    in: ['127.0.0.1:5000', { http: 'CONNECTION', https: 'TLS' }],
    out: ['TLS', 'ask http://127.0.0.1:5000/', 'probe https://127.0.0.1:5000/v2/'],
  },
  {
    name: 'a 400 stays a 400 when the other scheme is not a registry',
    in: ['127.0.0.1:5000', { http: 400, https: 404 }],
    out: [400, 'ask http://127.0.0.1:5000/', 'probe https://127.0.0.1:5000/v2/'],
  },
  {
    name: 'an insecure registry is asked over TLS first',
    in: ['reg.example:5000', { http: 200, https: 200 }, ['reg.example:5000']],
    out: [200, 'ask https://reg.example:5000/'],
  },
  {
    name: 'an insecure registry that speaks plain HTTP only is asked over plain HTTP',
    in: ['reg.example:5000', plain, ['reg.example:5000']],
    out: [
      200,
      'ask https://reg.example:5000/',
      'probe http://reg.example:5000/v2/',
      'ask http://reg.example:5000/',
    ],
  },
  ...['CONNECTION', 'TIMEOUT', 'TLS', 'NO_TLS', 'PROTOCOL'].map((code) => ({
    name: `another registry is never asked over plain HTTP, not after ${code}`,
    in: ['reg.example', { http: 200, https: code }, ['other.example', 'reg.example:5000']] as const,
    out: [code, 'ask https://reg.example/'] as const,
  })),
  {
    name: 'a 400 of another registry is its answer',
    in: ['reg.example', { http: 200, https: 400 }],
    out: [400, 'ask https://reg.example/'],
  },
  {
    name: 'a host that only looks like loopback is asked over TLS',
    in: ['localhost.evil.example', { http: 200, https: 'CONNECTION' }],
    out: ['CONNECTION', 'ask https://localhost.evil.example/'],
  },
  ...['TOKEN_SERVER', 'REDIRECT', 'TOO_LARGE', 'PROXY', 'DNS'].map((code) => ({
    name: `${code} says nothing of schemes`,
    in: ['127.0.0.1:5000', { http: code, https: 200 }] as const,
    out: [code, 'ask http://127.0.0.1:5000/'] as const,
  })),
  {
    name: 'docker.io is reached at registry-1.docker.io',
    in: ['docker.io', { http: 200, https: 401 }],
    out: [401, 'ask https://registry-1.docker.io/'],
  },
];

for (const { name, in: input, out } of table) {
  test(name, async () => {
    const [registry, host, insecure] = input;
    const rig = new Rig(host, insecure);
    const outcome = await outcomeOf(rig.ask(registry));
    assert.deepEqual(['status' in outcome ? outcome.status : outcome.code, ...rig.requests], out);
  });
}

test('the scheme that answered is kept: no further probe, whatever happens later', async () => {
  const rig = new Rig(closesPlain);
  await rig.ask('localhost:5000');
  assert.equal(rig.endpoints.origin('localhost:5000').href, 'https://localhost:5000/');
  rig.requests.length = 0;
  await rig.ask('localhost:5000');
  rig.host = { http: 200, https: 'CONNECTION' };
  await assert.rejects(rig.ask('localhost:5000'), { code: 'CONNECTION' });
  assert.deepEqual(rig.requests, ['ask https://localhost:5000/', 'ask https://localhost:5000/']);
});

test('a registry that answered over TLS once is never asked over plain HTTP, though it is listed as insecure', async () => {
  const rig = new Rig({ http: 200, https: 200 }, ['reg.example']);
  await rig.ask('reg.example');
  rig.host = { http: 200, https: 'CONNECTION' };
  await assert.rejects(rig.ask('reg.example'), { code: 'CONNECTION' });
  assert.deepEqual(rig.requests, ['ask https://reg.example/', 'ask https://reg.example/']);
});

test('the other scheme is probed once, however many requests fail at the same time', async () => {
  const rig = new Rig(closesPlain);
  const answers = await Promise.all(Array.from({ length: 20 }, () => rig.ask('localhost:5000')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]));
  assert.equal(rig.requests.filter((text) => text.startsWith('probe')).length, 1);
});

test('a registry that was down at the first probe is found once it is up', async () => {
  const rig = new Rig({ http: 'CONNECTION', https: 'CONNECTION' });
  await assert.rejects(rig.ask('localhost:5000'), { code: 'CONNECTION' });
  rig.host = closesPlain;
  assert.equal((await rig.ask('localhost:5000')).status, 401);
});
