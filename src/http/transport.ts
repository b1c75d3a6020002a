import { setImmediate } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { ActionError, NetworkError } from '../run/errors.ts';
import { BodyReader, decoded, RateCheck } from './body.ts';
import type { BufferCollector } from './buffer-collector.ts';
import { type BodySource, type HttpRequest, type HttpResponse, redacted, type Send } from './message.ts';
import { networkError, proxyRefusal } from './network-error.ts';
import type { ProxyAddress } from './proxy.ts';
import {
  type ConnectionTimeouts,
  isStreamed,
  type Route,
  type RouteOptions,
  Routes,
  type Trust,
} from './routes.ts';

/** How long the network may keep a run waiting, in milliseconds. */
export interface Timeouts extends ConnectionTimeouts {
  /** From the request's start to its answer's end, for answers that are read whole. */
  readonly whole: number;
}

/** The timeouts of a normal run. */
export const standardTimeouts: Timeouts = { connect: 10_000, headers: 30_000, idle: 30_000, whole: 120_000 };

interface TransportOptions extends RouteOptions {
  readonly timeouts: Timeouts;
  readonly userAgent: string;
  readonly buffers: BufferCollector;
}

/**
 * Sends single requests over kept connections, at most 32 to a host. Where a server offers HTTP/2 and nothing is
 * streamed, requests share a connection; until that is known, they wait for the first one. Neither redirects nor
 * retries. Every body that is read whole is limited by its request.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #routes: Routes;
  readonly #bodies: BodyReader;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#routes = new Routes(options);
    this.#bodies = new BodyReader(options.buffers);
  }

  /** Sends one request; throws NetworkError with code CONNECTION, TIMEOUT, DNS, TLS, PROXY, PROTOCOL or TOO_LARGE. */
  readonly send: Send = async (request) => {
    if (this.#isClosed) throw new Error(`${redacted(request.url)} was requested after the end of the run`);
    const trust = this.#routes.trustIn(request.url);
    try {
      return await this.#sendTrusting(request, trust);
    } catch (error) {
      const isTlsFailure = error instanceof NetworkError && error.code === 'TLS';
      if (!isTlsFailure || trust === 'system') throw error;
      // Reading the system's CAs takes some 50 ms, so they come second. Nothing of the request has left yet.
      const response = await this.#sendTrusting(request, 'system');
      this.#routes.trustSystem(request.url);
      return response;
    }
  };

  /** Ends every connection; nothing can be sent any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#routes.close();
  }

  async #sendTrusting(request: HttpRequest, trust: Trust): Promise<HttpResponse> {
    let route: Route | undefined;
    try {
      route = await this.#routes.find(request, trust);
      const answer = await this.#dispatch(request, route);
      route.state = 'answered';
      if (answer.statusCode === 407) throw proxyRefusal(request.url, 407);
      const response = await this.#received(request, answer);
      // undici takes a connection back one turn of the event loop later: a request sent before would open another one.
      await setImmediate();
      return response;
    } catch (error) {
      if (route !== undefined) this.#routes.failed(route, error);
      if (error instanceof ActionError) throw error;
      throw networkError(request, error, route?.proxy === undefined ? 'direct' : 'proxy');
    }
  }

  /** Waits for the headers of the answer, however many informational answers (1xx) come before them. */
  async #dispatch(request: HttpRequest, { dispatcher, proxy }: Route): Promise<Dispatcher.ResponseData> {
    const { connect, headers, whole } = this.#options.timeouts;
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const startTimer = (): void => {
      const reason = new DOMException('no headers in time', 'TimeoutError');
      // A connection through a proxy is two connections.
      timer = setTimeout(() => late.abort(reason), 2 * connect + headers);
    };
    const { body } = request;
    // undici takes any iterable, whatever its types say.
    const sent =
      typeof body === 'function' ? (this.#sent(request, body, startTimer) as unknown as null) : body;
    if (typeof body !== 'function') startTimer();
    // An answer of single bytes, one at a time, never is idle long enough to end.
    const limits = isStreamed(request) ? [] : [AbortSignal.timeout(whole)];
    const signal = AbortSignal.any([late.signal, ...limits]);
    try {
      return await dispatcher.request({ ...this.#outgoing(request, proxy), signal, body: sent ?? null });
    } finally {
      clearTimeout(timer);
    }
  }

  async #received(request: HttpRequest, answer: Dispatcher.ResponseData): Promise<HttpResponse> {
    const { statusCode: status } = answer;
    const entries = Object.entries(answer.headers);
    const headers = new Map(entries.map(([name, value]) => [name.toLowerCase(), [value ?? []].flat()]));
    const response = { status, url: request.url, headers };
    const body = decoded(answer.body, request.url, headers);
    if (request.answer === 'stream' && status >= 200 && status < 300) {
      return { ...response, body: new Uint8Array(), stream: this.#streamed(request, body) };
    }
    return { ...response, body: await this.#bodies.read(request, status, body) };
  }

  async *#streamed(request: HttpRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const check = this.#rateCheck(request);
    let asked = Date.now();
    try {
      for await (const chunk of body) {
        check.add(chunk.byteLength, Date.now() - asked);
        yield chunk;
        asked = Date.now();
      }
    } catch (error) {
      throw networkError(request, error);
    }
  }

  #rateCheck(request: HttpRequest): RateCheck {
    return new RateCheck(request, this.#options.timeouts.whole / 2);
  }

  #outgoing(request: HttpRequest, proxy: ProxyAddress | undefined): Dispatcher.RequestOptions {
    const { url } = request;
    const forwarder = url.protocol === 'http:' ? proxy : undefined;
    return {
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      // By default undici closes a connection after HEAD: https://github.com/nodejs/undici/pull/1858
      reset: false,
      ...(forwarder && forwarded(url, forwarder)),
      headers: {
        'user-agent': this.#options.userAgent,
        ...(forwarder && { host: url.host, ...forwarder.headers }),
        ...request.headers,
        ...request.originHeaders,
      },
    };
  }

  /** The bytes of a stream as the network takes them; `onEnd` is called after the last piece. */
  async *#sent(request: HttpRequest, body: BodySource, onEnd: () => void): AsyncGenerator<Uint8Array> {
    const check = this.#rateCheck(request);
    for await (const chunk of body()) {
      // Every blob that is read is sent, so its buffers are counted here.
      this.#options.buffers.passed(chunk.byteLength);
      const given = Date.now();
      yield chunk;
      check.add(chunk.byteLength, Date.now() - given);
    }
    onEnd();
  }
}

/** The form of a plain request that a proxy forwards (RFC 9112, 3.2.2). */
function forwarded(url: URL, { url: proxy }: ProxyAddress): Partial<Dispatcher.RequestOptions> {
  const servername = proxy.hostname;
  return { origin: proxy.origin, path: url.href, ...(proxy.protocol === 'https:' && { servername }) };
}
