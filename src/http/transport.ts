import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici';
import { ActionError, NetworkError } from '../run/errors.ts';
import { BodyReader } from './body-reader.ts';
import { hostConnections } from './host-limiter.ts';
import { type HttpHeaders, type HttpRequest, type HttpResponse, redacted, type Send } from './message.ts';
import { failedToConnect, networkError, proxyRefusal } from './network-error.ts';
import type { ProxyAddress, ProxySource } from './proxy.ts';

/** TLS settings for one origin, as node:tls takes them. */
export interface TlsSettings {
  readonly secureContext?: import('node:tls').SecureContext;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Which CAs a connection trusts. Reading the system's costs some 50 ms, so they are added only when a
 * certificate does not verify without them.
 */
export type Trust = 'standard' | 'system';

/** Gives the settings for an https origin; `registryHost` as in HttpRequest. */
export type TlsSource = (origin: URL, trust: Trust, registryHost?: string) => Promise<TlsSettings>;

/** What a transport is made of. */
export interface TransportOptions {
  readonly timeouts: Timeouts;
  readonly tls: TlsSource;
  /** By default every origin is reached directly. */
  readonly proxy?: ProxySource | undefined;
  readonly userAgent: string;
}

type Protocols = 'any' | 'http/1.1';

/** How requests to one origin are sent. */
interface Route {
  readonly dispatcher: Dispatcher;
  readonly proxy: ProxyAddress | undefined;
  state: 'new' | 'answered' | 'given up';
}

/**
 * Sends single requests over kept connections, HTTP/2 where a server offers it and nothing is streamed, at most
 * 32 connections to a host. Neither redirects nor retries. Every body that is read whole is bounded by its request's limit.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #routes = new Map<string, Promise<Route>>();
  /** Connections to proxies that became no tunnel. */
  readonly #tunnels: Dispatcher[] = [];
  readonly #trust = new Map<string, Trust>();
  readonly #bodies = new BodyReader();
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Sends one request; throws NetworkError with code CONNECTION, TIMEOUT, DNS, TLS, PROXY, PROTOCOL or TOO_LARGE. */
  readonly send: Send = async (request) => {
    if (this.#isClosed) throw new Error(`${redacted(request.url)} was asked for after the end of the run`);
    const trust = this.#trust.get(request.url.origin) ?? 'standard';
    try {
      return await this.#sendTrusting(request, trust);
    } catch (error) {
      if (!(error instanceof NetworkError) || error.code !== 'TLS' || trust === 'system') throw error;
      // The handshake failed, so nothing of the request has left.
      const response = await this.#sendTrusting(request, 'system');
      this.#trust.set(request.url.origin, 'system');
      return response;
    }
  };

  async #sendTrusting(request: HttpRequest, trust: Trust): Promise<HttpResponse> {
    let route: Route | undefined;
    try {
      route = await this.#routeFor(request, trust);
      const answer = await route.dispatcher.request(this.#outgoing(request, route.proxy));
      route.state = 'answered';
      if (answer.statusCode === 407) throw proxyRefusal(request.url, 407);
      const response = await this.#received(request, answer);
      // undici takes a connection back one turn of the event loop after its answer: a request sent before opens another.
      await setImmediate();
      return response;
    } catch (error) {
      if (route !== undefined) this.#abandonRoute(routeKey(request, trust), route, error);
      if (error instanceof ActionError) throw error;
      throw networkError(request, error, route?.proxy === undefined ? 'direct' : 'proxy');
    }
  }

  // While it is not known whether a host speaks HTTP/2, undici has one connection made and all other requests
  // wait for it. They would fail one after the other, each after a time of its own: what ends one, ends all.
  #abandonRoute(key: string, route: Route, error: unknown): void {
    if (route.state !== 'new' || !(error instanceof Error) || !failedToConnect(error)) return;
    route.state = 'given up';
    this.#routes.delete(key);
    route.dispatcher.destroy(error).catch(() => undefined);
  }

