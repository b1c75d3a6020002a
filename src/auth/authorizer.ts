import { setImmediate } from 'node:timers/promises';
import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { HttpRequest } from '../http/message.ts';
import { ActionError, AuthError } from '../run/errors.ts';
import { parseChallenges } from './challenge.ts';
import { type AuthRequest, LoginState } from './login-state.ts';
import { type Authorization, OriginLogin } from './origin-login.ts';
import { type Scope, unionScopes } from './scope.ts';
import { type Question, Site } from './site.ts';
import { type Grant, grantOf } from './token-grant.ts';
import { isTokenServerFailure, type TokenServices } from './token-request.ts';

/** A request that a registry answered with challenges. */
export interface ChallengedRequest {
  /** Where the registry is reached: `https://registry-1.docker.io`. */
  readonly origin: URL;
  /** The registry's name in references: `docker.io`. */
  readonly registry: string;
  readonly scope: Scope;
  /** Every WWW-Authenticate value of the answer. */
  readonly challenges: readonly string[];
  /** The Authorization value that was sent; undefined when there was none. */
  readonly rejected: string | undefined;
}

/** A request to a registry, before it is sent. */
type RequestedAccess = Pick<ChallengedRequest, 'origin' | 'registry' | 'scope'> &
  Pick<HttpRequest, 'priority'>;

/** The permission to send a request. */
export interface Turn extends Question {
  /** The authorization to send with it, if it is known. */
  readonly authorization: Authorization | undefined;
  /** The authorization that is being obtained for a known registry; resolves to undefined if that fails. */
  readonly coming?: Promise<Authorization | undefined>;
}

/** Knows the authorization for each origin, and obtains it when a registry asks. */
export interface Authorizer {
  /** Declares access that this run will need at a registry, so that one token serves all of it. */
  declareAccess(registry: string, scope: Scope): void;
  /** The authorization known for the scope at this origin now, or undefined. */
  authorization(origin: URL, scope: Scope): Authorization | undefined;
  /**
   * Waits until a request without a known authorization should be sent. The first request to an origin is sent at once,
   * and finds out what the origin requires. If there may be a login for the origin, the others wait and use the
   * resulting token or password: otherwise each of them would be refused first. The token of a known registry is
   * requested in parallel with the first request. Throws the error of the first request if it came from a token server.
   */
  turn(request: RequestedAccess): Promise<Turn>;
  /** Whether the authorization for the scope at this registry allows it, if that can be known. */
  grants(registry: string, scope: Scope): Grant;
  /**
   * Obtains authorization after a 401, or a 403 with `insufficient_scope`; its value differs from the rejected one.
   * Simultaneous calls for the same access share one token request.
   * Throws AuthError when there is none, NetworkError when the token server cannot be reached.
   */
  challenged(request: ChallengedRequest): Promise<Authorization>;
}

export interface AuthorizerOptions extends TokenServices {
  readonly credentials: Pick<Credentials, 'find' | 'mayFind'>;
  /** `read-without`: what a refused login cannot read is read without a login; for a dry run. `fail` by default. */
  readonly refusedLogins?: 'fail' | 'read-without' | undefined;
  /** Registries (by name) whose token server may have any private address; none by default. */
  readonly allowPrivateRealm?: ((registry: string) => boolean) | undefined;
}

/** The authorizer of a run; credentials are bound to the exact origin that asked for them. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  return new OriginAuthorizer(options);
}

const noQuestion: Question = { end: () => undefined, pass: () => undefined };

const noLogin: Credential = { kind: 'anonymous', source: 'no login' };

/** A request for authorization, with its challenges parsed. */
type ParsedRequest = RequestedAccess & Pick<AuthRequest, 'challenges' | 'rejected'>;

