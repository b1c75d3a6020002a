import type { Credentials } from './credentials.ts';
import type { Send } from './http.ts';
import type { Observer } from './observer.ts';
import type { Scope } from './scope.ts';

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
  /** Declares access this run will need at an origin, so that one token serves all of it. */
  expect(origin: URL, registry: string, scope: Scope): void;
  /** The Authorization value known to reach the scope at this origin now, or undefined. */
  authorization(origin: URL, scope: Scope): string | undefined;
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

/** The authorizer of a run. */
export declare function createAuthorizer(options: AuthorizerOptions): Authorizer;
