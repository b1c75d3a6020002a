import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { LatencyProxy } from '../../../bench/network/latency-proxy.ts';
import { afterTimer } from './after-timer.ts';

const roundTrip = 60;

test('a new connection and each request cost one round trip', async () => {
  const upstream = createServer((incoming, response) =>
    incoming.resume().on('end', () => response.end('ok')),
  );
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const proxy = await new LatencyProxy(`127.0.0.1:${port}`).listen();
  proxy.begin(roundTrip);
  const agent = new Agent({ keepAlive: true });
  try {
    const url = `http://${proxy.address}/`;
    await afterTimer(2 * roundTrip - 10, post(url, agent));
    await afterTimer(roundTrip - 10, post(url, agent));
    assert.deepEqual(proxy.traffic, { requests: ['POST /', 'POST /'], connections: 1, depth: 3 });
  } finally {
    agent.destroy();
    await proxy.close();
    upstream.close();
  }
});

async function post(url: string, agent: Agent): Promise<void> {
  const outgoing = request(url, { agent, method: 'POST' }).end('body');
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
}
