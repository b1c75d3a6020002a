import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { BufferCollector } from '../../../src/http/buffer-collector.ts';
import { type HttpRequest, header } from '../../../src/http/message.ts';
import type { TlsSource, Trust } from '../../../src/http/routes.ts';
import { type Timeouts, Transport } from '../../../src/http/transport.ts';
import { outcomeOf } from '../../support/rigs/wire-rig.ts';
import { serverTls } from '../../support/tls/tls.ts';

const ends: (() => Promise<unknown>)[] = [];
after(() => Promise.all(ends.map((end) => end())));

/** Time out only where a test says so: a busy machine takes its time. */
function transport(tls: TlsSource = async () => ({}), hasty: Partial<Timeouts> = {}): Transport {
  const timeouts = { connect: 30_000, headers: 30_000, idle: 30_000, whole: 60_000, ...hasty };
  const made = new Transport({ timeouts, tls, userAgent: 'a-test', buffers: new BufferCollector() });
  ends.push(() => made.close());
  return made;
}

async function listening(server: Server, scheme = 'http'): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/v2/x?y=z`);
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> =>
  listening(createHttpServer(answer));

/** A server that answers every request with these bytes and then does something to the connection. */
function raw(text: string, then: (socket: Socket) => void = () => undefined): Promise<URL> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(text, () => then(socket)));
  });
  return listening(server);
}

function get(url: URL, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, maxBodyBytes: 1000, ...more };
}

const close = (socket: Socket) => socket.end();
const reset = (socket: Socket) => socket.resetAndDestroy();

const broken: readonly [name: string, input: readonly [string, ((socket: Socket) => void)?], out: string][] =
  [
    ['closed without an answer', ['', close], 'CONNECTION'],
    ['reset without an answer', ['', reset], 'CONNECTION'],
    ['closed within the headers', ['HTTP/1.1 200 OK\r\ncontent-le', close], 'CONNECTION'],
    ['closed within the body', ['HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', close], 'CONNECTION'],
    ['reset within the body', ['HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', reset], 'CONNECTION'],
    [
      'closed within a chunk',
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab', close],
      'CONNECTION',
    ],
    [
      'closed before the last chunk',
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n', close],
      'CONNECTION',
    ],
    ['not HTTP', ['SSH-2.0-OpenSSH_9.2\r\n', close], 'PROTOCOL'],
    ['headers without end', [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`, close], 'PROTOCOL'],
    ['a proxy’s refusal', ['HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n'], 'PROXY'],
  ];

for (const [name, input, out] of broken) {
  test(`an answer that is ${name} is ${out}`, async () => {
    const url = await raw(...input);
    assert.deepEqual(await outcomeOf(transport().send(get(url))), { class: 'NetworkError', code: out });
  });
}

test('a closed port is CONNECTION, naming host and port and not the query', async () => {
  const server = createServer();
  const url = await listening(server);
  server.close();
  await assert.rejects(transport().send(get(url)), (error: Error) => {
    assert.match(error.message, new RegExp(`^${url.host} closed or refused the connection`));
    assert.doesNotMatch(error.message, /y=z/);
    return true;
  });
});

test('a server that never answers, or drips, is TIMEOUT in the end', async () => {
  const drips = await serve((_request, response) => {
    const drip = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(drip));
  });
  for (const [url, hasty] of [
    [await raw(''), { headers: 50 }],
    [drips, { whole: 100 }],
  ] as const) {
    const outcome = await outcomeOf(transport(undefined, hasty).send(get(url)));
    assert.deepEqual(outcome, { class: 'NetworkError', code: 'TIMEOUT' });
  }
});

type BodyCase = readonly [
  name: string,
  input: { readonly status: number; readonly method?: HttpRequest['method']; readonly bytes: number },
  /** Bytes of body, or an error's code. */
  out: number | string,
];

const bodies: readonly BodyCase[] = [
  ['content up to the limit', { status: 200, bytes: 1000 }, 1000],
  ['content beyond the limit', { status: 200, bytes: 1001 }, 'TOO_LARGE'],
  ['content without end', { status: 200, bytes: Number.POSITIVE_INFINITY }, 'TOO_LARGE'],
  ['partial content beyond the limit', { status: 206, bytes: 5000 }, 'TOO_LARGE'],
  ['a refusal’s long text', { status: 404, bytes: 5000 }, 1000],
  ['a failure’s text without end', { status: 500, bytes: Number.POSITIVE_INFINITY }, 1000],
  ['the long text of a redirect', { status: 307, bytes: 5000 }, 1000],
  ['a page on a write', { status: 200, method: 'PUT', bytes: 70_000 }, 1000],
  ['an answer to HEAD', { status: 200, method: 'HEAD', bytes: 5000 }, 0],
];

