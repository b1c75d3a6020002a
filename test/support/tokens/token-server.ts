/**
 * A token server for registries under test: Basic or OAuth2 in, a signed JWT with per-repository access out
 * (distribution's docs: spec/auth/token, spec/auth/oauth, spec/auth/jwt).
 */
import { randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Authority, type Certificate, createAuthority } from '../tls/certificate.ts';

const bodyLimit = 64 * 1024;

/** The access of a user: repository path, or `*` for every one, to actions. */
export type Access = Readonly<Record<string, readonly string[]>>;

export interface TokenUser {
  readonly username: string;
  readonly password: string;
  readonly access: Access;
}

export interface TokenServerOptions {
  readonly service: string;
  readonly users: readonly TokenUser[];
  /** The access without credentials; nothing by default, and then a request is refused with 401. */
  readonly anonymous?: Access;
  /** Seconds a token is good for. */
  readonly lifetime?: number;
  /** Serves https under a certificate of this authority. */
  readonly authority?: Authority | undefined;
}

/** A request for a token and the answer to it. */
export interface TokenGrant {
  readonly method: string;
  readonly username: string | undefined;
  /** Scopes as they were asked for. */
  readonly scopes: readonly string[];
  readonly status: number;
}

export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** Signs the tokens; a registry must trust it. */
  readonly certificate: Certificate;
  /** Every token request so far, oldest first. */
  readonly grants: readonly TokenGrant[];
  /** A token for everything in these repositories, unasked for. */
  issue(repositories: readonly string[]): string;
  close(): Promise<void>;
}

interface TokenRequest {
  readonly method: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly scopes: readonly string[];
}

interface AccessClaim {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Starts a token server on a free port of 127.0.0.1. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const service = new TokenService(options);
  const server = listener(options.authority, (request, response) => void service.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    realm: `${options.authority ? 'https' : 'http'}://127.0.0.1:${port}/token`,
    service: options.service,
    issuer: service.issuer,
    certificate: service.certificate,
    grants: service.grants,
    issue: (repositories) => service.issue(repositories),
    close: () => closeServer(server),
  };
}

function listener(
  authority: Authority | undefined,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  if (!authority) return createServer(handler);
  const { pem, keyPem } = authority.issue(['127.0.0.1', 'localhost']);
  return createTlsServer({ cert: pem, key: keyPem }, handler);
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

class TokenService {
  readonly issuer = 'test token server';
  readonly certificate: Certificate = createAuthority('test token signer');
  readonly grants: TokenGrant[] = [];
  readonly #options: TokenServerOptions;
  readonly #refreshTokens = new Map<string, TokenUser>();

  constructor(options: TokenServerOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readTokenRequest(request).catch(() => undefined);
    if (asked === undefined) return void send(response, 400, { error: 'invalid_request' });
    const { username, scopes } = asked;
    const access = this.#accessOf(asked);
    const status = access === undefined ? 401 : 200;
    this.grants.push({ method: asked.method, username, scopes, status });
    if (access === undefined) return void send(response, 401, { details: 'incorrect username or password' });
    send(response, 200, this.#token(asked, access));
  }

  issue(repositories: readonly string[]): string {
    const actions = ['pull', 'push', 'delete'];
    return this.#sign(
      'test',
      repositories.map((name) => ({ type: 'repository', name, actions })),
    );
  }

  #accessOf(asked: TokenRequest): Access | undefined {
    if (asked.password === undefined) return this.#options.anonymous;
    return this.#user(asked)?.access;
  }

  #user(asked: TokenRequest): TokenUser | undefined {
    const { username, password = '' } = asked;
    if (username === undefined) return this.#refreshTokens.get(password);
    return this.#options.users.find((user) => user.username === username && user.password === password);
  }

  #token(asked: TokenRequest, access: Access): Record<string, unknown> {
    const token = this.#sign(asked.username ?? '', claims(asked.scopes, access));
    const lifetime = this.#options.lifetime ?? 300;
    const answer = { token, access_token: token, expires_in: lifetime, issued_at: new Date().toISOString() };
    const user = this.#user(asked);
    if (asked.method !== 'POST' || user === undefined) return answer;
    return { ...answer, refresh_token: this.#refreshToken(user) };
  }

  #refreshToken(user: TokenUser): string {
    const token = randomUUID();
    this.#refreshTokens.set(token, user);
    return token;
  }

  #sign(subject: string, access: readonly AccessClaim[]): string {
    const now = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'ES256', x5c: [this.certificate.der.toString('base64')] };
    const { issuer: iss } = this;
    const { service: aud, lifetime = 300 } = this.#options;
    const times = { iat: now, nbf: now - 5, exp: now + lifetime };
    const payload = { iss, aud, sub: subject, ...times, jti: randomUUID(), access };
    const signed = `${base64Json(header)}.${base64Json(payload)}`;
    // JWT takes the bare pair of numbers, not DER (RFC 7518 §3.4).
    const key = { key: this.certificate.key, dsaEncoding: 'ieee-p1363' } as const;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }
}

/** The part of the requested scopes that `access` grants; a scope with nothing granted stays, empty. */
function claims(scopes: readonly string[], access: Access): AccessClaim[] {
  return scopes.map((scope) => {
    const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
    const granted = access[name] ?? access['*'] ?? [];
    return { type, name, actions: actions.split(',').filter((action) => granted.includes(action)) };
  });
}

async function readTokenRequest(request: IncomingMessage): Promise<TokenRequest> {
  if (request.method === 'POST') return fromForm(new URLSearchParams(await readBody(request)));
  const query = new URL(request.url ?? '/', 'http://token.invalid').searchParams;
  const basic = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [username, password] = splitPair(Buffer.from(basic ?? '', 'base64').toString());
  return { method: 'GET', username, password, scopes: splitScopes(query.getAll('scope')) };
}

function fromForm(form: URLSearchParams): TokenRequest {
  const common = { method: 'POST', scopes: splitScopes(form.getAll('scope')) };
  if (form.get('grant_type') === 'refresh_token')
    return { ...common, username: undefined, password: form.get('refresh_token') ?? '' };
  return { ...common, username: form.get('username') ?? '', password: form.get('password') ?? '' };
}

function splitScopes(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(' ')).filter((scope) => scope !== '');
}

function splitPair(text: string): [string | undefined, string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [undefined, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) throw new RangeError('token request too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
