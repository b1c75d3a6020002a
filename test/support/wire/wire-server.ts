/** The HTTP side every test server shares: it keeps a transcript, and faults can be put between request and answer. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { FaultSpec } from '../faults/fault-spec.ts';
import { createFault } from '../faults/faults.ts';
import type { TlsOptions } from '../tls/tls.ts';
import { holdRequest, serverPause } from './test-clock.ts';
import type { Answer, FaultContext, FaultMatch, Sabotage, UnauthorizedReason, WireRequest } from './wire.ts';
import { sendAnswer } from './wire-answer.ts';
import type { AuthorizationKind, WireEntry } from './wire-transcript.ts';

/** Requests with this header are the test's own: neither recorded nor disturbed. */
export const setupHeader = 'x-test-setup';

export interface WireHandler {
  answer(request: WireRequest): Promise<Answer>;
  /** See FaultContext.unauthorized. */
  unauthorized(request: WireRequest, reason: UnauthorizedReason, scope?: string): Answer;
}

export interface WireServerOptions {
  readonly tls?: TlsOptions | undefined;
  /** The name in URLs, default 127.0.0.1; it must resolve to a loopback address. */
  readonly name?: string | undefined;
  /** With TLS: offers HTTP/2 beside HTTP/1.1, with so many streams on a connection; `true`: any number. */
  readonly http2?: boolean | { readonly maxStreams: number } | undefined;
  /** Milliseconds before each request is looked at, so that requests at the same time are seen as such. */
  readonly latency?: number | undefined;
}

export type Injection = FaultSpec & { readonly on?: FaultMatch };

interface Rule {
  readonly on: FaultMatch;
  readonly spec: FaultSpec;
  seen: number;
}

export class WireServer {
  readonly host: string;
  readonly url: string;
  /** Every recorded request, in order of arrival. */
  readonly wire: WireEntry[] = [];
  readonly #server: Server;
  readonly #handler: WireHandler;
  readonly #latency: number;
  readonly #rules: Rule[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #connectionNumbers = new WeakMap<object, number>();
  #connections = 0;
  #active = 0;
  #restarting: Promise<void> | undefined;

  /** Starts listening on a free port of 127.0.0.1. */
  static async start(handler: WireHandler, options: WireServerOptions = {}): Promise<WireServer> {
    let started: WireServer | undefined;
    const server = createServer(options, (message, response) => void started?.serve(message, response));
    await listen(server, 0);
    started = new WireServer(server, handler, options);
    return started;
  }

  private constructor(server: Server, handler: WireHandler, options: WireServerOptions) {
    this.#server = server;
    this.#handler = handler;
    this.#latency = options.latency ?? 0;
    this.host = `${options.name ?? '127.0.0.1'}:${portOf(server)}`;
    this.url = `${options.tls === undefined ? 'http' : 'https'}://${this.host}`;
    server.on('connection', (socket: Socket) => this.#admit(socket));
  }

  /** Connections that carried a recorded request. */
  get connections(): number {
    return new Set(this.wire.map((entry) => entry.connection)).size;
  }

  /** The most requests that were being answered at once. */
  get maxConcurrent(): number {
    return Math.max(0, ...this.wire.map((entry) => entry.concurrent));
  }

  /** Puts a fault on requests to come; where several rules match a request, the oldest one acts. */
  inject(injection: Injection): void {
    this.#rules.push({ on: injection.on ?? {}, spec: injection, seen: 0 });
  }

  clearFaults(): void {
    this.#rules.length = 0;
  }

  /** Forgets the requests so far. */
  clearWire(): void {
    this.wire.length = 0;
  }

  /** Closes every connection and refuses new ones for so many milliseconds. */
  restart(milliseconds: number): Promise<void> {
    this.#restarting ??= this.#restart(milliseconds).finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  async close(): Promise<void> {
    await this.#restarting;
    await this.#stop();
  }

  /** Answers one request; never rejects. */
  async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#record(message);
    this.#active += 1;
    response.once('close', () => {
      this.#active -= 1;
    });
    try {
      await this.#respond(message, response, entry);
    } catch (error) {
      entry.outcome ??= 'broken';
      if (response.headersSent) response.destroy();
      else await sendAnswer(response, { status: 500, headers: {}, body: `test server: ${error}` });
    }
  }

