import type { Credential } from './credential.ts';
import type { Observer } from './observer.ts';
import type { RegistryLogin } from './registry-auth.ts';
import type { Action } from './scope.ts';

/** Finds what to show a registry; reads and spawns nothing before it is asked. */
export interface Credentials {
  /**
   * The credential for a registry, named as in references (`docker.io`, `ghcr.io`, `localhost:5000`).
   * Logins bound to a repository are looked at when `repository` is given, those bound to actions
   * when they are among `actions` (default: pull and push).
   * The same login is the same object each time.
   * Throws AuthError (CREDENTIAL_HELPER) or ActionError (DOCKER_CONFIG).
   */
  find(registry: string, repository?: string, actions?: readonly Action[]): Promise<Credential>;
  /**
   * The `HttpHeaders` of config.json, lower-case names; for the registry's own origin only.
   * Throws ActionError (DOCKER_CONFIG).
   */
  headers(registry: string): Promise<Readonly<Record<string, string>>>;
}

export interface CredentialsOptions {
  /** The `registry-auth` input. */
  readonly registryAuth: readonly RegistryLogin[];
  /** DOCKER_AUTH_CONFIG, DOCKER_CONFIG, BUILDX_CONFIG, GITHUB_ACTOR and PATH are read from it, when needed. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Used for ghcr.io when nothing else is configured for it. */
  readonly githubToken?: string | undefined;
  readonly observer: Observer;
  /** A file's text; undefined when there is no such file. */
  readonly readText?: ((path: string) => Promise<string | undefined>) | undefined;
}

/** The credentials of a run, in docker's order with this action's own inputs before it. */
export declare function createCredentials(options: CredentialsOptions): Credentials;
