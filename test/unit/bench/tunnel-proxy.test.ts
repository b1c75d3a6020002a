import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { TunnelProxy } from '../../../bench/network/tunnel-proxy.ts';
import { afterTimer } from './after-timer.ts';

const roundTrip = 60;

test('a tunnel and each request in it cost one round trip, and unknown names lead nowhere', async () => {
  const upstream = createServer((_, response) => response.end('ok'));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const proxy = await new TunnelProxy(new Map([['registry.example:443', `127.0.0.1:${port}`]])).listen();
  proxy.begin(roundTrip);
  try {
    const opening = connectTo('registry.example:443', proxy.address);
    const { response, socket } = await afterTimer(roundTrip - 10, opening);
    assert.equal(response.statusCode, 200);
    socket.write('GET / HTTP/1.1\r\nhost: registry.example\r\n\r\n');
    await afterTimer(roundTrip - 10, once(socket, 'data'));
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
