/** A forward proxy that leads nowhere: every request is refused in the same way, or never answered. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface FaultyProxy {
  /** For HTTP_PROXY and HTTPS_PROXY. */
  readonly url: string;
  /** How many requests came. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Starts a proxy that answers everything with this status, on a free port of 127.0.0.1. */
export async function startFaultyProxy(answer: number | 'silence'): Promise<FaultyProxy> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((_message: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    if (answer !== 'silence') response.writeHead(answer).end();
  });
  server.on('connect', (_message: IncomingMessage, socket: Socket) => {
    requests += 1;
    if (answer !== 'silence') socket.end(`HTTP/1.1 ${answer} Refused\r\ncontent-length: 0\r\n\r\n`);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
