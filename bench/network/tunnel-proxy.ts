/**
 * A proxy for HTTPS_PROXY with the latency of a wide-area network. Names lead to servers of this machine. The proxy
 * answers CONNECT after one round trip, as SYN is answered with SYN-ACK. Then every byte takes half a round trip in
 * either direction, also those of a TLS handshake. The connection to the proxy itself has no latency. Unknown names are
 * refused, so nothing leaves the machine.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { CausalClock } from './causal-clock.ts';
import { joinDelayed } from './delayed-link.ts';
import type { Network, Traffic } from './traffic.ts';

export class TunnelProxy implements Network {
  readonly #servers: ReadonlyMap<string, string>;
  readonly #server = createServer((_, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Duplex>();
  /** A new clock for each run, because connections of the last run may still end. */
  #clock = new CausalClock();
  #connections = 0;
  #roundTrip = 0;

  /** `servers` maps the `name:port` of a CONNECT to `127.0.0.1:port`. */
  constructor(servers: ReadonlyMap<string, string>) {
    this.#servers = servers;
    this.#server.on('connect', (request, client) => void this.#open(request, client));
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

  /** The traffic since the last `begin`, without the requests, which are encrypted. */
  get traffic(): Omit<Traffic, 'requests'> {
    return { connections: this.#connections, depth: this.#clock.now };
  }

  begin(roundTrip: number): void {
    this.#clock = new CausalClock();
    this.#roundTrip = roundTrip;
    this.#connections = 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #open({ url = '' }: IncomingMessage, client: Duplex): Promise<void> {
    this.#keep(client);
    const upstream = this.#servers.get(url);
    if (upstream === undefined) return void client.end('HTTP/1.1 502 Unknown name\r\n\r\n');
    this.#connections += 1;
    const roundTrip = this.#roundTrip;
    const clock = this.#clock;
    const opened = clock.now + 1;
    (client as Socket).setNoDelay(true);
    await setTimeout(roundTrip);
    if (!client.writable) return;
    const [host = '127.0.0.1', port = '0'] = upstream.split(':');
    const server = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    this.#keep(server);
    clock.advance(opened);
    client.write('HTTP/1.1 200 Connected\r\n\r\n');
    joinDelayed(client, server, { roundTrip, notBefore: 0, clock, opened });
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
