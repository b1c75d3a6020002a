/**
 * A loopback TCP proxy that is a wide-area network for time: a connection is usable one round trip after it was
 * opened, as after SYN and SYN-ACK, and every byte takes half a round trip in either direction. So each request
 * and its answer cost one round trip, pipelined and parallel ones share it, and bandwidth is not modelled.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { RequestScanner, type ScannedRequest } from './request-scanner.ts';

export interface LatencyProxyOptions {
  /** The server behind, `127.0.0.1:port`. */
  readonly upstream: string;
  /** Milliseconds. */
  readonly roundTrip: number;
  /** Called with each request as it comes in. */
  readonly seen?: (request: ScannedRequest & { readonly connection: number }) => void;
}

/** What has passed since the proxy started or was last reset. */
export interface Traffic {
  requests: number;
  connections: number;
}

export class LatencyProxy {
  readonly traffic: Traffic = { requests: 0, connections: 0 };
  readonly #options: LatencyProxyOptions;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #sockets = new Set<Socket>();

  constructor(options: LatencyProxyOptions) {
    this.#options = options;
  }

  /** Takes connections on a free port of 127.0.0.1; resolves to `127.0.0.1:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.traffic.requests = 0;
    this.traffic.connections = 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const { upstream, roundTrip } = this.#options;
    const connection = ++this.traffic.connections;
    const [host = '127.0.0.1', port = '0'] = upstream.split(':');
    const server = connect({ host, port: Number(port), allowHalfOpen: true });
    const opened = performance.now();
    const scanner = new RequestScanner((request) => this.#count(request, connection));
    client.on('data', (chunk) => scanner.push(chunk));
    delay({ from: client, to: server, by: roundTrip / 2, notBefore: opened + roundTrip });
    delay({ from: server, to: client, by: roundTrip / 2, notBefore: opened + roundTrip });
    this.#joinFates(client, server);
  }

  #count(request: ScannedRequest, connection: number): void {
    this.traffic.requests += 1;
    this.#options.seen?.({ ...request, connection });
  }

  #joinFates(client: Socket, server: Socket): void {
    for (const [socket, other] of [[client, server] as const, [server, client] as const]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', (hadError) => {
        this.#sockets.delete(socket);
        if (hadError) other.destroy();
      });
    }
  }
}

interface Way {
  readonly from: Socket;
  readonly to: Socket;
  /** Milliseconds each byte takes. */
  readonly by: number;
  /** No byte sets out before this moment (performance.now()). */
  readonly notBefore: number;
}

/** Passes one direction on, each chunk and the end at its time and in its order. */
function delay({ from, to, by, notBefore }: Way): void {
  const waiting: { readonly due: number; readonly deliver: () => void }[] = [];
  const wakeFor = (due: number): void => void setTimeout(deliverDue, Math.max(0, due - performance.now()));
  const deliverDue = (): void => {
    while (waiting[0] && waiting[0].due <= performance.now()) waiting.shift()?.deliver();
    if (waiting[0]) wakeFor(waiting[0].due);
  };
  const enqueue = (deliver: () => void): void => {
    const due = Math.max(performance.now(), notBefore) + by;
    waiting.push({ due, deliver });
    if (waiting.length === 1) wakeFor(due);
  };
  from.on('data', (chunk) => enqueue(() => to.writable && to.write(chunk)));
  from.on('end', () => enqueue(() => to.end()));
}
