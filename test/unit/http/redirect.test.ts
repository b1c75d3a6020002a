import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse, Method } from '../../../src/http/message.ts';
import { redirected, registryRedirects } from '../../../src/http/redirect.ts';
import { answer, outcomeOf, request } from '../../support/rigs/wire-rig.ts';

const start = 'https://registry.example/v2/acme/app/blobs/x';

type Case = readonly [
  name: string,
  /** Where each answer leads; the request after the last one is answered with 200. */
  locations: readonly (string | null)[],
  /** Each URL asked after the first, with `+` if the origin's headers went along; or an error's code at the end. */
  out: readonly string[],
  more?: { readonly method?: Method; readonly status?: number; readonly from?: string },
];

const table: readonly Case[] = [
  ['no redirect', [], []],
  ...[301, 302, 303, 307, 308].map(
    (status) =>
      [
        `${status} on the same origin keeps the origin’s headers`,
        ['https://registry.example/elsewhere'],
        ['+https://registry.example/elsewhere'],
        { status },
      ] as const,
  ),
  [
    'a relative Location with a query',
    ['/v2/x?sig=a%2Fb&t=1'],
    ['+https://registry.example/v2/x?sig=a%2Fb&t=1'],
  ],
  [
    'a Location relative to the path',
    ['../manifests/y'],
    ['+https://registry.example/v2/acme/app/manifests/y'],
  ],
  ['a Location relative to the scheme leads to another host', ['//cdn.example/x'], ['https://cdn.example/x']],
  ['another host', ['https://cdn.example/x'], ['https://cdn.example/x']],
  [
    'a host that ends like the registry’s',
    ['https://evil-registry.example/x'],
    ['https://evil-registry.example/x'],
  ],
  ['a subdomain of the registry', ['https://cdn.registry.example/x'], ['https://cdn.registry.example/x']],
  ['another port of the same host', ['https://registry.example:8443/x'], ['https://registry.example:8443/x']],
  ['the same port, written out', ['https://registry.example:443/x'], ['+https://registry.example/x']],
  ['the same host in capitals', ['https://REGISTRY.example/x'], ['+https://registry.example/x']],
  [
    'another scheme of the same host',
    ['https://localhost:5000/x'],
    ['https://localhost:5000/x'],
    { from: 'http://localhost:5000/v2/' },
  ],
  [
    'the origin’s headers do not come back with the origin',
    ['https://cdn.example/x', 'https://registry.example/y', '/z'],
    ['https://cdn.example/x', 'https://registry.example/y', 'https://registry.example/z'],
  ],
  ['plain HTTP after TLS', ['http://registry.example/x'], ['REDIRECT']],
  [
    'plain HTTP after TLS, later in the chain',
    ['https://cdn.example/x', 'http://localhost:5000/y'],
    ['https://cdn.example/x', 'REDIRECT'],
    { from: 'http://localhost:5000/v2/' },
  ],
  ['another protocol', ['ftp://registry.example/x'], ['REDIRECT']],
  ['a file', ['file:///etc/passwd'], ['REDIRECT']],
  ['a user name in the Location', ['https://u:p@cdn.example/x'], ['REDIRECT']],
  ['no Location', [null], ['REDIRECT']],
  ['a Location that is not a URL', ['https://[oops/'], ['REDIRECT']],
  [
    'five redirects',
    ['/1', '/2', '/3', '/4', '/5'],
    [...[1, 2, 3, 4, 5].map((n) => `+https://registry.example/${n}`)],
  ],
  [
    'six redirects',
    ['/1', '/2', '/3', '/4', '/5', '/6'],
    [...[1, 2, 3, 4, 5].map((n) => `+https://registry.example/${n}`), 'REDIRECT'],
  ],
  ['a redirect to itself', Array(30).fill(start), [...Array(5).fill(`+${start}`), 'REDIRECT']],
  ...(['PUT', 'POST', 'PATCH', 'DELETE'] as const).flatMap((method) => [
    ...[307, 308].map(
      (status) =>
        [
          `${method} is replayed after ${status} on the same origin`,
          ['/y?q'],
          ['+https://registry.example/y?q'],
          { method, status },
        ] as const,
    ),
    ...[301, 302, 303].map(
      (status) =>
        [`${method} is not replayed after ${status}`, ['/y'], ['REDIRECT'], { method, status }] as const,
    ),
    [
      `${method} is not replayed on another origin`,
      ['https://cdn.example/y'],
      ['REDIRECT'],
      { method },
    ] as const,
  ]),
  ['HEAD is followed as HEAD', ['/y'], ['+https://registry.example/y'], { method: 'HEAD' }],
];

for (const [name, locations, out, { method = 'GET', status = 307, from = start } = {}] of table) {
  test(name, async () => {
    const asked: string[] = [];
    const body = method === 'PUT' ? Buffer.from('bytes') : undefined;
    const sent = request(from, {
      method,
      headers: { accept: 'x/y' },
      originHeaders: { authorization: 'Bearer t' },
      body,
    });
    const send = async (current: HttpRequest): Promise<HttpResponse> => {
      assert.deepEqual([current.method, current.headers, current.body], [method, sent.headers, body]);
      const location = locations[asked.length];
      asked.push(`${current.originHeaders === undefined ? '' : '+'}${current.url.href}`);
      if (location === undefined) return answer(200, { url: current.url.href });
      return answer(status, { url: current.url.href, headers: location === null ? {} : { location } });
    };
    const outcome = await outcomeOf(redirected(send, registryRedirects())(sent));
    assert.deepEqual('status' in outcome ? asked : [...asked, outcome.code], [`+${from}`, ...out]);
  });
}

test('304 and 300 are answers, not redirects', async () => {
  for (const status of [300, 304]) {
    const send = redirected(async () => answer(status, { headers: { location: '/y' } }), registryRedirects());
    assert.equal((await send(request())).status, status);
  }
});

test('the error names where it came from, without query and user', async () => {
  const send = redirected(
    async () => answer(307, { headers: { location: 'https://u:p@x.example/?secret' } }),
    registryRedirects(),
  );
  await assert.rejects(send(request('https://registry.example/v2/?token=t')), (error: Error) => {
    assert.match(error.message, /^https:\/\/registry\.example\/v2\/ redirects/);
    assert.doesNotMatch(error.message, /secret|token|u:p/);
    return true;
  });
});
