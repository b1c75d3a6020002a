import { setImmediate } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ActionError, NetworkError } from './errors.ts';
import type { HttpHeaders, HttpRequest, HttpResponse, Send } from './http.ts';
import { networkError, proxyRefusal } from './network-failure.ts';
import { hostConnections } from './pace.ts';
import type { Timeouts } from './timeouts.ts';
import { redacted } from './url.ts';

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

/** Gives the settings for an https origin. */
export type TlsSource = (origin: URL, trust: Trust) => Promise<TlsSettings>;

/** What a transport is made of. */
export interface TransportOptions {
  readonly timeouts: Timeouts;
  readonly tls: TlsSource;
  /** Whether HTTP_PROXY, HTTPS_PROXY or NO_PROXY are set, so that requests must look at them. */
  readonly proxies: 'environment' | 'none';
  readonly userAgent: string;
}

/**
 * Sends single requests over kept connections, HTTP/2 where a server offers it, at most 32 connections to
 * a host. Neither redirects nor retries. Every body that is read whole is bounded by its request's limit.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();
  readonly #trust = new Map<string, Trust>();
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
    try {
      const dispatcher = await this.#dispatcherFor(request.url, trust);
      const answer = await dispatcher.request(this.#outgoing(request));
      if (answer.statusCode === 407) throw proxyRefusal(request.url);
      const response = await received(request, answer);
      // undici takes a connection back one turn of the event loop after its answer: a request sent before opens another.
      await setImmediate();
      return response;
    } catch (error) {
      throw error instanceof ActionError ? error : networkError(request, error);
    }
  }

  /** Ends every connection; nothing can be sent any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const dispatchers = await Promise.allSettled(this.#dispatchers.values());
    await Promise.allSettled(dispatchers.map((each) => each.status === 'fulfilled' && each.value.destroy()));
  }

  #outgoing(request: HttpRequest): Dispatcher.RequestOptions {
    return {
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      // By default undici closes a connection after HEAD.
      reset: false,
      headers: { 'user-agent': this.#options.userAgent, ...request.headers, ...request.bound },
      // A drip of single bytes would never be idle long enough to end.
      signal: isStreamed(request) ? null : AbortSignal.timeout(this.#options.timeouts.whole),
      body: typeof request.body === 'function' ? (request.body() as unknown as null) : (request.body ?? null),
    };
  }

  #dispatcherFor(url: URL, trust: Trust): Promise<Dispatcher> {
    const key = `${url.origin} ${trust}`;
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const made = this.#makeDispatcher(new URL(url.origin), trust);
    this.#dispatchers.set(key, made);
    return made;
  }

  async #makeDispatcher(origin: URL, trust: Trust): Promise<Dispatcher> {
    const { timeouts, proxies } = this.#options;
    const tls = origin.protocol === 'https:' ? await this.#options.tls(origin, trust) : {};
    const options: Agent.Options = {
      connections: hostConnections,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.idle,
      connect: { timeout: timeouts.connect, preferH2: true, ...tls },
    };
    if (proxies === 'none') return new Agent(options);
    return new EnvHttpProxyAgent({ ...options, requestTls: { timeout: timeouts.connect, ...tls } });
  }
}

function isStreamed(request: HttpRequest): boolean {
  return request.answer === 'stream' || typeof request.body === 'function';
}

async function received(request: HttpRequest, answer: Dispatcher.ResponseData): Promise<HttpResponse> {
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
  return { status, url: request.url, headers, body: await bounded(request, answer) };
}

async function bounded(request: HttpRequest, answer: Dispatcher.ResponseData): Promise<Uint8Array> {
  // Only what a read gives is content; any other text is at most quoted, so a long one is cut, not refused.
  const { statusCode: status } = answer;
  const isContent = request.method === 'GET' && status >= 200 && status < 300;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > request.limit && isContent) throw tooLarge(request);
    chunks.push(chunk);
    if (size > request.limit) break;
  }
  const [first] = chunks;
  const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  return whole.subarray(0, request.limit);
}

function tooLarge(request: HttpRequest): NetworkError {
  return new NetworkError(
    'TOO_LARGE',
    `${redacted(request.url)} answers with more than ${request.limit} bytes`,
    {
      hint: 'What it serves is not a manifest or config of a container image.',
    },
  );
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
