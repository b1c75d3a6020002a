import type { Credential } from '../credentials/credential.ts';
import { basicPair } from '../http/authorization.ts';
import { type HttpRequest, type HttpResponse, header, redacted, type Send } from '../http/message.ts';
import { AuthError, NetworkError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { checkRealm, type RealmOwner } from './realm.ts';

/** What is asked of a token server. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** Texts of scopes, such as `repository:acme/app:pull`. */
  readonly scopes: readonly string[];
  readonly credential: Credential;
  readonly owner: RealmOwner;
}

/** How tokens are asked for. */
export interface TokenParts {
  /** Retries, but follows no redirects. */
  readonly send: Send;
  readonly observer: Observer;
}

/** A token and the seconds its server gives it (60 when it does not say); or the status (400, 401, 403) with which the server gave none. */
export type TokenAnswer =
  | { readonly token: string; readonly lifetime: number }
  | { readonly refused: number };

/** Bytes of answer: tokens that name hundreds of repositories have a few KiB. */
const answerLimit = 64 * 1024;
const maxRedirects = 3;
const clientId = 'multiarch-manifest-action';

/**
 * Asks a token server once: with POST for an identity token, which falls back to GET where POST is not
 * known, with GET and the login, if there is one, otherwise.
 * Throws AuthError (TOKEN) for an answer that is neither token nor refusal, AuthError (REALM) for a
 * redirect that must not be followed, NetworkError (TOKEN_SERVER) when there is no answer.
 * https://distribution.github.io/distribution/spec/auth/token/ and /oauth/
 */
export async function requestToken(request: TokenRequest, parts: TokenParts): Promise<TokenAnswer> {
  const response = await exchange(request, parts);
  const { status } = response;
  if (status === 400 || status === 401 || status === 403) {
    if (isElsewhere(response, request))
      throw unusable(request, 'redirects elsewhere, where no login is sent');
    return { refused: status };
  }
  if (status !== 200 && status !== 201) throw unusable(request, `answered ${status}`);
  return parseToken(response, request, parts.observer);
}

// There the login was not refused: it was not shown.
function isElsewhere(response: HttpResponse, { realm, credential }: TokenRequest): boolean {
  return credential.kind !== 'anonymous' && response.url.origin !== realm.origin;
}

async function exchange(request: TokenRequest, parts: TokenParts): Promise<HttpResponse> {
  const { credential } = request;
  if (credential.kind !== 'identity-token') return follow(get(request, credential), request, parts);
  const response = await follow(post(request, credential.token), request, parts);
  if (response.status !== 404 && response.status !== 405) return response;
  const { username = '<token>', token: password, source } = credential;
  return follow(get(request, { kind: 'basic', username, password, source }, parts.observer), request, parts);
}

function get(request: TokenRequest, credential: Credential, observer?: Observer): HttpRequest {
  const url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.append('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const common = {
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    maxBodyBytes: answerLimit,
  } as const;
  if (credential.kind !== 'basic') return common;
  const pair = basicPair(credential.username, credential.password);
  observer?.secret(pair);
  return { ...common, originHeaders: { authorization: `Basic ${pair}` } };
}

function post(request: TokenRequest, token: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId });
  if (request.service !== undefined) form.set('service', request.service);
  if (request.scopes.length > 0) form.set('scope', request.scopes.join(' '));
  form.set('refresh_token', token);
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return {
    method: 'POST',
    url: request.realm,
    headers,
    body: Buffer.from(form.toString(), 'utf8'),
    maxBodyBytes: answerLimit,
  };
}

/** Sends; follows redirects by hand, since they come from the server that passwords are sent to. */
async function follow(first: HttpRequest, request: TokenRequest, parts: TokenParts): Promise<HttpResponse> {
  let current = first;
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const response = await sendOnce(current, request, parts.send);
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    current = redirected(current, response, request);
  }
  throw unusable(request, `redirects more than ${maxRedirects} times`);
}

function redirected(current: HttpRequest, response: HttpResponse, request: TokenRequest): HttpRequest {
  const location = header(response.headers, 'location');
  const url = location === undefined ? null : URL.parse(location, current.url.href);
  if (url === null) throw unusable(request, 'redirects without a usable Location');
  checkRealm(url, request.owner);
  const sameOrigin = url.origin === current.url.origin;
  // The body of a POST holds the refresh token; 301 to 303 would drop it and ask as nobody.
  if (current.method === 'POST' && !(sameOrigin && response.status >= 307)) {
    throw unusable(request, 'redirects a POST that holds the identity token');
  }
  // Once left out, Authorization stays out, even when a further redirect leads back.
  return sameOrigin ? { ...current, url } : { ...current, url, originHeaders: undefined };
}

async function sendOnce(request: HttpRequest, context: TokenRequest, send: Send): Promise<HttpResponse> {
  try {
    return await send({ ...request, registryHost: context.owner.origin.host });
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    // A code of its own: the caller's request to the registry must not be tried again for this.
    throw new NetworkError('TOKEN_SERVER', `${error.message} (token server of ${context.owner.registry})`, {
      hint: error.hint,
      cause: error,
    });
  }
}

function parseToken(response: HttpResponse, request: TokenRequest, observer: Observer): TokenAnswer {
  const answer = parseObject(response.body);
  const token = firstText(answer['token'], answer['access_token']);
  if (token === undefined) throw unusable(request, 'answered without a token');
  // RFC 6750 §2.1; anything else has no place in a header. Nor in a mask: that would hide what it likes of the log.
  if (!isToken(token)) throw unusable(request, 'answered with a malformed token');
  observer.secret(token);
  const renewed = firstText(answer['refresh_token']);
  if (renewed !== undefined && isToken(renewed)) observer.secret(renewed);
  return { token, lifetime: lifetimeOf(answer['expires_in']) };
}

function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function parseObject(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function lifetimeOf(value: unknown): number {
  const seconds = Number(value ?? 60);
  return Number.isFinite(seconds) ? seconds : 60;
}

function unusable(request: TokenRequest, problem: string): AuthError {
  const { owner, realm } = request;
  return new AuthError('TOKEN', `The token server of ${owner.registry} (${redacted(realm)}) ${problem}`, {
    hint: 'Check that no proxy or login page of this network stands between, and whether the registry is in trouble.',
  });
}
