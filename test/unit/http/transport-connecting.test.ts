import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { BufferCollector } from '../../../src/http/buffer-collector.ts';
import type { TlsSource } from '../../../src/http/routes.ts';
import { Transport } from '../../../src/http/transport.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { freePort } from '../../support/wire/free-port.ts';

/** Long enough for a handshake on a busy machine. */
const timeouts = { connect: 1500, headers: 30_000, idle: 30_000, whole: 60_000 };

/** A server, and how many connections it has seen. */
async function serving(context: TestContext, server: Server, port = 0) {
  const sockets = new Set<Socket>();
  const seen = { connections: 0, port: 0 };
  server.on('connection', (socket: Socket) => {
    seen.connections += 1;
    sockets.add(socket.on('error', () => undefined));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  seen.port = (server.address() as AddressInfo).port;
  const close = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  context.after(close);
  return Object.assign(seen, { close });
}

function transport(
  context: TestContext,
  tls: TlsSource = async () => ({}),
  onHttp2?: (origin: URL) => void,
): Transport {
  const made = new Transport({ timeouts, tls, userAgent: 'a-test', buffers: new BufferCollector(), onHttp2 });
  context.after(() => made.close());
  return made;
}

/** The outcomes of so many requests at once. */
function outcomesOf(count: number, by: Transport, port: number) {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const url = (number: number) => new URL(`https://127.0.0.1:${port}/v2/${number}`);
  return Promise.all(
    numbers.map((number) =>
      by.send({ method: 'GET', url: url(number), headers: {}, maxBodyBytes: 100 }).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof NetworkError ? error.code : error),
      ),
    ),
  );
}

const eight = (by: Transport, port: number) => outcomesOf(8, by, port);
const all = (outcome: unknown): unknown[] => Array(8).fill(outcome);

test('requests that wait for a host which never answers a greeting end together', async (t) => {
  const silent = await serving(t, createServer());
  assert.deepEqual(await eight(transport(t), silent.port), all('TIMEOUT'));
  assert.ok(silent.connections <= 2, `${silent.connections} connections`);
});

test('a host that answers the next time is heard', async (t) => {
  const silent = await serving(t, createServer());
  const { ca, server } = serverTls();
  const made = transport(t, async () => ({ secureContext: createSecureContext({ ca }) }));
  assert.deepEqual(await eight(made, silent.port), all('TIMEOUT'));
  await silent.close();
  const loud = createSecureServer(server, (_request, response) => response.end()) as unknown as Server;
  await serving(t, loud, silent.port);
  assert.deepEqual(await eight(made, silent.port), all(200));
});

test('a certificate that does not verify is looked at once for all, with the system’s authorities once more', async (t) => {
  const { ca, server } = serverTls();
  const loud = createSecureServer(server, (_request, response) => response.end()) as unknown as Server;
  const seen = await serving(t, loud);
  const made = transport(t, async (_origin, trust) =>
    trust === 'system' ? { secureContext: createSecureContext({ ca }) } : {},
  );
  assert.deepEqual(await eight(made, seen.port), all(200));
  // One more may have begun before the others failed.
  assert.ok(seen.connections <= 3, `${seen.connections} connections`);
});

test('a closed port is tried once for all requests', async (t) => {
  assert.deepEqual(await eight(transport(t), await freePort()), all('CONNECTION'));
});

test('64 requests at once make one connection where HTTP/2 is offered, and it is reported', async (t) => {
  const { ca, server } = serverTls();
  const loud = createSecureServer(server, (_request, response) => response.end()) as unknown as Server;
  const seen = await serving(t, loud);
  const reported: string[] = [];
  const tls: TlsSource = async () => ({ secureContext: createSecureContext({ ca }) });
  const made = transport(t, tls, ({ host }) => reported.push(host));
  assert.deepEqual(await outcomesOf(64, made, seen.port), Array(64).fill(200));
  assert.equal(seen.connections, 1);
  assert.deepEqual(reported, [`127.0.0.1:${seen.port}`]);
});
