import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { BufferCollector } from '../../../src/http/buffer-collector.ts';
import { standardTimeouts, Transport } from '../../../src/http/transport.ts';
import { outwardNames } from '../../../src/run/inward-names.ts';

type Answers = Readonly<Record<string, readonly (readonly string[])[]>>;

/** A resolver with these answers, one for each time that a name is looked up; the last one stays. */
function resolverOf(answers: Answers) {
  const counts = new Map<string, number>();
  return async (name: string) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const given = answers[name] ?? [];
    const addresses = given[Math.min(count, given.length - 1)] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

const registry = 'registry.test';
const internal = 'internal.test';
const answers: Answers = {
  [registry]: [['203.0.113.1']],
  [internal]: [['10.0.0.1']],
  'here.test': [['127.0.0.1']],
  'mixed.test': [['127.0.0.1', '203.0.113.2']],
  'rebound.test': [['203.0.113.3'], ['127.0.0.1']],
  'moved.test': [['203.0.113.3'], ['10.0.0.3']],
};

/** The addresses that a host may be contacted at for a registry, or the code of the refusal. */
function lookedUp(host: string, registryHost: string, given: Answers = answers, names = namesOf(given)) {
  const lookup = names(new URL(`https://${host}`), registryHost);
  return new Promise((resolve) => {
    lookup(host, { all: true }, (error, found) => {
      resolve(error === null ? [found].flat().map((each) => Object(each).address) : error.code);
    });
  });
}

function namesOf(given: Answers, allowsLoopback = (_: string) => false) {
  return outwardNames(allowsLoopback, resolverOf(given));
}

const inward = [
  ...[
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ],
  ...['169.254.169.254', 'fe80::1', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254'],
  ...[
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::6464:64c8',
    '2002:a9fe:a9fe::',
    '::a9fe:a9fe',
  ],
];
for (const address of inward) {
  test(`a name at ${address} is refused for a public registry`, async () => {
    assert.equal(await lookedUp('x.test', registry, { ...answers, 'x.test': [[address]] }), 'INWARD_ADDRESS');
  });
}

const outward = ['203.0.113.9', '10.1.2.3', '192.168.0.9', '100.64.0.1', 'fd12::1', '2001:db8::1'];
for (const address of [...outward, '64:ff9b::cb00:7109', '198.18.0.7']) {
  test(`a name at ${address} is contacted for a public registry`, async () => {
    assert.deepEqual(await lookedUp('x.test', registry, { ...answers, 'x.test': [[address]] }), [address]);
  });
}

for (const { name, host, by, out } of [
  { name: 'a registry may be on the runner', host: 'here.test', by: 'here.test', out: ['127.0.0.1'] },
  {
    name: 'a registry on the runner leads to it',
    host: 'here.test',
    by: '127.0.0.1:5000',
    out: ['127.0.0.1'],
  },
  { name: 'one in a private network leads to it', host: 'here.test', by: internal, out: ['127.0.0.1'] },
  { name: 'outward addresses are kept', host: 'mixed.test', by: registry, out: ['203.0.113.2'] },
  { name: 'of a registry, too', host: 'mixed.test', by: 'mixed.test', out: ['203.0.113.2'] },
]) {
  test(name, async () => {
    const literal = { ...answers, '127.0.0.1': [['127.0.0.1']] };
    assert.deepEqual(await lookedUp(host, by, literal), out);
  });
}

test('a registry must not move to the runner, and may move within a private network', async () => {
  const names = namesOf(answers);
  for (const [host, second] of [
    ['rebound.test', 'INWARD_ADDRESS'],
    ['moved.test', ['10.0.0.3']],
  ] as const) {
    assert.deepEqual(await lookedUp(host, host, answers, names), ['203.0.113.3']);
    assert.deepEqual(await lookedUp(host, host, answers, names), second);
  }
});

test('a registry with an inward address beside a public one does not lead to the runner', async () => {
  assert.equal(await lookedUp('here.test', 'mixed.test'), 'INWARD_ADDRESS');
});

test('an insecure registry leads to the runner, but never to metadata', async () => {
  const given = { ...answers, 'x.test': [['169.254.169.254']] };
  const names = namesOf(given, (host) => host === registry);
  assert.deepEqual(await lookedUp('here.test', registry, given, names), ['127.0.0.1']);
  assert.equal(await lookedUp('x.test', registry, given, names), 'INWARD_ADDRESS');
});

test('nothing is sent to a name that a public registry leads to the runner with', async (t) => {
  const urls: string[] = [];
  const server = createServer((request, response) => {
    urls.push(request.url ?? '');
    response.end('served');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = new Transport({
    timeouts: standardTimeouts,
    tls: async () => ({}),
    userAgent: 'a-test',
    buffers: new BufferCollector(),
    names: namesOf(answers),
  });
  t.after(async () => {
    await transport.close();
    server.close();
  });
  const url = new URL(`http://here.test:${(server.address() as AddressInfo).port}/x`);
  const read = (registryHost: string) =>
    transport.send({ method: 'GET', url, headers: {}, maxBodyBytes: 100, registryHost });
  await assert.rejects(read(registry), {
    name: 'NetworkError',
    code: 'INWARD_ADDRESS',
    message: `${url.host}, which ${registry} names, resolves to a loopback address: nothing was sent`,
  });
  assert.deepEqual(urls, []);
  assert.equal((await read(internal)).status, 200);
  assert.deepEqual(urls, ['/x']);
});
