import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { Send } from '../http/message.ts';
import type { Observer } from '../run/observer.ts';
import { parseChallenges } from './challenge.ts';
import { type Scope, unionScopes } from './scope.ts';
import { Authority } from './token-cache.ts';

/** A request that a registry refused for want of authority. */
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

/** Knows what to show each origin, and obtains it when a registry asks. */
export interface Authorizer {
  /** Declares access this run will need at a registry, so that one token serves all of it. */
  declareAccess(registry: string, scope: Scope): void;
  /** The Authorization value known to reach the scope at this origin now, or undefined. */
  authorization(origin: URL, scope: Scope): string | undefined;
  /** Where the login that stands for the scope at this origin came from, for messages. */
  source(origin: URL, scope: Scope): string | undefined;
  /**
   * Obtains authority after a 401, or a 403 with `insufficient_scope`: an Authorization value
   * that differs from the rejected one.
   * Calls for the same authority share one token request.
   * Throws AuthError when there is none to be had, NetworkError when the token server cannot be reached.
   */
  challenged(request: ChallengedRequest): Promise<string>;
}

export interface AuthorizerOptions {
  readonly credentials: Credentials;
  /** Sends to token servers: retries, but follows no redirects. */
  readonly send: Send;
  readonly observer: Observer;
  /** Registries (by name) whose token server may have any private address; none by default. */
  readonly allowPrivateRealm?: ((registry: string) => boolean) | undefined;
  /** Milliseconds; the system's clock by default. */
  readonly now?: (() => number) | undefined;
}

/** The authorizer of a run; credentials are bound to the exact origin that asked for them. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  return new OriginAuthorizer(options);
}

/** What is known of one origin. */
interface Site {
  /** One for each login: several only where logins are bound to repositories. */
  readonly authorities: Map<Credential, Authority>;
  readonly byRepository: Map<string, Authority>;
}

class OriginAuthorizer implements Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #sites = new Map<string, Site>();
  /** By registry: which origin that is reached at may still change. */
  readonly #expected = new Map<string, readonly Scope[]>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  declareAccess(registry: string, scope: Scope): void {
    this.#expected.set(registry, unionScopes(this.#expected.get(registry) ?? [], [scope]));
  }

  authorization(origin: URL, scope: Scope): string | undefined {
    return this.#sites.get(origin.origin)?.byRepository.get(scope.repository)?.header(scope);
  }

  source(origin: URL, scope: Scope): string | undefined {
    const credential = this.#sites.get(origin.origin)?.byRepository.get(scope.repository)?.credential;
    return credential?.kind === 'anonymous' ? undefined : credential?.source;
  }

  async challenged(request: ChallengedRequest): Promise<string> {
    this.declareAccess(request.registry, request.scope);
    const site = this.#site(request.origin);
    // Asked anew each time: requests that come meanwhile add to it.
    const expected = (): readonly Scope[] => this.#expected.get(request.registry) ?? [];
    // A broken login of another repository is for that repository's requests to report.
    await Promise.allSettled(expected().map((scope) => this.#assign(site, request, scope)));
    const { repository } = request.scope;
    const wanted = expected().find((scope) => scope.repository === repository) ?? request.scope;
    const authority = await this.#assign(site, request, wanted);
    return authority.obtain({
      scope: request.scope,
      expected: expected().filter((scope) => site.byRepository.get(scope.repository) === authority),
      challenges: parseChallenges(request.challenges),
      rejected: request.rejected,
    });
  }

  /** Finds the login for a repository, and what stands for it at this origin. */
  async #assign(site: Site, request: ChallengedRequest, scope: Scope): Promise<Authority> {
    const { credentials } = this.#options;
    const credential = await credentials.find(request.registry, scope.repository, scope.actions);
    const authority = site.authorities.get(credential) ?? this.#authority(request, credential);
    site.authorities.set(credential, authority);
    site.byRepository.set(scope.repository, authority);
    return authority;
  }

  #authority({ origin, registry }: ChallengedRequest, credential: Credential): Authority {
    const { send, observer, allowPrivateRealm, now = Date.now } = this.#options;
    const owner = { registry, origin, allowPrivate: allowPrivateRealm?.(registry) ?? false };
    return new Authority({ send, observer, now, owner, credential });
  }

  #site(origin: URL): Site {
    const site = this.#sites.get(origin.origin) ?? {
      authorities: new Map(),
      byRepository: new Map(),
    };
    this.#sites.set(origin.origin, site);
    return site;
  }
}
