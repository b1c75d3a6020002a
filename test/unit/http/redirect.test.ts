import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse, Method } from '../../../src/http/message.ts';
import { redirected, registryRedirects } from '../../../src/http/redirect.ts';
import { answer, outcomeOf, request } from '../../support/rigs/wire-rig.ts';

const start = 'https://registry.example/v2/acme/app/blobs/x';

interface Case {
  readonly name: string;
  readonly method?: Method;
  readonly status?: number;
  readonly from?: string;
  /** Where each answer leads; the request after the last one is answered with 200. */
  readonly in: readonly (string | null)[];
  /** Each URL asked, with `+` where the origin's headers went along; or an error's code at the end. */
  readonly out: readonly string[];
}

const table: readonly Case[] = [
  { name: 'no redirect', in: [], out: [`+${start}`] },
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `${status} on the same origin keeps the origin’s headers`,
    status,
    in: ['https://registry.example/elsewhere'],
    out: [`+${start}`, '+https://registry.example/elsewhere'],
  })),
  {
    name: 'a relative Location with a query',
    in: ['/v2/x?sig=a%2Fb&t=1'],
    out: [`+${start}`, '+https://registry.example/v2/x?sig=a%2Fb&t=1'],
  },
  {
    name: 'a Location relative to the path',
    in: ['../manifests/y'],
    out: [`+${start}`, '+https://registry.example/v2/acme/app/manifests/y'],
  },
  {
    name: 'a Location relative to the scheme leads to another host',
    in: ['//cdn.example/x'],
    out: [`+${start}`, 'https://cdn.example/x'],
  },
  { name: 'another host', in: ['https://cdn.example/x'], out: [`+${start}`, 'https://cdn.example/x'] },
  {
    name: 'a host that ends like the registry’s',
    in: ['https://evil-registry.example/x'],
    out: [`+${start}`, 'https://evil-registry.example/x'],
  },
  {
    name: 'a subdomain of the registry',
    in: ['https://cdn.registry.example/x'],
    out: [`+${start}`, 'https://cdn.registry.example/x'],
  },
  {
    name: 'another port of the same host',
    in: ['https://registry.example:8443/x'],
    out: [`+${start}`, 'https://registry.example:8443/x'],
  },
  {
    name: 'the same port, written out',
    in: ['https://registry.example:443/x'],
    out: [`+${start}`, '+https://registry.example/x'],
  },
  {
    name: 'the same host in capitals',
    in: ['https://REGISTRY.example/x'],
    out: [`+${start}`, '+https://registry.example/x'],
  },
  {
    name: 'another scheme of the same host',
    from: 'http://localhost:5000/v2/',
    in: ['https://localhost:5000/x'],
    out: ['+http://localhost:5000/v2/', 'https://localhost:5000/x'],
  },
  {
    name: 'the origin’s headers do not come back with the origin',
    in: ['https://cdn.example/x', 'https://registry.example/y', '/z'],
    out: [`+${start}`, 'https://cdn.example/x', 'https://registry.example/y', 'https://registry.example/z'],
  },
  { name: 'plain HTTP after TLS', in: ['http://registry.example/x'], out: [`+${start}`, 'REDIRECT'] },
  {
    name: 'plain HTTP after TLS, later in the chain',
    from: 'http://localhost:5000/v2/',
    in: ['https://cdn.example/x', 'http://localhost:5000/y'],
    out: ['+http://localhost:5000/v2/', 'https://cdn.example/x', 'REDIRECT'],
  },
  { name: 'another protocol', in: ['ftp://registry.example/x'], out: [`+${start}`, 'REDIRECT'] },
  { name: 'a file', in: ['file:///etc/passwd'], out: [`+${start}`, 'REDIRECT'] },
  { name: 'a user name in the Location', in: ['https://u:p@cdn.example/x'], out: [`+${start}`, 'REDIRECT'] },
  { name: 'no Location', in: [null], out: [`+${start}`, 'REDIRECT'] },
  { name: 'a Location that is not a URL', in: ['https://[oops/'], out: [`+${start}`, 'REDIRECT'] },
  {
    name: 'five redirects',
    in: ['/1', '/2', '/3', '/4', '/5'],
    out: [`+${start}`, ...[1, 2, 3, 4, 5].map((n) => `+https://registry.example/${n}`)],
  },
  {
    name: 'six redirects',
    in: ['/1', '/2', '/3', '/4', '/5', '/6'],
    out: [`+${start}`, ...[1, 2, 3, 4, 5].map((n) => `+https://registry.example/${n}`), 'REDIRECT'],
  },
  {
    name: 'a redirect to itself',
    in: Array(30).fill(start),
    out: [...Array(6).fill(`+${start}`), 'REDIRECT'],
  },
  ...(['PUT', 'POST', 'PATCH', 'DELETE'] as const).flatMap((method) => [
    ...[307, 308].map((status) => ({
      name: `${method} is replayed after ${status} on the same origin`,
      method,
      status,
      in: ['/y?q'],
      out: [`+${start}`, '+https://registry.example/y?q'],
    })),
    ...[301, 302, 303].map((status) => ({
      name: `${method} is not replayed after ${status}`,
      method,
      status,
      in: ['/y'],
      out: [`+${start}`, 'REDIRECT'],
    })),
    {
      name: `${method} is not replayed on another origin`,
      method,
      in: ['https://cdn.example/y'],
      out: [`+${start}`, 'REDIRECT'],
    },
  ]),
  {
    name: 'HEAD is followed as HEAD',
    method: 'HEAD',
    in: ['/y'],
    out: [`+${start}`, '+https://registry.example/y'],
  },
];

for (const { name, method = 'GET', status = 307, from = start, in: locations, out } of table) {
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
    assert.deepEqual('status' in outcome ? asked : [...asked, outcome.code], out);
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
