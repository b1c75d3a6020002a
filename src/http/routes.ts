import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici';
import type { NameLookup } from '../run/inward-names.ts';
import { Memo } from '../run/memo.ts';
import { maxUsualBody } from './body.ts';
import { maxHostConnections } from './host-limiter.ts';
import type { HttpRequest } from './message.ts';
import { failedToConnect, networkError, proxyRefusal } from './network-error.ts';
import type { ProxyAddress, ProxySource } from './proxy.ts';

interface TlsSettings {
  readonly secureContext?: import('node:tls').SecureContext;
  readonly rejectUnauthorized?: boolean;
}

/** The CAs that an origin's certificate is verified with. */
export type Trust = 'standard' | 'system';

/** The settings for an https origin; `registryHost` as in HttpRequest. */
export type TlsSource = (origin: URL, trust: Trust, registryHost?: string) => Promise<TlsSettings>;

/** Limits of a connection, in milliseconds. */
export interface ConnectionTimeouts {
  /** Until a connection, with TLS, is established. */
  readonly connect: number;
  /** Until the first byte of an answer. */
  readonly headers: number;
  /** Between two pieces of a body, either way. */
  readonly idle: number;
}

/** How connections are made. */
export interface RouteOptions {
  readonly timeouts: ConnectionTimeouts;
  readonly tls: TlsSource;
  /** By default every origin is reached directly. */
  readonly proxy?: ProxySource | undefined;
  /** By default every name is looked up as the system does. */
  readonly names?: NameLookup | undefined;
  /** Called with each origin that negotiates HTTP/2, before the first request is sent there. */
  readonly onHttp2?: ((origin: URL) => void) | undefined;
}

/**
 * The connections to one origin, with one protocol and trust. `new` until the first answer; `abandoned` when the
 * first connection fails, and then no request finds it any more.
 */
export interface Route {
  readonly key: string;
  readonly dispatcher: Dispatcher;
  readonly proxy: ProxyAddress | undefined;
  state: 'new' | 'answered' | 'abandoned';
}

/** The routes of a run, each made for the first request that needs it, and the trust in each origin. */
export class Routes {
  readonly #options: RouteOptions;
  readonly #routes = new Memo<string, Route>();
  /** Every route, also the abandoned ones. */
  readonly #opened: Promise<Route>[] = [];
  /** Connections to proxies that did not become a tunnel. */
  readonly #tunnels: Dispatcher[] = [];
  readonly #systemTrust = new Set<string>();

  constructor(options: RouteOptions) {
    this.#options = options;
    // V8 must not optimize undici's HTTP/1.1 parser, which is WebAssembly: the optimizing compiler takes 40 ms on other
    // threads, a fifth of the time of a publish. The parser skips bodies, so copies do not become slower. The number is
    // the bytes executed before V8 optimizes a function.
    process.getBuiltinModule('node:v8').setFlagsFromString('--wasm-tiering-budget=1000000000');
  }

  /** The CAs to verify an origin with: the standard ones, until it needs the system's. */
  trustIn(url: URL): Trust {
    return this.#systemTrust.has(url.origin) ? 'system' : 'standard';
  }

  /** Records that an origin's certificate is verified with the system's CAs only. */
  trustSystem(url: URL): void {
    this.#systemTrust.add(url.origin);
  }

