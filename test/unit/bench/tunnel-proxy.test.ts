import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { TunnelProxy } from '../../../bench/network/tunnel-proxy.ts';

const roundTrip = 60;

test('a tunnel and each request in it cost one round trip, and unknown names lead nowhere', async () => {
  const upstream = createServer((_, response) => response.end('ok'));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const proxy = await new TunnelProxy(new Map([['registry.example:443', `127.0.0.1:${port}`]])).listen();
  proxy.begin(roundTrip);
  try {
    const start = performance.now();
    const { response, socket } = await connectTo('registry.example:443', proxy.address);
    const opened = performance.now();
    assert.equal(response.statusCode, 200);
    assert.ok(opened - start >= roundTrip - 1, `${opened - start} ms for the tunnel`);
    socket.write('GET / HTTP/1.1\r\nhost: registry.example\r\n\r\n');
    await once(socket, 'data');
    const answered = performance.now() - opened;
    assert.ok(answered >= roundTrip - 1, `${answered} ms for the request`);
    socket.destroy();
    assert.equal((await connectTo('ghcr.io:443', proxy.address)).response.statusCode, 502);
    assert.deepEqual(proxy.traffic, { connections: 1, depth: 2 });
  } finally {
    await proxy.close();
    upstream.close();
  }
});

async function connectTo(
  name: string,
  proxy: string,
): Promise<{ readonly response: IncomingMessage; readonly socket: Socket }> {
  const [host, port] = proxy.split(':');
  const outgoing = request({ host, port, method: 'CONNECT', path: name }).end();
  const [response, socket] = (await once(outgoing, 'connect')) as [IncomingMessage, Socket];
  return { response, socket };
}
