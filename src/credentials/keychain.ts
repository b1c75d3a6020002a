import { basicPair } from '../http/authorization.ts';
import { type Clock, systemClock } from '../run/clock.ts';
import type { Observer } from '../run/observer.ts';
import type { Action } from './action.ts';
import type { Credential } from './credential.ts';
import { askCredentialHelper, type HelperLogin } from './credential-helper.ts';
import {
  type DockerConfig,
  dockerConfigPath,
  helperNames,
  parseDockerConfig,
  readTextFile,
  type StoredLogin,
  scopedLoginsDirectory,
  storedLogin,
  storedPair,
} from './docker-config.ts';
import {
  type LoginPurpose,
  listFiles,
  loginsFor,
  type RegistryLogin,
  type ScopedLogin,
  scopedLogins,
} from './login-scope.ts';
import { registryKey } from './registry-key.ts';

/** Finds the credentials for registries; reads and spawns nothing before the first call. */
export interface Credentials {
  /**
   * The credential for a registry, named as in references (`docker.io`, `ghcr.io`, `localhost:5000`).
   * Logins for a single repository are considered when `repository` is given, those for single actions
   * when they are among `actions` (default: pull and push).
   * The same login is the same object each time.
   * Throws AuthError (CREDENTIAL_HELPER) or ActionError (DOCKER_CONFIG).
   */
  find(registry: string, repository?: string, actions?: readonly Action[]): Promise<Credential>;
  /**
   * The `HttpHeaders` of config.json for a registry's own origin, lower-case names; none for registries that are only
   * sources, because those may be strangers'.
   * Throws ActionError (DOCKER_CONFIG).
   */
  headers(registry: string): Promise<Readonly<Record<string, string>>>;
}

