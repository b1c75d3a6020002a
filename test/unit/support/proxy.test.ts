import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { startRegistry } from '../../support/registry/registry.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { startProxy } from '../../support/wire/proxy.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string;
}

/** The status of one request to a proxy, and the tunnel when there is one. */
function ask(
  proxy: string,
  { method, path, authorization }: Asked,
): Promise<{ status: number; tunnel?: import('node:net').Socket }> {
  return new Promise((resolve, reject) => {
    const headers = authorization === undefined ? {} : { 'proxy-authorization': authorization };
    const sent = request(proxy, { method, path, headers, agent: false });
    sent.once('connect', ({ statusCode = 0 }, tunnel) => resolve({ status: statusCode, tunnel }));
    sent.once('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    sent.once('error', reject);
    sent.end();
  });
}

test('plain requests are forwarded, strangers refused', async (t) => {
  await using registry = await startRegistry();
  const credentials = { username: 'user', password: 'proxy passphrase' };
  const proxy = await startProxy({ credentials });
  t.after(() => proxy.close());
  const path = `${registry.url}/v2/`;
  const authorization = `Basic ${Buffer.from('user:proxy passphrase').toString('base64')}`;
  assert.equal((await ask(proxy.url, { method: 'GET', path })).status, 407);
  assert.equal((await ask(proxy.url, { method: 'GET', path, authorization })).status, 200);
  const away = { method: 'GET', path: 'http://example.invalid/', authorization };
  assert.equal((await ask(proxy.url, away)).status, 502);
  assert.deepEqual(
    proxy.entries.map(({ status }) => status),
    [407, 200, 502],
  );
  assert.equal(registry.wire[0]?.headers['proxy-authorization'], undefined);
});

test('a tunnel leads to the server that a name was routed to', async (t) => {
  const tls = serverTls(['ghcr.io']);
  await using registry = await startRegistry({ tls });
  const proxy = await startProxy({ routes: { 'ghcr.io:443': registry.host } });
  t.after(() => proxy.close());
  const { status, tunnel } = await ask(proxy.url, { method: 'CONNECT', path: 'ghcr.io:443' });
  assert.equal(status, 200);
  assert.ok(tunnel);
  const socket = connectTls({ socket: tunnel, servername: 'ghcr.io', ca: tls.ca });
  socket.write('GET /v2/ HTTP/1.1\r\nHost: ghcr.io\r\nConnection: close\r\n\r\n');
  const text = (await socket.toArray()).join('');
  assert.match(text, /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(proxy.entries, [{ method: 'CONNECT', target: 'ghcr.io:443', status: 200 }]);
});