for (const [name, input, out] of bodies) {
  test(`${name}: ${out}`, async () => {
    const { status, method = 'GET', bytes } = input;
    const url = await serve((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' });
      if (Number.isFinite(bytes)) response.end(Buffer.alloc(bytes, 'x'));
      else endless(response);
    });
    const outcome = await outcomeOf(transport().send(get(url, { method })));
    assert.equal('status' in outcome ? outcome.body.byteLength : outcome.code, out);
  });
}

function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(16_384, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

test('a stream is not bounded, and breaks with a NetworkError where the connection breaks', async () => {
  const url = await raw(`HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\n${'a'.repeat(2000)}`, close);
  const { stream, body } = await transport().send(get(url, { answer: 'stream' }));
  assert(stream !== undefined);
  assert.equal(body.byteLength, 0);
  let size = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of stream) size += chunk.byteLength;
  };
  assert.deepEqual(await outcomeOf(read()), { class: 'NetworkError', code: 'CONNECTION' });
  assert.equal(size, 2000);
});

test('a refusal of a request for a stream is read whole', async () => {
  const url = await serve((_request, response) => response.writeHead(404).end('nothing'));
  const { stream, body } = await transport().send(get(url, { answer: 'stream' }));
  assert.deepEqual([stream, Buffer.from(body).toString()], [undefined, 'nothing']);
});

test('method, path, query, both kinds of headers and body are sent unchanged', async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    const { accept, authorization, 'user-agent': agent } = request.headers;
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      seen.push([
        request.method,
        request.url,
        accept,
        authorization,
        agent,
        Buffer.concat(chunks).toString(),
      ]);
      response.writeHead(201, { 'X-Twice': ['a', 'b'] }).end();
    });
  });
  const sender = transport();
  const put = {
    method: 'PUT',
    headers: { accept: 'x/y' },
    originHeaders: { authorization: 'Bearer t' },
  } as const;
  const response = await sender.send(get(url, { ...put, body: Buffer.from('bytes') }));
  assert.deepEqual(response.headers.get('x-twice'), ['a', 'b']);
  assert.equal(header(response.headers, 'x-twice'), 'a');
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('by');
    yield Buffer.from('tes');
  }
  await sender.send(get(url, { ...put, body: pieces }));
  const sent = ['PUT', '/v2/x?y=z', 'x/y', 'Bearer t', 'a-test', 'bytes'];
  assert.deepEqual(seen, [sent, sent]);
});

test('requests one after the other share a connection, HEAD among them', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('x');
  });
  const sender = transport();
  for (const method of ['GET', 'HEAD', 'PUT', 'GET'] as const) await sender.send(get(url, { method }));
  assert.equal(ports.size, 1);
});

test('a plain server is distinguished from an untrusted TLS server', async () => {
  const url = await serve((_request, response) => response.end());
  url.protocol = 'https:';
  assert.deepEqual(await outcomeOf(transport().send(get(url))), { class: 'NetworkError', code: 'NO_TLS' });
});

test('the system’s authorities are asked only when a certificate does not verify without them', async () => {
  const { server, ca } = serverTls();
  const url = await listening(
    createTlsServer(server, (_request, response) => response.end('over TLS')),
    'https',
  );
  const trusts: Trust[] = [];
  const tls: TlsSource = async (_origin, trust) => {
    trusts.push(trust);
    return trust === 'system' ? { secureContext: createSecureContext({ ca }) } : {};
  };
  const sender = transport(tls);
  for (let n = 0; n < 3; n += 1) assert.equal((await sender.send(get(url))).status, 200);
  assert.deepEqual(trusts, ['standard', 'system']);
});

test('after the end of the run nothing is sent', async () => {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.end();
  });
  const sender = transport();
  await sender.close();
  await assert.rejects(sender.send(get(url)), /after the end of the run/);
  assert.equal(requests, 0);
});
