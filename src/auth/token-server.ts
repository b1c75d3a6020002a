import type { Credential } from '../credentials/credential.ts';
import {
  basicPair,
  fieldsIn,
  type HttpRequest,
  type HttpResponse,
  maxShortBody,
  redacted,
  type Send,
} from '../http/message.ts';
import type { RedirectPolicy } from '../http/redirect.ts';
import type { Clock } from '../run/clock.ts';
import { ActionError, AuthError, NetworkError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { mayLeadTo, reachOf } from '../run/reach.ts';

/** The registry that names a token server. */
export interface RealmOwner {
  readonly registry: string;
  readonly origin: URL;
  /** Whether its token server may have any address. */
  readonly allowPrivate: boolean;
}

/**
 * The URL of a registry's token server, from the `realm` of its challenge.
 * Throws AuthError (REALM) when credentials must not be sent there: a registry must not direct a password to plain
 * HTTP, or to a host inside the runner's network.
 */
export function parseRealm(text: string, owner: RealmOwner): URL {
  // URL parsing drops some of these silently, and the URL would not be the text that was checked.
  if (/[\u0000-\u0020\u007f]/.test(text)) throw realmRefused(owner, 'has white space or control characters');
  const url = URL.parse(text);
  if (url === null) throw realmRefused(owner, 'is not an absolute URL');
  url.hash = '';
  checkRealm(url, owner);
  return url;
}

/** Throws AuthError (REALM) when no token may be requested at a URL, such as a redirect's. */
function checkRealm(url: URL, owner: RealmOwner): void {
  const { origin } = owner;
  if (url.username !== '' || url.password !== '') throw realmRefused(owner, 'has a user name in it');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && origin.protocol === 'http:')) {
    throw realmRefused(owner, `is not https (${url.protocol.slice(0, -1)}, ${url.host})`);
  }
  if (reachOf(url) === 'special')
    throw realmRefused(owner, `is at an address with a special purpose (${url.host})`);
  if (owner.allowPrivate || url.hostname === origin.hostname) return;
  if (!mayLeadTo(origin, url)) throw realmRefused(owner, `is at a private address (${url.host})`);
}

function realmRefused(owner: RealmOwner, problem: string): AuthError {
  return new AuthError('REALM', `The token server URL of ${owner.registry} ${problem}`, {
    hint: 'Check the registry in the reference, and how its token realm is configured. No credentials were sent there.',
  });
}

/** The token to request, and where. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** Texts of scopes, such as `repository:acme/app:pull`. */
  readonly scopes: readonly string[];
  readonly credential: Credential;
  readonly owner: RealmOwner;
}

/** A request to a token server, with the registry it is for. */
interface TokenHttpRequest extends HttpRequest, Pick<TokenRequest, 'realm' | 'owner'> {}

