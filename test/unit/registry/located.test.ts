import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse, Send } from '../../../src/http/message.ts';
import { Endpoints, located } from '../../../src/registry/located.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

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

type Case = readonly [
  name: string,
  input: readonly [registry: string, host: Host, insecure?: readonly string[]],
  /** The status or the error's code, and the requests it took, with R for the registry's name. */
  out: readonly [unknown, ...string[]],
];

const table: readonly Case[] = [
  ['a loopback registry is asked over plain HTTP', ['127.0.0.1:5000', plain], [200, 'ask http://R/']],
  [
    'a loopback registry that closes plain connections is asked over TLS',
    ['localhost:5000', closesPlain],
    [401, 'ask http://R/', 'probe https://R/v2/', 'ask https://R/'],
  ],
  [
    'a loopback registry that answers 400 to plain HTTP is asked over TLS',
    ['[::1]:5000', refusesPlain],
    [200, 'ask http://R/', 'probe https://R/v2/', 'ask https://R/'],
  ],
  [
    'a loopback registry that answers plain HTTP with TLS bytes is asked over TLS',
    ['localhost', { http: 'PROTOCOL', https: 200 }],
    [200, 'ask http://R/', 'probe https://R/v2/', 'ask https://R/'],
  ],
  [
    'a plain loopback registry that breaks one connection does not count as an untrusted TLS server',
    ['127.0.0.1:5000', { http: 'CONNECTION', https: 'NO_TLS' }],
    ['CONNECTION', 'ask http://R/', 'probe https://R/v2/'],
  ],
  [
    'a loopback registry with an untrusted certificate is reported',
    ['127.0.0.1:5000', { http: 'CONNECTION', https: 'TLS' }],
    ['TLS', 'ask http://R/', 'probe https://R/v2/'],
  ],
  [
    'a 400 stays a 400 when the other scheme is not a registry',
    ['127.0.0.1:5000', { http: 400, https: 404 }],
    [400, 'ask http://R/', 'probe https://R/v2/'],
  ],
  [
    'an insecure registry is asked over TLS first',
    ['reg.example:5000', { http: 200, https: 200 }, ['reg.example:5000']],
    [200, 'ask https://R/'],
  ],
  [
    'an insecure registry that speaks plain HTTP only is asked over plain HTTP',
    ['reg.example:5000', plain, ['reg.example:5000']],
    [200, 'ask https://R/', 'probe http://R/v2/', 'ask http://R/'],
  ],
  ...['CONNECTION', 'TIMEOUT', 'TLS', 'NO_TLS', 'PROTOCOL'].map(
    (code) =>
      [
        `another registry is never asked over plain HTTP, not after ${code}`,
        ['reg.example', { http: 200, https: code }, ['other.example', 'reg.example:5000']],
        [code, 'ask https://R/'],
      ] as const,
  ),
  [
    'a 400 of another registry is its answer',
    ['reg.example', { http: 200, https: 400 }],
    [400, 'ask https://R/'],
  ],
  [
    'a host that only looks like loopback is asked over TLS',
    ['localhost.evil.example', { http: 200, https: 'CONNECTION' }],
    ['CONNECTION', 'ask https://R/'],
  ],
  ...['TOKEN_SERVER', 'REDIRECT', 'TOO_LARGE', 'PROXY', 'DNS'].map(
    (code) =>
      [
        `${code} says nothing of schemes`,
        ['127.0.0.1:5000', { http: code, https: 200 }],
        [code, 'ask http://R/'],
      ] as const,
  ),
  [
    'docker.io is reached at registry-1.docker.io',
    ['docker.io', { http: 200, https: 401 }],
    [401, 'ask https://registry-1.R/'],
  ],
];

for (const [name, [registry, host, insecure], out] of table) {
  test(name, async () => {
    const rig = new Rig(host, insecure);
    const outcome = await outcomeOf(rig.ask(registry));
    const requests = rig.requests.map((text) => text.replace(registry, 'R'));
    assert.deepEqual(['status' in outcome ? outcome.status : outcome.code, ...requests], out);
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
