import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { HttpResponse } from '../http/message.ts';
import { AuthError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { challengeUnusable } from './auth-error.ts';
import { parseChallenges } from './challenge.ts';
import { type AuthRequest, LoginState, type Trial } from './login-state.ts';
import { type Scope, unionScopes } from './scope.ts';
import { TokenCache } from './token-cache.ts';
import { type Grant, grantOf } from './token-grant.ts';
import type { TokenServices } from './token-request.ts';

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

/** The authorization to send a request with. */
export interface Authorization {
  /** The Authorization value. */
  readonly value: string;
  /** Where the login came from, for messages; undefined without a login. */
  readonly source: string | undefined;
  /** For a password that the registry has just asked for: to be sent through this. */
  readonly trial?: Trial<HttpResponse> | undefined;
}

/** Knows the authorization for each origin, and obtains it when a registry asks. */
export interface Authorizer {
  /** Declares access that this run will need at a registry, so that one token serves all of it. */
  declareAccess(registry: string, scope: Scope): void;
  /** The authorization known for the scope at this origin now, or undefined. */
  authorization(origin: URL, scope: Scope): Authorization | undefined;
  /** Whether what is held for the scope at this registry allows it, as far as that can be known. */
  grants(registry: string, scope: Scope): Grant;
  /**
   * Obtains authorization after a 401, or a 403 with `insufficient_scope`; its value differs from the rejected one.
   * Simultaneous calls for the same access share one token request.
   * Throws AuthError when there is none, NetworkError when the token server cannot be reached.
   */
  challenged(request: ChallengedRequest): Promise<Authorization>;
}

export interface AuthorizerOptions extends TokenServices {
  readonly credentials: Pick<Credentials, 'find'>;
  /** `read-without`: what a refused login cannot read is read without a login; for a dry run. `fail` by default. */
  readonly refusedLogins?: 'fail' | 'read-without' | undefined;
  /** Registries (by name) whose token server may have any private address; none by default. */
  readonly allowPrivateRealm?: ((registry: string) => boolean) | undefined;
}

/** The authorizer of a run; credentials are bound to the exact origin that asked for them. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  return new OriginAuthorizer(options);
}

const noLogin: Credential = { kind: 'anonymous', source: 'no login' };

/** The logins of one origin. */
interface Site {
  /** By credential: several only where logins are bound to repositories. */
  readonly logins: Map<Credential, OriginLogin>;
  readonly byRepository: Map<string, OriginLogin>;
}

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

  async challenged(request: ChallengedRequest): Promise<Authorization> {
    this.declareAccess(request.registry, request.scope);
    const site = this.#site(request.origin);
    // Read again each time: requests that come in the meantime add to it.
    const expected = (): readonly Scope[] => this.#expected.get(request.registry) ?? [];
    // A broken login for another repository is reported by that repository's requests.
    await Promise.allSettled(expected().map((scope) => this.#assign(site, request, scope)));
    const { repository } = request.scope;
    const declared = expected().find((scope) => scope.repository === repository) ?? request.scope;
    const login = await this.#assign(site, request, declared);
    const wanted: AuthRequest = {
      scope: request.scope,
      expected: expected().filter((scope) => site.byRepository.get(scope.repository) === login),
      challenges: parseChallenges(request.challenges),
      rejected: request.rejected,
    };
    try {
      return await login.obtain(wanted);
    } catch (error) {
      if (!this.#mayReadWithout(error, request.scope)) throw error;
      // Where strangers may not read either, the refused login is the reason.
      const anonymous = this.#anonymous(site, request);
      return await anonymous.obtain({ ...wanted, expected: [] }).catch(() => Promise.reject(error));
    }
  }

  #mayReadWithout(error: unknown, { actions }: Scope): boolean {
    if (this.#options.refusedLogins !== 'read-without') return false;
    return error instanceof AuthError && actions.every((action) => action === 'pull');
  }

  #anonymous(site: Site, request: ChallengedRequest): OriginLogin {
    const login = site.logins.get(noLogin) ?? this.#login(request, noLogin);
    site.logins.set(noLogin, login);
    return login;
  }

  /** Finds the login for a repository at this origin. */
  async #assign(site: Site, request: ChallengedRequest, scope: Scope): Promise<OriginLogin> {
    const { credentials } = this.#options;
    const credential = await credentials.find(request.registry, scope.repository, scope.actions);
    const login = site.logins.get(credential) ?? this.#login(request, credential);
    site.logins.set(credential, login);
    site.byRepository.set(scope.repository, login);
    return login;
  }

  #login({ origin, registry }: ChallengedRequest, credential: Credential): OriginLogin {
    const allowPrivate = this.#options.allowPrivateRealm?.(registry) ?? false;
    return new OriginLogin(new LoginState(credential, { registry, origin, allowPrivate }), this.#options);
  }

  #site(origin: URL): Site {
    const site = this.#sites.get(origin.origin) ?? { logins: new Map(), byRepository: new Map() };
    this.#sites.set(origin.origin, site);
    return site;
  }
}

/** One login at one origin, used as the registry asks for it: as it is, or for tokens. */
class OriginLogin {
  readonly #state: LoginState;
  readonly #tokens: TokenCache;
  readonly #observer: Observer;

  constructor(state: LoginState, options: AuthorizerOptions) {
    this.#state = state;
    this.#tokens = new TokenCache(state, options);
    this.#observer = options.observer;
  }

  get registry(): string {
    return this.#state.owner.registry;
  }

  authorization(scope: Scope): Authorization | undefined {
    const value = this.#state.fixed ?? this.#tokens.find(scope);
    return value === undefined ? undefined : { value, source: this.#source };
  }

  async obtain(request: AuthRequest): Promise<Authorization> {
    const value = await this.#value(request);
    const trial = value.startsWith('Basic ') ? this.#state.registryTrial : undefined;
    return { value, source: this.#source, trial };
  }

  async #value(request: AuthRequest): Promise<string> {
    const { challenges } = request;
    const { credential } = this.#state;
    this.#state.throwIfRefused();
    if (credential.kind === 'registry-token' && challenges.length > 0) {
      return this.#state.use(`Bearer ${credential.token}`, request);
    }
    const bearer = challenges.find((each) => each.scheme === 'bearer' && each.parameters.has('realm'));
    if (bearer !== undefined) {
      this.#state.useTokens();
      return this.#tokens.obtain(request, bearer);
    }
    const schemes = challenges.map((each) => each.scheme);
    if (!schemes.includes('basic')) throw challengeUnusable(this.#state.attempt(request), schemes);
    return this.#state.use(this.#state.basic(request, this.#observer), request);
  }

  get #source(): string | undefined {
    const { credential } = this.#state;
    return credential.kind === 'anonymous' ? undefined : credential.source;
  }
}