export interface CredentialsOptions {
  /** The `registry-auth` input. */
  readonly registryAuth: readonly RegistryLogin[];
  /** Provides DOCKER_AUTH_CONFIG, DOCKER_CONFIG, BUILDX_CONFIG, GITHUB_ACTOR and PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** The registries that get the `HttpHeaders` of config.json: those of the tags. None by default. */
  readonly headerRegistries?: ReadonlySet<string> | undefined;
  /** Used for ghcr.io when nothing else is configured for it. */
  readonly githubToken?: string | undefined;
  readonly observer: Observer;
  /** A file's text; undefined when there is no such file. The file system by default. */
  readonly readText?: ((path: string) => Promise<string | undefined>) | undefined;
  /** The files in a directory and its subdirectories, as relative paths. The file system by default. */
  readonly listFiles?: ((directory: string) => Promise<readonly string[]>) | undefined;
  /** Asks `docker-credential-NAME` for a registry's login. Spawns it by default. */
  readonly askHelper?: ((name: string, registry: string) => Promise<HelperLogin | undefined>) | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * The credentials of a run, the first of: the `registry-auth` input, DOCKER_AUTH_CONFIG, docker buildx's
 * logins for single repositories, config.json (credHelpers, credsStore, auths), the GitHub token for
 * ghcr.io, none. buildx's logins come before config.json because they are more specific: each one is for a
 * repository or for actions. buildx prefers them too.
 */
export function createCredentials(options: CredentialsOptions): Credentials {
  return new OrderedCredentials(options);
}

/** Milliseconds that a helper's answer is used: the shortest cloud tokens expire after five minutes. */
const helperLifetime = 290_000;

/** Headers that this action sets itself, or that frame a request; docker ignores user-agent. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type'],
  ...['cookie', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'range', 'te', 'transfer-encoding'],
  ...['upgrade', 'user-agent'],
]);

class OrderedCredentials implements Credentials {
  readonly #options: CredentialsOptions;
  readonly #logins: readonly (RegistryLogin & { readonly credential: Credential })[];
  readonly #github: Credential | undefined;
  readonly #anonymous: Credential = { kind: 'anonymous', source: 'no login' };
  readonly #configs = new Map<string, Promise<DockerConfig | undefined>>();
  readonly #found = new Map<string, { until: number; result: Promise<Credential | undefined> }>();
  #scoped: Promise<readonly ScopedLogin[]> | undefined;
  #headers: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    const { registryAuth, githubToken, environment } = options;
    this.#logins = registryAuth.map((login) => ({
      ...login,
      credential: this.#basic(login.username, login.password, 'registry-auth input'),
    }));
    const actor = environment['GITHUB_ACTOR'] || 'x-access-token';
    this.#github = githubToken ? this.#basic(actor, githubToken, 'GITHUB_TOKEN') : undefined;
  }

  async find(name: string, repository?: string, actions: readonly Action[] = ['pull', 'push']) {
    const registry = registryKey(name);
    const purpose: LoginPurpose = { repository, actions };
    const given = this.#logins.filter((login) => login.registry === registry);
    return (
      loginsFor(given, purpose)[0]?.credential ??
      (await this.#fromConfig(await this.#variable(), registry)) ??
      (await this.#fromScoped(registry, purpose)) ??
      (await this.#fromConfig(await this.#file(this.#configPath()), registry)) ??
      (registry === 'ghcr.io' ? this.#github : undefined) ??
      this.#anonymous
    );
  }

  async headers(registry: string): Promise<Readonly<Record<string, string>>> {
    if (this.#options.headerRegistries?.has(registry) !== true) return {};
    this.#headers ??= this.#file(this.#configPath()).then((config) => this.#usableHeaders(config));
    return this.#headers;
  }

  #configPath(): string {
    return dockerConfigPath(this.#options.environment, this.#options.home);
  }

  #usableHeaders(config: DockerConfig | undefined): Readonly<Record<string, string>> {
    const usable: Record<string, string> = {};
    for (const [name, value] of Object.entries(config?.headers ?? {})) {
      if (ownHeaders.has(name)) {
        this.#options.observer.warning(
          `HttpHeaders of ${config?.source}: ${name} is not sent because this action sets it`,
        );
        continue;
      }
      // Short values are words such as `ci`: masking them would make the log unreadable.
      if (value.length >= 8) this.#secret(value);
      usable[name] = value;
    }
    return usable;
  }

  async #fromScoped(registry: string, purpose: LoginPurpose): Promise<Credential | undefined> {
    this.#scoped ??= this.#readScoped();
    const logins = (await this.#scoped).filter((login) => login.registry === registry);
    for (const login of loginsFor(logins, purpose)) {
      const credential = await this.#fromConfig(await this.#file(login.path), registry);
      if (credential !== undefined) return credential;
    }
    return undefined;
  }

  async #readScoped(): Promise<readonly ScopedLogin[]> {
    const { environment, home, listFiles: list = listFiles } = this.#options;
    const directory = scopedLoginsDirectory(environment, home);
    return scopedLogins(directory, await list(directory));
  }

  /** DOCKER_AUTH_CONFIG, which has the form of config.json. */
  async #variable(): Promise<DockerConfig | undefined> {
    const name = 'DOCKER_AUTH_CONFIG';
    const text = this.#options.environment[name];
    if (!text) return undefined;
    return this.#once(name, async () => parseDockerConfig(text, name));
  }

  #file(path: string): Promise<DockerConfig | undefined> {
    const { readText = readTextFile } = this.#options;
    return this.#once(path, async () => {
      const text = await readText(path);
      return text === undefined ? undefined : parseDockerConfig(text, path);
    });
  }

  #once(key: string, read: () => Promise<DockerConfig | undefined>): Promise<DockerConfig | undefined> {
    const config = this.#configs.get(key) ?? read();
    this.#configs.set(key, config);
    return config;
  }

  /** The credential of a configuration for a registry: looked up once, with helpers again after a while. */
  async #fromConfig(config: DockerConfig | undefined, registry: string): Promise<Credential | undefined> {
    if (config === undefined) return undefined;
    const { now } = this.#options.clock ?? systemClock;
    const key = `${config.source} ${registry}`;
    const known = this.#found.get(key);
    if (known !== undefined && known.until > now()) return known.result;
    const until =
      helperNames(config, registry).length > 0 ? now() + helperLifetime : Number.POSITIVE_INFINITY;
    const result = this.#read(config, registry);
    this.#found.set(key, { until, result });
    return result;
  }

  async #read(config: DockerConfig, registry: string): Promise<Credential | undefined> {
    const { environment, askHelper = (name, host) => askCredentialHelper(name, host, { environment }) } =
      this.#options;
    for (const name of helperNames(config, registry)) {
      const login = await askHelper(name, registry);
      if (login !== undefined) return this.#helperCredential(login, `docker-credential-${name}`);
    }
    const stored = storedLogin(config, registry);
    return stored === undefined ? undefined : this.#storedCredential(stored, config.source);
  }

  #helperCredential({ username, secret }: HelperLogin, source: string): Credential {
    if (username !== '<token>') return this.#basic(username, secret, source);
    this.#secret(secret);
    return { kind: 'identity-token', token: secret, source };
  }

  #storedCredential(login: StoredLogin, source: string): Credential | undefined {
    for (const field of ['auth', 'password', 'identitytoken', 'registrytoken']) {
      this.#secret(login.get(field) ?? '');
    }
    const registryToken = login.get('registrytoken');
    if (registryToken !== undefined) return { kind: 'registry-token', token: registryToken, source };
    const pair = storedPair(login, source);
    const token = login.get('identitytoken');
    if (token !== undefined) {
      return { kind: 'identity-token', token, source, ...(pair && { username: pair.username }) };
    }
    return pair && this.#basic(pair.username, pair.password, source);
  }

  #basic(username: string, password: string, source: string): Credential {
    this.#secret(password);
    this.#secret(basicPair(username, password));
    return { kind: 'basic', username, password, source };
  }

  #secret(value: string): void {
    // The runner rejects an empty mask, or hides everything.
    if (value !== '') this.#options.observer.secret(value);
  }
}
