/**
 * A loopback TCP proxy with the latency of a wide-area network: a connection is usable one round trip after it was
 * opened, as after SYN and SYN-ACK, and every byte takes half a round trip in either direction. So each request
 * and its answer take one round trip, and pipelined and parallel ones share it. The proxy does not model bandwidth.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { CausalClock } from './causal-clock.ts';
import { joinDelayed } from './delayed-link.ts';
import { RequestScanner } from './request-scanner.ts';
import type { Network, Traffic } from './traffic.ts';

export class LatencyProxy implements Network {
  readonly #upstream: string;
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
  readonly #sockets = new Set<Socket>();
  /** A new clock for each run, because connections of the last run may still end. */
  #clock = new CausalClock();
  #requests: string[] = [];
  #connections = 0;
  #roundTrip = 0;

  /** `upstream` is the server, `127.0.0.1:port`, which speaks plain HTTP/1.1. */
  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /** Listens on a free port of 127.0.0.1. */
  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get traffic(): Traffic {
    return { requests: this.#requests, connections: this.#connections, depth: this.#clock.now };
  }

  begin(roundTrip: number): void {
    this.#roundTrip = roundTrip;
    this.#clock = new CausalClock();
    this.#requests = [];
    this.#connections = 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#connections += 1;
    const requests = this.#requests;
    const [host = '127.0.0.1', port = '0'] = this.#upstream.split(':');
    const server = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const scanner = new RequestScanner(({ method, target }) => requests.push(`${method} ${target}`));
    client.on('data', (chunk) => scanner.push(chunk));
    const roundTrip = this.#roundTrip;
    joinDelayed(client, server, {
      ...{ roundTrip, notBefore: performance.now() + roundTrip },
      ...{ clock: this.#clock, opened: this.#clock.now + 1 },
    });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
  }
}