  async #respond(message: IncomingMessage, response: ServerResponse, entry: WireEntry): Promise<void> {
    const request = this.#parse(message, entry);
    const rule = isSetup(message) ? undefined : this.#matchingRule(request);
    if (this.#latency > 0 && !isSetup(message)) await holdRequest(serverPause(this.#latency));
    const result =
      rule === undefined ? await this.#answer(request) : await this.#disturb(rule, request, entry);
    if ('act' in result) {
      entry.outcome = result.outcome;
      await result.act(response);
      return;
    }
    entry.outcome = result.status;
    await sendAnswer(response, result);
  }

  #disturb(rule: Rule, request: WireRequest, entry: WireEntry): Promise<Answer | Sabotage> {
    entry.fault = rule.spec.fault;
    const context: FaultContext = {
      request,
      origin: this.url,
      proceed: (change) => this.#answer({ ...request, ...change }),
      unauthorized: (reason, scope) => this.#handler.unauthorized(request, reason, scope),
      restart: (milliseconds) => this.restart(milliseconds),
    };
    return createFault(rule.spec)(context);
  }

  #answer(request: WireRequest): Promise<Answer> {
    return this.#handler.answer(request);
  }

  #matchingRule(request: WireRequest): Rule | undefined {
    const hits = this.#rules.filter((rule) => matches(rule, request));
    for (const rule of hits) rule.seen += 1;
    return hits.find(isDue);
  }

  #parse(message: IncomingMessage, entry: WireEntry): WireRequest {
    return {
      method: message.method ?? 'GET',
      url: new URL(message.url ?? '/', this.url),
      headers: message.headers,
      body: counted(message, entry),
      view: 'current',
    };
  }

  #record(message: IncomingMessage): WireEntry {
    const entry: WireEntry = {
      number: this.wire.length + 1,
      method: message.method ?? 'GET',
      path: message.url ?? '/',
      authorization: authorizationKind(message.headers.authorization),
      headers: message.headers,
      connection: isSetup(message) ? 0 : this.#connectionNumber(message),
      concurrent: this.#active + 1,
      received: 0,
    };
    if (!isSetup(message)) this.wire.push(entry);
    return entry;
  }

  /** Over HTTP/2 the session stands for the connection, since each message has a socket object of its own. */
  #connectionNumber(message: IncomingMessage): number {
    const { session } = (message as unknown as Partial<Http2ServerRequest>).stream ?? {};
    const connection = session ?? message.socket;
    const known = this.#connectionNumbers.get(connection);
    if (known !== undefined) return known;
    this.#connections += 1;
    this.#connectionNumbers.set(connection, this.#connections);
    return this.#connections;
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  async #restart(milliseconds: number): Promise<void> {
    const port = portOf(this.#server);
    await this.#stop();
    await serverPause(milliseconds);
    await listen(this.#server, port);
  }

  async #stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function createServer({ tls, http2 }: WireServerOptions, listener: RequestListener): Server {
  const keepAliveTimeout = 60_000;
  if (tls === undefined) return createHttpServer({ keepAliveTimeout }, listener);
  if (http2 === undefined || http2 === false)
    return createHttpsServer({ keepAliveTimeout, ...tls.server }, listener);
  // The compatibility API has the shape of node:http's for all that is used here.
  const compatible = listener as unknown as (
    request: Http2ServerRequest,
    response: Http2ServerResponse,
  ) => void;
  const settings = http2 === true ? {} : { maxConcurrentStreams: http2.maxStreams };
  return createSecureServer({ allowHTTP1: true, settings, ...tls.server }, compatible) as unknown as Server;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function isSetup(message: IncomingMessage): boolean {
  return message.headers[setupHeader] !== undefined;
}

function matches(rule: Rule, request: WireRequest): boolean {
  const { method, path } = rule.on;
  if (method !== undefined && method !== request.method) return false;
  return path === undefined || new RegExp(path.source, path.flags.replace('g', '')).test(pathOf(request));
}

function isDue(rule: Rule): boolean {
  const first = rule.on.nth ?? 1;
  return rule.seen >= first && rule.seen < first + (rule.on.times ?? 1);
}

function pathOf(request: WireRequest): string {
  return request.url.pathname + request.url.search;
}

function authorizationKind(value: string | undefined): AuthorizationKind {
  if (value === undefined) return 'none';
  const scheme = value.split(' ', 1)[0]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other';
}

async function* counted(message: IncomingMessage, entry: WireEntry): AsyncIterable<Uint8Array> {
  for await (const chunk of message) {
    entry.received += chunk.length;
    yield chunk;
  }
}