  /** The route for a request; throws what reading TLS files and proxy settings throws. */
  find(request: HttpRequest, trust: Trust): Promise<Route> {
    const key = routeKey(request, trust);
    return this.#routes.get(key, () => {
      const route = this.#open(key, request, trust);
      this.#opened.push(route);
      return route;
    });
  }

  /**
   * Abandons a route whose first connection failed. Until a host is known to speak HTTP/2, undici opens one connection
   * and keeps all other requests waiting for it (https://github.com/nodejs/undici/pull/5799): they would fail one after
   * the other, each after its own timeout.
   */
  failed(route: Route, error: unknown): void {
    if (route.state !== 'new' || !(error instanceof Error) || !failedToConnect(error)) return;
    route.state = 'abandoned';
    this.#routes.forget(route.key);
    route.dispatcher.destroy(error).catch(() => undefined);
  }

  async close(): Promise<void> {
    const routes = await Promise.allSettled(this.#opened);
    const opened = routes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.dispatcher] : []));
    await Promise.allSettled([...opened, ...this.#tunnels].map((each) => each.destroy()));
  }

  async #open(key: string, request: HttpRequest, trust: Trust): Promise<Route> {
    const { timeouts, tls, names, proxy: proxyOf } = this.#options;
    const origin = new URL(request.url.origin);
    const { registryHost = origin.host } = request;
    const isTls = origin.protocol === 'https:';
    const allowH2 = protocolsFor(request) === 'any';
    const security = isTls ? await tls(origin, trust, registryHost) : {};
    const proxy = proxyOf?.(origin);
    // A proxy looks names up itself.
    const lookup = proxy === undefined ? names?.(origin, registryHost) : undefined;
    const settings = {
      timeout: timeouts.connect,
      preferH2: true,
      allowH2,
      ...security,
      ...(lookup && { lookup }),
    };
    const dispatcher = new Agent({
      allowH2,
      // Almost every body arrives in one round trip, and a hundred unread streams hold 13 MB.
      initialWindowSize: 2 * maxUsualBody,
      connectionWindowSize: 64 * maxUsualBody,
      connections: maxHostConnections,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.idle,
      connect: this.#reporting(
        origin,
        isTls && proxy !== undefined ? this.#tunnel(origin, proxy, settings) : buildConnector(settings),
      ),
    });
    return { key, dispatcher, proxy, state: 'new' };
  }

  #reporting(origin: URL, connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) =>
      connect(options, (...result) => {
        const socket = result[1] as Partial<TLSSocket> | null | undefined;
        if (socket?.alpnProtocol === 'h2') this.#options.onHttp2?.(origin);
        callback(...result);
      });
  }

  /** Connects through a tunnel (RFC 9110, 9.3.6), with TLS inside it. */
  #tunnel(origin: URL, proxy: ProxyAddress, settings: buildConnector.BuildOptions): buildConnector.connector {
    const { connect: timeout } = this.#options.timeouts;
    const pool = new Pool(proxy.url.origin, {
      connect: { timeout, allowH2: false },
      headersTimeout: timeout,
    });
    this.#tunnels.push(pool);
    const connectInside = buildConnector(settings);
    return async (options, callback) => {
      try {
        connectInside({ ...options, httpSocket: await openTunnel(pool, origin, proxy) }, callback);
      } catch (error) {
        callback(networkError({ method: 'CONNECT', url: origin }, error, 'proxy'), null);
      }
    };
  }
}

function routeKey(request: HttpRequest, trust: Trust): string {
  const { url, registryHost = url.host } = request;
  return [url.origin, trust, protocolsFor(request), registryHost].join(' ');
}

// Streams get connections of their own: in HTTP/2 they would share the flow control window of one connection, which
// over a distance carries a tenth of what several connections do. BuildKit pushes with HTTP/1.1 for the same reason:
// https://github.com/moby/buildkit/pull/1420
function protocolsFor(request: HttpRequest): 'any' | 'http/1.1' {
  return request.url.protocol === 'https:' && isStreamed(request) ? 'http/1.1' : 'any';
}

/** Whether a body of the request or of its answer is a stream. */
export function isStreamed(request: HttpRequest): boolean {
  return request.answer === 'stream' || typeof request.body === 'function';
}

async function openTunnel(pool: Pool, origin: URL, proxy: ProxyAddress): Promise<Socket> {
  const host = `${origin.hostname}:${origin.port || '443'}`;
  const servername = proxy.url.hostname;
  const options = { path: host, headers: { host, ...proxy.headers }, servername };
  const { statusCode, socket } = await pool.connect(options);
  if (statusCode === 200) return socket as Socket;
  socket.on('error', () => undefined).destroy();
  throw proxyRefusal(origin, statusCode);
}
