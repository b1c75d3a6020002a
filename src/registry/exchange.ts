import type { Authorizer } from '../auth/authorizer.ts';
import type { Scope } from '../auth/scope.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { HostLimiters } from '../http/host-limiter.ts';
import type { HttpRequest, HttpResponse, Send } from '../http/message.ts';
import { type RetryPolicy, withRetries } from '../http/retry.ts';
import type { Repository } from '../oci/reference.ts';
import { atEndpoint, type Endpoints } from './endpoint.ts';

/** One request of the distribution API, before it is known at which origin the registry is reached. */
export interface Call extends Omit<HttpRequest, 'url' | 'headers' | 'bound'> {
  readonly repository: Repository;
  /** Path and query, or an absolute URL on the registry's origin. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the call does, for tokens. */
  readonly actions: Scope['actions'];
  /** See Persistence. */
  readonly alreadyApplied?: () => Promise<HttpResponse | undefined>;
  /** `one`: for calls whose repetition takes more than the same request, such as a blob's upload. */
  readonly tries?: 'one';
}

/** What calls are made with. */
export interface ExchangeParts {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  /** Follows redirects; sends at the host's pace. */
  readonly send: Send;
  readonly policy: RetryPolicy;
  readonly paces: HostLimiters;
}

/** Most times a call is sent again because of a challenge: a first login, a refresh, a wider scope. */
const maxChallenges = 3;

/** Makes calls: finds the registry, answers its challenges, and tries again what failed in passing. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #proofs = new Map<string, Promise<HttpResponse>>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Declares what the run will do in a repository, so that one token serves all of it. */
  declareAccess(repository: Repository, actions: Scope['actions']): void {
    this.#parts.authorizer.declareAccess(repository.registry, { repository: repository.path, actions });
  }

  /** The answer to a call, whatever its status; throws NetworkError or AuthError when there is none. */
  call(call: Call): Promise<HttpResponse> {
    const { endpoints, policy, paces } = this.#parts;
    const attempt = (): Promise<HttpResponse> =>
      atEndpoint(endpoints, call.repository.registry, (origin) => this.#authorized(call, origin));
    const tries = call.tries === 'one' ? { ...policy, attempts: 1 } : policy;
    return withRetries(tries, paces, { attempt, method: call.method, alreadyApplied: call.alreadyApplied });
  }

  async #authorized(call: Call, origin: URL): Promise<HttpResponse> {
    const { authorizer } = this.#parts;
    const { registry, path } = call.repository;
    const scope: Scope = { repository: path, actions: call.actions };
    let authorization = authorizer.authorization(origin, scope);
    let response = await this.#send(call, origin, authorization);
    for (let round = 1; round <= maxChallenges && isChallenge(response, origin); round += 1) {
      const challenges = response.headers.get('www-authenticate') ?? [];
      authorization = await authorizer.challenged({
        origin,
        registry,
        scope,
        challenges,
        rejected: authorization,
      });
      response = await this.#sendProven(call, origin, authorization);
    }
    if (response.status < 400 || authorization === undefined) return response;
    const source = authorizer.source(origin, scope);
    return source === undefined ? response : { ...response, login: { source, authorization } };
  }

  // One request tries a password out before others show it: many wrong ones at once may lock an account.
  async #sendProven(call: Call, origin: URL, authorization: string): Promise<HttpResponse> {
    if (!authorization.startsWith('Basic ')) return this.#send(call, origin, authorization);
    const key = `${origin.origin} ${authorization}`;
    const earlier = this.#proofs.get(key);
    if (earlier === undefined) {
      const proof = this.#send(call, origin, authorization);
      this.#proofs.set(key, proof);
      return proof;
    }
    const proof = await earlier.catch(() => undefined);
    return proof?.status === 401 ? proof : this.#send(call, origin, authorization);
  }

  async #send(call: Call, origin: URL, authorization: string | undefined): Promise<HttpResponse> {
    const {
      repository,
      target,
      actions: _,
      alreadyApplied: _settled,
      tries: _tries,
      headers = {},
      ...rest
    } = call;
    const configured = await this.#parts.credentials.headers(repository.registry);
    const url = new URL(target, origin);
    const own = authorization === undefined ? configured : { ...configured, authorization };
    // A target is the registry's word; what belongs to its origin goes nowhere else, whatever that says.
    const bound = url.origin === origin.origin ? own : undefined;
    return this.#parts.send({ ...rest, url, headers, originHeaders: bound, registryHost: origin.host });
  }
}

// A storage host behind a redirect may answer 401 too; its challenge is none of the registry's.
function isChallenge(response: HttpResponse, origin: URL): boolean {
  if (response.url.origin !== origin.origin) return false;
  if (response.status === 401) return true;
  const challenges = response.headers.get('www-authenticate') ?? [];
  return response.status === 403 && challenges.some((value) => value.includes('insufficient_scope'));
}