  async #received(request: HttpRequest, answer: Dispatcher.ResponseData): Promise<HttpResponse> {
    const { statusCode: status } = answer;
    const headers = headersOf(answer);
    if (request.answer === 'stream' && status >= 200 && status < 300) {
      return {
        status,
        url: request.url,
        headers,
        body: new Uint8Array(),
        stream: streamed(request, answer.body),
      };
    }
    return {
      status,
      url: request.url,
      headers,
      body: await this.#bodies.read(request, { status, body: answer.body }),
    };
  }

  /** Ends every connection; nothing can be sent any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const routes = await Promise.allSettled(this.#routes.values());
    const dispatchers = routes.flatMap((each) =>
      each.status === 'fulfilled' ? [each.value.dispatcher] : [],
    );
    await Promise.allSettled([...dispatchers, ...this.#tunnels].map((each) => each.destroy()));
  }

  #outgoing(request: HttpRequest, proxy: ProxyAddress | undefined): Dispatcher.RequestOptions {
    const { url } = request;
    const forwarder = url.protocol === 'http:' ? proxy : undefined;
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      // By default undici closes a connection after HEAD.
      reset: false,
      ...(forwarder && forwarded(url, forwarder)),
      headers: {
        'user-agent': this.#options.userAgent,
        ...(forwarder && { host: url.host, ...forwarder.headers }),
        ...request.headers,
        ...request.originHeaders,
      },
      // A drip of single bytes would never be idle long enough to end.
      signal: isStreamed(request) ? null : AbortSignal.timeout(this.#options.timeouts.whole),
      body: typeof request.body === 'function' ? (request.body() as unknown as null) : (request.body ?? null),
    };
  }

  #routeFor(request: HttpRequest, trust: Trust): Promise<Route> {
    const { url, registryHost = url.host } = request;
    const key = routeKey(request, trust);
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const origin = new URL(url.origin);
    const settings = url.protocol === 'https:' ? this.#options.tls(origin, trust, registryHost) : {};
    const made = this.#makeRoute(origin, settings, protocolsFor(request));
    this.#routes.set(key, made);
    return made;
  }

  async #makeRoute(
    origin: URL,
    tls: TlsSettings | Promise<TlsSettings>,
    protocols: Protocols,
  ): Promise<Route> {
    const { timeouts, proxy: proxyOf } = this.#options;
    const allowH2 = protocols === 'any';
    const settings = { timeout: timeouts.connect, preferH2: true, allowH2, ...(await tls) };
    const proxy = proxyOf?.(origin);
    const dispatcher = new Agent({
      allowH2,
      connections: hostConnections,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.idle,
      connect: origin.protocol === 'https:' && proxy ? this.#tunnel(origin, proxy, settings) : settings,
    });
    return { dispatcher, proxy, state: 'new' };
  }

  /** Connects through a tunnel (RFC 9110, 9.3.6), TLS inside it. */
  #tunnel(origin: URL, proxy: ProxyAddress, settings: buildConnector.BuildOptions): buildConnector.connector {
    const { connect: timeout } = this.#options.timeouts;
    const pool = new Pool(proxy.url.origin, {
      connect: { timeout, allowH2: false },
      headersTimeout: timeout,
    });
    this.#tunnels.push(pool);
    const within = buildConnector(settings);
    return async (options, callback) => {
      try {
        within({ ...options, httpSocket: await openTunnel(pool, origin, proxy) }, callback);
      } catch (error) {
        callback(networkError({ method: 'CONNECT', url: origin }, error, 'proxy'), null);
      }
    };
  }
}

// What streams has connections of its own: in HTTP/2 it would share one connection's flow control window,
// which over a distance lets through a tenth of what several connections carry.
function protocolsFor(request: HttpRequest): Protocols {
  return request.url.protocol === 'https:' && isStreamed(request) ? 'http/1.1' : 'any';
}

function routeKey(request: HttpRequest, trust: Trust): string {
  const { url, registryHost = url.host } = request;
  return [url.origin, trust, protocolsFor(request), url.protocol === 'https:' ? registryHost : ''].join(' ');
}

/** What a plain request is when a proxy passes it on (RFC 9112, 3.2.2). */
function forwarded(url: URL, { url: proxy }: ProxyAddress): Partial<Dispatcher.RequestOptions> {
  const servername = proxy.hostname;
  return { origin: proxy.origin, path: url.href, ...(proxy.protocol === 'https:' && { servername }) };
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

function isStreamed(request: HttpRequest): boolean {
  return request.answer === 'stream' || typeof request.body === 'function';
}

async function* streamed(request: HttpRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw networkError(request, error);
  }
}

function headersOf(answer: Dispatcher.ResponseData): HttpHeaders {
  const entries = Object.entries(answer.headers);
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), [value ?? []].flat()]));
}

/** How long the network may keep a run waiting, in milliseconds. */
export interface Timeouts {
  /** Until a connection, with TLS, stands. */
  readonly connect: number;
  /** Until the first byte of an answer. */
  readonly headers: number;
  /** Between two pieces of a body, either way. */
  readonly idle: number;
  /** From the request's start to its answer's end, for answers that are read whole. */
  readonly whole: number;
}

/** The waits of a normal run. */
export const standardTimeouts: Timeouts = { connect: 10_000, headers: 30_000, idle: 30_000, whole: 120_000 };
