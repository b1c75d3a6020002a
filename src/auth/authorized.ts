import type { Credentials } from '../credentials/keychain.ts';
import type { HttpRequest, HttpResponse, Send } from '../http/message.ts';
import type { Authorizer, Turn } from './authorizer.ts';
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
  const exchange = async (request: ScopedRequest, { authorization: first, end }: Turn) => {
    const { origin, registry, scope } = request;
    let authorization = first;
    for (let rounds = 0; ; rounds += 1) {
      const headed = withHeaders(request, await credentials.headers(registry), authorization);
      const attempt = (): Promise<HttpResponse> => send(headed);
      const response = await (authorization?.trial?.run(attempt, ({ status }) => status === 401) ??
        attempt());
      if (rounds === maxChallenges || !isChallenge(response, origin)) {
        return withLogin(response, authorization);
      }
      const challenges = response.headers.get('www-authenticate') ?? [];
      const rejected = authorization?.value;
      authorization = await authorizer.challenged({ origin, registry, scope, challenges, rejected });
      end();
    }
  };
  return async (request) => {
    const authorization = authorizer.authorization(request.origin, request.scope);
    if (authorization !== undefined) return exchange(request, { authorization, end: () => undefined });
    const turn = await authorizer.turn(request);
    try {
      return await exchange(request, turn);
    } catch (error) {
      turn.end(error);
      throw error;
    } finally {
      turn.end();
    }
  };
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
