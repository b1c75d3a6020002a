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

/** A request's answer, and the authorization that the request was sent with. */
interface Sent {
  readonly response: HttpResponse;
  readonly authorization: Authorization | undefined;
}

/** Sends requests with the authorization that their origin asks for, and with the configured headers. */
export function authorized(
  send: Send,
  authorizer: Authorizer,
  credentials: Pick<Credentials, 'headers'>,
): Send<ScopedRequest> {
  const attempt = async (request: ScopedRequest, authorization?: Authorization): Promise<Sent> => {
    const headed = withHeaders(request, await credentials.headers(request.registry), authorization);
    const once = (): Promise<HttpResponse> => send(headed);
    const response = await (authorization?.gate?.enter(once, ({ status }) => status === 401) ?? once());
    return { response, authorization };
  };
  const answer = ({ origin, registry, scope }: ScopedRequest, sent: Sent): Promise<Authorization> => {
    const rejected = sent.authorization?.value;
    return authorizer.challenged({ origin, registry, scope, rejected }, challengesOf(sent.response));
  };
  const learn = async (request: ScopedRequest, sent: Sent): Promise<void> => {
    if (isChallenge(sent.response, request.origin)) await answer(request, sent);
  };
  // A read is also sent without authorization: its challenge shows whether the token comes from the right server, and a
  // registry that requires no token responds at once.
  const first = async (request: ScopedRequest, { authorization, pending }: Permit): Promise<Sent> => {
    if (pending === undefined) return attempt(request, authorization);
    const isShortRead = ['GET', 'HEAD'].includes(request.method) && request.answer === undefined;
    if (!isShortRead) return attempt(request, await pending);
    const bare = attempt(request);
    const done = bare.then(ignore, ignore);
    const arrived = await Promise.race([pending, done]);
    if (arrived === undefined) return bare;
    void bare.then((sent) => learn(request, sent)).catch(ignore);
    return attempt(request, arrived);
  };
  const sendWith = async (request: ScopedRequest, permit: Permit): Promise<HttpResponse> => {
    let sent = await first(request, permit);
    for (let count = 0; count < maxChallenges && isChallenge(sent.response, request.origin); count += 1) {
      sent = await attempt(request, await answer(request, sent));
    }
    return withLogin(sent.response, sent.authorization);
  };
  return (request) => authorizer.enter(request, (permit) => sendWith(request, permit));
}

const ignore = (): undefined => undefined;

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