/** The services that tokens are requested with. */
export interface TokenServices {
  /** Retries, and follows the redirects that `tokenRedirects` allows. */
  readonly send: Send<TokenHttpRequest>;
  readonly observer: Observer;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * A token, when it was requested (on the clock, in milliseconds) and its lifetime in seconds (60 when the server states
 * none); or the status 400, 401 or 403 of a refusal.
 */
export type TokenAnswer =
  | { readonly token: string; readonly requested: number; readonly lifetime: number }
  | { readonly refused: number };

const clientId = 'multiarch-manifest-action';

/** Characters of the shortest token that is masked. */
const minMaskedLength = 16;

/** Redirects of token servers: they may lead where a token server may be. */
export const tokenRedirects: RedirectPolicy<TokenHttpRequest> = {
  maxRedirects: 3,
  check: ({ owner }, target) => checkRealm(target, owner),
  failure: (request, problem) => unusable(request, problem),
};

/**
 * Requests a token: for an identity token with POST, or with GET where the server does not know POST (404, or 405 as in
 * https://github.com/ChangemakerStudios/Docker.Registry.DotNet/pull/37); for all other credentials with GET.
 * Throws AuthError (TOKEN) for an answer that is neither a token nor a refusal, AuthError (REALM) for a
 * redirect that must not be followed, NetworkError (TOKEN_SERVER) when there is no answer.
 * https://distribution.github.io/distribution/spec/auth/token/ and /oauth/
 */
export async function requestToken(request: TokenRequest, services: TokenServices): Promise<TokenAnswer> {
  const requested = services.clock.now();
  const response = await responseTo(request, services);
  const { status } = response;
  if (status === 400 || status === 401 || status === 403) {
    // Such a refusal is not the login's: it was not sent there.
    const isElsewhere = response.url.origin !== request.realm.origin;
    if (isElsewhere && request.credential.kind !== 'anonymous') {
      throw unusable(request, 'redirects to another host, where no login is sent');
    }
    return { refused: status };
  }
  if (status !== 200 && status !== 201) throw unusable(request, `answered ${status}`);
  return { ...parseToken(response, request, services.observer), requested };
}

async function responseTo(request: TokenRequest, { send, observer }: TokenServices): Promise<HttpResponse> {
  const { credential } = request;
  if (credential.kind !== 'identity-token') return sendTo(request, getWith(request, credential), send);
  const response = await sendTo(request, postWith(request, credential.token), send);
  if (response.status !== 404 && response.status !== 405) return response;
  const { username = '<token>', token: password, source } = credential;
  observer.secret(basicPair(username, password));
  return sendTo(request, getWith(request, { kind: 'basic', username, password, source }), send);
}

type TokenCall = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'originHeaders' | 'body'>;

function getWith(request: TokenRequest, credential: Credential): TokenCall {
  const url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.append('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const call: TokenCall = { method: 'GET', url, headers: { accept: 'application/json' } };
  if (credential.kind !== 'basic') return call;
  const authorization = `Basic ${basicPair(credential.username, credential.password)}`;
  return { ...call, originHeaders: { authorization } };
}

function postWith(request: TokenRequest, token: string): TokenCall {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId });
  if (request.service !== undefined) form.set('service', request.service);
  if (request.scopes.length > 0) form.set('scope', request.scopes.join(' '));
  form.set('refresh_token', token);
  return {
    method: 'POST',
    url: request.realm,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString(), 'utf8'),
  };
}

async function sendTo({ realm, owner }: TokenRequest, call: TokenCall, send: Send<TokenHttpRequest>) {
  try {
    return await send({ ...call, realm, owner, maxBodyBytes: maxShortBody, registryHost: owner.origin.host });
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    // Its own code, because the request to the registry must not be tried again for this.
    throw new NetworkError('TOKEN_SERVER', `${error.message} (token server of ${owner.registry})`, {
      hint: error.hint,
      cause: error,
    });
  }
}

function parseToken(response: HttpResponse, request: TokenRequest, observer: Observer) {
  const answer = fieldsIn(response.body);
  const texts = [answer['token'], answer['access_token']].filter((value) => typeof value === 'string');
  const token = texts.find((text) => text !== '');
  if (token === undefined) throw unusable(request, 'answered without a token');
  if (!isToken(token)) throw unusable(request, 'answered with a malformed token');
  const lifetime = Number(answer['expires_in'] ?? 60);
  return { token: maskedToken(token, observer), lifetime: Number.isFinite(lifetime) ? lifetime : 60 };
}

/** RFC 6750 §2.1. Other text must not get into a header, nor into a mask, which would hide arbitrary text in the log. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** A token that a server chose, masked. A mask of any short word would let the server choose what the log hides. */
export function maskedToken(token: string, observer: Pick<Observer, 'secret'>): string {
  if (token.length >= minMaskedLength) observer.secret(token, 'server');
  return token;
}

function unusable({ owner, realm }: Pick<TokenRequest, 'realm' | 'owner'>, problem: string): AuthError {
  return new AuthError('TOKEN', `The token server of ${owner.registry} (${redacted(realm)}) ${problem}`, {
    hint: 'Check that no proxy or login page of this network answers instead, and whether the registry is in trouble.',
  });
}

/** Whether an error means that the token server fails for every request. */
export function isTokenServerFailure(error: unknown): boolean {
  return error instanceof ActionError && (error.code === 'TOKEN' || error.code === 'TOKEN_SERVER');
}
