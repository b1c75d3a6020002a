import type { Credentials } from '../credentials/keychain.ts';
import type { HttpRequest, HttpResponse, Send } from '../http/message.ts';
import { isTemporary } from '../http/rate-limit.ts';
import type { Authorizer, ChallengedRequest, Turn } from './authorizer.ts';
import type { Authorization } from './origin-login.ts';
import type { Scope } from './scope.ts';

/** A request to a registry at a known origin. */
export interface ScopedRequest extends HttpRequest {
  /** Where the registry is reached: `https://registry-1.docker.io`. */
  readonly origin: URL;
  /** The registry's name in references: `docker.io`. */
  readonly registry: string;
  readonly scope: Scope;
}

/** The challenges that a request answers at most: for a first login, a new token, a wider scope. */
const maxChallenges = 3;

/** Sends requests with the authorization that their origin asks for, and with the configured headers. */
export function authorized(
  send: Send,
  authorizer: Authorizer,
  credentials: Pick<Credentials, 'headers'>,
): Send<ScopedRequest> {
  const sender = new AuthorizedSender(send, authorizer, credentials);
  return (request) => sender.send(request);
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

  async send(request: ScopedRequest): Promise<HttpResponse> {
    const authorization = this.#authorizer.authorization(request.origin, request.scope);
    if (authorization !== undefined) return this.#answered(request, this.#attempt(request, authorization));
    const turn = await this.#authorizer.turn(request);
    try {
      const response = await this.#answered(request, this.#first(request, turn), turn.end);
      if (isTemporary(response)) turn.pass();
      return response;
    } catch (error) {
      turn.end(error);
      throw error;
    } finally {
      turn.end();
    }
  }

  async #attempt(request: ScopedRequest, authorization: Authorization | undefined): Promise<Sent> {
    const configured = await this.#credentials.headers(request.registry);
    const headed = withHeaders(request, configured, authorization);
    const once = (): Promise<HttpResponse> => this.#send(headed);
    const response = await (authorization?.trial?.run(once, ({ status }) => status === 401) ?? once());
    return { response, authorization };
  }

  /** Answers the challenges of a request; calls `onAuthorization` when the authorization for one is available. */
  async #answered(
    request: ScopedRequest,
    sent: Promise<Sent>,
    onAuthorization: () => void = () => undefined,
  ): Promise<HttpResponse> {
    let { response, authorization } = await sent;
    for (let rounds = 0; rounds < maxChallenges && isChallenge(response, request.origin); rounds += 1) {
      authorization = await this.#authorizer.challenged(challengeOf(request, response, authorization));
      onAuthorization();
      ({ response } = await this.#attempt(request, authorization));
    }
    return withLogin(response, authorization);
  }

  // A read is also sent without authorization: its challenge shows whether the token comes from the right server, and a
  // registry that requires no token responds at once.
  async #first(request: ScopedRequest, { authorization, coming }: Turn): Promise<Sent> {
    if (coming === undefined) return this.#attempt(request, authorization);
    if (!isShortRead(request)) return this.#attempt(request, await coming);
    const bare = this.#attempt(request, undefined);
    const done = bare.then(
      () => undefined,
      () => undefined,
    );
    const arrived = await Promise.race([coming, done]);
    if (arrived === undefined) return bare;
    void bare.then(({ response }) => this.#learn(request, response)).catch(() => undefined);
    return this.#attempt(request, arrived);
  }

  async #learn(request: ScopedRequest, response: HttpResponse): Promise<void> {
    if (isChallenge(response, request.origin))
      await this.#authorizer.challenged(challengeOf(request, response, undefined));
  }
}

/** A request's answer, and the authorization that the request was sent with. */
interface Sent {
  readonly response: HttpResponse;
  readonly authorization: Authorization | undefined;
}

function isShortRead({ method, answer }: ScopedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && answer === undefined;
}

function challengeOf(
  { origin, registry, scope }: ScopedRequest,
  response: HttpResponse,
  authorization: Authorization | undefined,
): ChallengedRequest {
  const challenges = response.headers.get('www-authenticate') ?? [];
  return { origin, registry, scope, challenges, rejected: authorization?.value };
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

// A storage host behind a redirect may also answer 401; that challenge is not the registry's.
function isChallenge(response: HttpResponse, origin: URL): boolean {
  if (response.url.origin !== origin.origin) return false;
  if (response.status === 401) return true;
  const challenges = response.headers.get('www-authenticate') ?? [];
  return response.status === 403 && challenges.some((value) => value.includes('insufficient_scope'));
}

function withLogin(response: HttpResponse, authorization: Authorization | undefined): HttpResponse {
  if (response.status < 400 || authorization?.source === undefined) return response;
  return { ...response, login: { source: authorization.source, authorization: authorization.value } };
}
