/** A forward proxy (RFC 9110 §7.3, §9.3.6) that reaches only what it was told to: nothing leaves the machine. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AccountCredentials } from '../registry/registry-handle.ts';
import { secretOf } from '../run/secrets.ts';

export interface ProxyOptions {
  /** Refuses with 407 whoever does not present these. */
  readonly credentials?: AccountCredentials;
  /** `ghcr.io:443` → `127.0.0.1:41234`. Loopback addresses are reached without being named. */
  readonly routes?: Readonly<Record<string, string>>;
}

/** One request to the proxy. */
export interface ProxyEntry {
  /** CONNECT, or the method of a forwarded request. */
  readonly method: string;
  /** `host:port`. */
  readonly target: string;
  readonly status: number;
}

export interface Proxy {
  /** For HTTP_PROXY and HTTPS_PROXY, without credentials. */
  readonly url: string;
  /** The same with the credentials in it. */
  readonly urlWithCredentials: string;
  readonly entries: readonly ProxyEntry[];
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const service = new ProxyService(options);
  const server = createServer((message, response) => service.forward(message, response));
  server.on('connect', (message: IncomingMessage, socket: Duplex) => service.tunnel(message, socket));
  server.on('connection', (socket: Socket) => service.admit(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const userinfo = userinfoOf(options.credentials);
  return {
    url: `http://${host}`,
    urlWithCredentials: `http://${userinfo}${host}`,
    entries: service.entries,
    close: () => close(server, service),
  };
}

class ProxyService {
  readonly entries: ProxyEntry[] = [];
  readonly #options: ProxyOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  tunnel(message: IncomingMessage, client: Duplex): void {
    const target = message.url ?? '';
    const refusal = this.#refusal(message, target);
    this.entries.push({ method: 'CONNECT', target, status: refusal ?? 200 });
    if (refusal !== undefined)
      return void client.end(`HTTP/1.1 ${refusal} Refused\r\n${challenge(refusal)}\r\n`);
    const upstream = connect(this.#address(target), () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    this.admit(upstream);
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  }

  forward(message: IncomingMessage, response: ServerResponse): void {
    const url = URL.canParse(message.url ?? '') ? new URL(message.url ?? '') : undefined;
    const target = url === undefined ? '' : `${url.hostname}:${url.port || '80'}`;
    const refusal = this.#refusal(message, target);
    this.entries.push({ method: message.method ?? 'GET', target, status: refusal ?? 200 });
    if (refusal !== undefined || url === undefined)
      return void response.writeHead(refusal ?? 400, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = message.headers;
    const path = url.pathname + url.search;
    const upstream = httpRequest(
      { ...this.#address(target), method: message.method, path, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.once('error', () => response.destroy());
    message.pipe(upstream);
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #refusal(message: IncomingMessage, target: string): number | undefined {
    const { credentials, routes = {} } = this.#options;
    const presented = message.headers['proxy-authorization'];
    if (credentials !== undefined && presented !== basicOf(credentials)) return 407;
    return target in routes || /^(?:127\.0\.0\.1|localhost):\d+$/.test(target) ? undefined : 502;
  }

  #address(target: string): { host: string; port: number } {
    const [host = '', port = ''] = (this.#options.routes?.[target] ?? target).split(':');
    return { host, port: Number(port) };
  }
}

function challenge(status: number): string {
  return status === 407
    ? 'Proxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n'
    : 'Content-Length: 0\r\n';
}

function basicOf({ username, password }: AccountCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function userinfoOf(credentials: AccountCredentials | undefined): string {
  if (credentials === undefined) return '';
  const { username, password } = credentials;
  secretOf(username, password);
  return `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
}

async function close(server: Server, service: ProxyService): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  service.closeAll();
  await closed;
}
