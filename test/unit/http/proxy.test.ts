import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferCollector } from '../../../src/http/buffer-collector.ts';
import { proxiesOf } from '../../../src/http/proxy.ts';
import { Transport } from '../../../src/http/transport.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import type { Observer } from '../../../src/run/observer.ts';
import { startFaultyProxy } from '../../support/wire/faulty-proxy.ts';

const noObserver: Observer = { debug: () => {}, info: () => {}, warning: () => {}, secret: () => {} };
const proxy = 'http://proxy.example:3128';

function proxyOf(origin: string, environment: Readonly<Record<string, string>>): string | undefined {
  return proxiesOf(environment, noObserver)(new URL(origin))?.url.href;
}

const variables: readonly (readonly [
  origin: string,
  environment: Readonly<Record<string, string>>,
  out?: string,
])[] = [
  ['https://r.example', {}],
  ['https://r.example', { HTTPS_PROXY: proxy }, `${proxy}/`],
  ['https://r.example', { https_proxy: proxy, HTTPS_PROXY: 'http://other' }, `${proxy}/`],
  ['https://r.example', { https_proxy: '', HTTPS_PROXY: proxy }, `${proxy}/`],
  ['https://r.example', { HTTP_PROXY: proxy }],
  ['http://r.example', { HTTP_PROXY: proxy }, `${proxy}/`],
  ['http://r.example', { HTTPS_PROXY: proxy }],
  ['https://r.example', { HTTPS_PROXY: 'proxy.example:3128' }, `${proxy}/`],
  ['https://r.example', { HTTPS_PROXY: '10.0.0.1:3128' }, 'http://10.0.0.1:3128/'],
  ['https://r.example', { HTTPS_PROXY: 'https://u:p@proxy.example' }, 'https://proxy.example/'],
  ['http://localhost:5000', { HTTP_PROXY: proxy }],
  ['http://127.3.2.1:5000', { HTTP_PROXY: proxy }],
  ['https://[::1]:5000', { HTTPS_PROXY: proxy }],
  ['https://localhost.evil.example', { HTTPS_PROXY: proxy }, `${proxy}/`],
];

for (const [origin, environment, out] of variables) {
  test(`${origin} with ${JSON.stringify(environment)} is reached through ${out ?? 'nothing'}`, () => {
    assert.equal(proxyOf(origin, environment), out);
  });
}

const excluded: readonly (readonly [list: string, origin: string])[] = [
  ['*', 'https://r.example'],
  ['r.example', 'https://r.example'],
  ['R.Example', 'https://r.example'],
  ['r.example:443', 'https://r.example'],
  ['r.example:5000', 'http://r.example:5000'],
  ['a,example', 'https://r.example'],
  ['a .example', 'https://r.example'],
  ['.r.example', 'https://r.example'],
  ['*.example', 'https://r.example'],
  ['docker.io', 'https://registry-1.docker.io'],
  ['10.1.2.3', 'https://10.1.2.3:5000'],
  ['10.0.0.0/8', 'https://10.1.2.3'],
  ['fd00::/8', 'https://[fd12::1]'],
  ['[fd12::1]:5000', 'https://[fd12::1]:5000'],
  ['fd12:0::1', 'https://[fd12::1]'],
];
for (const [list, origin] of excluded) {
  test(`NO_PROXY=${list} excludes ${origin}`, () => {
    for (const name of ['no_proxy', 'NO_PROXY'])
      assert.equal(proxyOf(origin, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, [name]: list }), undefined);
  });
}

const included: readonly (readonly [list: string, origin: string])[] = [
  ['', 'https://r.example'],
  [',', 'https://r.example'],
  ['r.example:80', 'https://r.example'],
  ['xample', 'https://r.example'],
  ['*.r.example', 'https://r.example'],
  ['r.example.com', 'https://r.example'],
  ['11.0.0.0/8', 'https://10.1.2.3'],
  ['10.0.0.0/99', 'https://10.1.2.3'],
  ['10.0.0.0/x', 'https://10.1.2.3'],
  ['0.0.0.0/0', 'https://r.example'],
  ['1.2.3', 'https://10.1.2.3'],
  ['::/0', 'https://10.1.2.3'],
];
for (const [list, origin] of included) {
  test(`NO_PROXY=${list} does not exclude ${origin}`, () => {
    assert.equal(proxyOf(origin, { HTTPS_PROXY: proxy, NO_PROXY: list }), `${proxy}/`);
  });
}

test('user and password are unescaped, sent to the proxy only, and masked', () => {
  const secrets: string[] = [];
  const observer = { ...noObserver, secret: (value: string) => void secrets.push(value) };
  const source = proxiesOf({ HTTPS_PROXY: 'http://me:p%40ss%20w%3Ard@proxy.example' }, observer);
  const pair = Buffer.from('me:p@ss w:rd').toString('base64');
  assert.deepEqual(secrets, ['p%40ss%20w%3Ard', 'p@ss w:rd', pair]);
  const found = source(new URL('https://r.example'));
  assert.deepEqual(found?.headers, { 'proxy-authorization': `Basic ${pair}` });
  assert.doesNotMatch(found?.url.href ?? '', /me|ss/);
});

for (const value of [
  'ftp://u:hush-hush@x.example',
  'http://u:hush-hush@:port',
  'socks5://x.example',
  '::',
  'http://',
]) {
  test(`HTTPS_PROXY=${value} is an error that does not quote it`, () => {
    const isReported = (error: unknown): boolean =>
      error instanceof NetworkError &&
      error.code === 'PROXY' &&
      error.message.startsWith('HTTPS_PROXY ') &&
      !/hush|x\.example/.test(`${error.message} ${error.hint}`);
    assert.throws(() => proxyOf('https://r.example', { HTTPS_PROXY: value }), isReported);
  });
}

for (const scheme of ['http', 'https']) {
  test(`a proxy that never answers a request for ${scheme} is a TIMEOUT`, async () => {
    const silent = await startFaultyProxy('silence');
    const timeouts = { connect: 200, headers: 200, idle: 200, whole: 10_000 };
    const proxy = proxiesOf({ HTTP_PROXY: silent.url, HTTPS_PROXY: silent.url }, noObserver);
    const transport = new Transport({
      timeouts,
      proxy,
      tls: async () => ({}),
      userAgent: 'test',
      buffers: new BufferCollector(),
    });
    const request = {
      method: 'GET',
      url: new URL(`${scheme}://r.example/v2/`),
      headers: {},
      maxBodyBytes: 10,
    } as const;
    const isReported = (error: unknown): boolean =>
      error instanceof NetworkError &&
      error.code === 'TIMEOUT' &&
      error.message.startsWith('r.example, through a proxy,');
    await assert.rejects(transport.send(request), isReported);
    await transport.close();
    await silent.close();
  });
}
