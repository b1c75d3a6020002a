import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import { basicPair, type HttpRequest, type HttpResponse, type Send } from '../http/message.ts';
import { loginMissing, loginRefused, loginUnfit } from './auth-error.ts';
import type { Authorizer, Permit } from './authorizer.ts';
import type { Authorization } from './login.ts';
import type { AccessRequest } from './scope.ts';

/** A request to a registry at a known origin. */
export interface ScopedRequest extends HttpRequest, AccessRequest {}

/** The challenges that a request answers at most: for a first login, a new token, a wider scope. */
const maxChallenges = 3;

/** Sends requests with the authorization that their origin asks for, and with the configured headers. */
export function authorized(
  send: Send,
  authorizer: Authorizer,
  credentials: Pick<Credentials, 'headers'>,
): Send<ScopedRequest> {
  const sender = new AuthorizedSender(send, authorizer, credentials);
  return (request) => authorizer.enter(request, (permit) => sender.send(request, permit));
}

/**
 * Sends requests with the user name and password of their registry, without waiting for a challenge: for APIs that do
 * not accept a registry's tokens and send no challenge. Throws AuthError UNAUTHORIZED when there is no password, or
 * when the registry rejects it.
 */
export function passwordAuthorized(send: Send, credentials: Credentials): Send<ScopedRequest> {
  return async (request) => {
    const { registry, scope, origin } = request;
    const credential = await credentials.find(registry, scope.repository, scope.actions);
    const { username, password, source } = passwordOf(credential, request);
    const authorization = `Basic ${basicPair(username, password)}`;
    const headers = await credentials.headers(registry);
    // `located` has checked that the URL is on this origin.
    const response = await send({ ...request, originHeaders: { ...headers, authorization } });
    if (response.status === 401 && response.url.origin === origin.origin) {
      throw loginRefused(request, credential, registry);
    }
    return withLogin(response, { value: authorization, source });
  };
}

/** The user name and password of a credential; throws AuthError UNAUTHORIZED when it has none. */
export function passwordOf(
  credential: Credential,
  request: Pick<AccessRequest, 'registry' | 'scope'>,
): Extract<Credential, { kind: 'basic' }> {
  if (credential.kind === 'basic') return credential;
  throw credential.kind === 'anonymous' ? loginMissing(request, credential) : loginUnfit(request, credential);
}

/** A request's answer, and the authorization that the request was sent with. */
interface Sent {
  readonly response: HttpResponse;
  readonly authorization: Authorization | undefined;
}

class AuthorizedSender {
  readonly #send: Send;
  readonly #authorizer: Authorizer;
  readonly #credentials: Pick<Credentials, 'headers'>;

  constructor(send: Send, authorizer: Authorizer, credentials: Pick<Credentials, 'headers'>) {
    this.#send = send;
    this.#authorizer = authorizer;
    this.#credentials = credentials;
  }

  /** Sends a request, and answers its challenges. */
  async send(request: ScopedRequest, permit: Permit): Promise<HttpResponse> {
    let sent = await this.#first(request, permit);
    for (let count = 0; count < maxChallenges && isChallenge(sent.response, request.origin); count += 1) {
      sent = await this.#attempt(request, await this.#answer(request, sent));
    }
    return withLogin(sent.response, sent.authorization);
  }

  // A read is also sent without authorization: its challenge shows whether the token comes from the right server, and a
  // registry that requires no token responds at once.
  async #first(request: ScopedRequest, { authorization, pending }: Permit): Promise<Sent> {
    if (pending === undefined) return this.#attempt(request, authorization);
    if (!isShortRead(request)) return this.#attempt(request, await pending);
    const bare = this.#attempt(request, undefined);
    const done = bare.then(
      () => undefined,
      () => undefined,
    );
    const arrived = await Promise.race([pending, done]);
    if (arrived === undefined) return bare;
    void bare.then((sent) => this.#learn(request, sent)).catch(() => undefined);
    return this.#attempt(request, arrived);
  }

  async #learn(request: ScopedRequest, sent: Sent): Promise<void> {
    if (isChallenge(sent.response, request.origin)) await this.#answer(request, sent);
  }

  async #attempt(request: ScopedRequest, authorization: Authorization | undefined): Promise<Sent> {
    const configured = await this.#credentials.headers(request.registry);
    const headed = withHeaders(request, configured, authorization);
    const once = (): Promise<HttpResponse> => this.#send(headed);
    const response = await (authorization?.gate?.enter(once, ({ status }) => status === 401) ?? once());
    return { response, authorization };
  }

  #answer({ origin, registry, scope }: ScopedRequest, sent: Sent): Promise<Authorization> {
    const rejected = sent.authorization?.value;
    return this.#authorizer.challenged({ origin, registry, scope, rejected }, challengesOf(sent.response));
  }
}

function isShortRead({ method, answer }: ScopedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && answer === undefined;
}

// Credentials must not leave their origin, and a URL that a registry names may lead anywhere.
function withHeaders(
  request: ScopedRequest,
  configured: Readonly<Record<string, string>>,
  authorization: Authorization | undefined,
): HttpRequest {
  if (request.url.origin !== request.origin.origin) return { ...request, originHeaders: undefined };
  const originHeaders =
    authorization === undefined ? configured : { ...configured, authorization: authorization.value };
  return { ...request, originHeaders };
}

// A storage host behind a redirect may also answer 401; that challenge is not the registry's. IBM's registry answers 403
// when a token has too narrow a scope: https://github.com/devcontainers/cli/pull/945
function isChallenge(response: HttpResponse, origin: URL): boolean {
  if (response.url.origin !== origin.origin) return false;
  if (response.status === 401) return true;
  return (
    response.status === 403 && challengesOf(response).some((value) => value.includes('insufficient_scope'))
  );
}

function challengesOf({ headers }: HttpResponse): readonly string[] {
  return headers.get('www-authenticate') ?? [];
}

function withLogin(response: HttpResponse, authorization: Authorization | undefined): HttpResponse {
  if (response.status < 400 || authorization?.source === undefined) return response;
  const { value, source, owner } = authorization;
  return { ...response, login: { source, authorization: value, owner } };
}