class OriginAuthorizer implements Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #sites = new Map<string, Site>();
  /** By registry, because the origin that it is reached at may still change. */
  readonly #expected = new Map<string, readonly Scope[]>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  declareAccess(registry: string, scope: Scope): void {
    this.#expected.set(registry, unionScopes(this.#expected.get(registry) ?? [], [scope]));
  }

  authorization(origin: URL, scope: Scope): Authorization | undefined {
    return this.#sites.get(origin.origin)?.byRepository.get(scope.repository)?.authorization(scope);
  }

  grants(registry: string, scope: Scope): Grant {
    const logins = [...this.#sites.values()].flatMap((site) => site.byRepository.get(scope.repository) ?? []);
    const value = logins.find((login) => login.registry === registry)?.authorization(scope)?.value;
    return value === undefined ? 'unknown' : grantOf(value, scope);
  }

  async turn(request: RequestedAccess): Promise<Turn> {
    const { origin, registry, scope } = request;
    const site = this.#site(origin);
    this.declareAccess(registry, scope);
    // Requests for sources go first, because more work depends on them.
    if (request.priority === 'background') await setImmediate();
    const mayWait = site.isNew || site.challenge !== undefined || (await this.#mayLogIn(request));
    // The first request may end without having found out; then the next one asks.
    while (mayWait && site.isAsking) await site.asked();
    if (site.isNew) return this.#first(site, request);
    const known = this.authorization(origin, scope);
    return { authorization: known ?? (await this.#anticipated(site, request)), ...noQuestion };
  }

  async #first(site: Site, request: RequestedAccess): Promise<Turn> {
    const question = site.ask();
    if (site.challenge === undefined) return { authorization: undefined, ...question };
    await this.#assignAll(site, request);
    const coming = this.#anticipated(site, request).then((authorization) => {
      if (authorization !== undefined) question.end();
      return authorization;
    });
    // A password can be sent with the request itself.
    if (site.challenge.scheme === 'basic') return { authorization: await coming, ...question };
    coming.catch(() => undefined);
    // A new HTTP/2 connection accepts one request until the server's settings arrive: send the token request first.
    await setImmediate();
    return { authorization: undefined, coming, ...question };
  }

  // A registry without a login is rarely one that requires tokens: its requests do not wait for each other.
  #mayLogIn({ registry, scope }: RequestedAccess): Promise<boolean> {
    return this.#options.credentials.mayFind(registry, scope.repository);
  }

  /** The authorization that results from a request's challenge; undefined when only the registry can tell. */
  async #anticipated(site: Site, request: RequestedAccess): Promise<Authorization | undefined> {
    const { challenge, isPresumed } = site;
    if (challenge === undefined) return undefined;
    try {
      return await this.#obtain(site, { ...request, challenges: [challenge], rejected: undefined });
    } catch (error) {
      // Content that a login may not read may be public, and another token server may be the right one.
      const isFinal = isTokenServerFailure(error) && !isPresumed;
      if (error instanceof ActionError && !isFinal) return undefined;
      throw error;
    }
  }

  async challenged(request: ChallengedRequest): Promise<Authorization> {
    this.declareAccess(request.registry, request.scope);
    const challenges = parseChallenges(request.challenges);
    const site = this.#site(request.origin);
    site.learn(challenges);
    const answer = { ...request, challenges };
    try {
      return await this.#obtain(site, answer);
    } catch (error) {
      if (!this.#mayReadWithout(error, request.scope)) throw error;
      // Where strangers may not read either, the refused login is the reason.
      const anonymous = this.#anonymous(site, request);
      const wanted: AuthRequest = { ...answer, expected: [] };
      return await anonymous.obtain(wanted).catch(() => Promise.reject(error));
    }
  }

  async #obtain(site: Site, request: ParsedRequest): Promise<Authorization> {
    const { registry, scope, challenges, rejected } = request;
    // Read again each time: requests that come in the meantime add to it.
    const expected = (): readonly Scope[] => this.#expected.get(registry) ?? [];
    await this.#assignAll(site, request);
    const declared = expected().find(({ repository }) => repository === scope.repository) ?? scope;
    const login = await this.#assign(site, request, declared);
    return login.obtain({
      ...{ scope, challenges, rejected },
      expected: expected().filter(({ repository }) => site.byRepository.get(repository) === login),
    });
  }

  #mayReadWithout(error: unknown, { actions }: Scope): boolean {
    if (this.#options.refusedLogins !== 'read-without') return false;
    return error instanceof AuthError && actions.every((action) => action === 'pull');
  }

  #anonymous(site: Site, request: RequestedAccess): OriginLogin {
    const login = site.logins.get(noLogin) ?? this.#login(request, noLogin);
    site.logins.set(noLogin, login);
    return login;
  }

  // A broken login for another repository is reported by that repository's requests.
  async #assignAll(site: Site, request: RequestedAccess): Promise<void> {
    const expected = this.#expected.get(request.registry) ?? [];
    await Promise.allSettled(expected.map((scope) => this.#assign(site, request, scope)));
  }

  /** Finds the login for a repository at this origin. */
  async #assign(site: Site, request: RequestedAccess, scope: Scope): Promise<OriginLogin> {
    const { credentials } = this.#options;
    const credential = await credentials.find(request.registry, scope.repository, scope.actions);
    const login = site.logins.get(credential) ?? this.#login(request, credential);
    site.logins.set(credential, login);
    site.byRepository.set(scope.repository, login);
    return login;
  }

  #login({ origin, registry }: RequestedAccess, credential: Credential): OriginLogin {
    const allowPrivate = this.#options.allowPrivateRealm?.(registry) ?? false;
    return new OriginLogin(new LoginState(credential, { registry, origin, allowPrivate }), this.#options);
  }

  #site(origin: URL): Site {
    const site = this.#sites.get(origin.origin) ?? new Site(origin);
    this.#sites.set(origin.origin, site);
    return site;
  }
}
