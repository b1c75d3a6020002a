import { basicPair } from '../http/message.ts';
import { type Clock, systemClock } from '../run/clock.ts';
import type { Environment } from '../run/environment.ts';
import { listed } from '../run/finding.ts';
import { Memo } from '../run/memo.ts';
import type { Observer } from '../run/observer.ts';
import type { Credential } from './credential.ts';
import { askCredentialHelper, type HelperLogin } from './credential-helper.ts';
import {
  type ConfiguredHelper,
  type DockerConfig,
  dockerConfigPath,
  helpersFor,
  mayHaveLogin,
  parseDockerConfig,
  readTextFile,
  type StoredLogin,
  scopedLoginsDirectory,
  storedLogin,
  storedPair,
} from './docker-config.ts';
import {
  type Action,
  type LoginPurpose,
  listFiles,
  loginsFor,
  type RegistryLogin,
  type ScopedLogin,
  scopedLogins,
} from './login-scope.ts';
import { LoginSearch } from './login-search.ts';
import { jobRegistry, registryKey } from './registry-key.ts';

/** Finds the credentials for registries; reads and spawns nothing before the first call. */
export interface Credentials {
  /**
   * The credential for a registry (`docker.io`, `localhost:5000`), also one for `repository` or for some of `actions`
   * (default: pull and push). The same login is the same object each time. Throws AuthError (CREDENTIAL_HELPER) or
   * ActionError (DOCKER_CONFIG).
   */
  find(registry: string, repository?: string, actions?: readonly Action[]): Promise<Credential>;
  /** Whether `find` may return a login for a repository; starts no helper, and is false for unreadable configuration. */
  mayFind(registry: string, repository: string): Promise<boolean>;
  /**
   * The `HttpHeaders` of config.json for a registry's own origin, lower-case names; none for registries that are only
   * sources, because those may be strangers'. Throws ActionError (DOCKER_CONFIG).
   */
  headers(registry: string): Promise<Readonly<Record<string, string>>>;
}

export interface CredentialsOptions {
  readonly registryAuth: readonly RegistryLogin[];
  /** Provides DOCKER_AUTH_CONFIG, DOCKER_CONFIG, BUILDX_CONFIG, GITHUB_ACTOR, GITHUB_SERVER_URL and PATH. */
  readonly environment: Environment;
  readonly home: string;
  /** The registries that get the `HttpHeaders` of config.json: those of the tags. None by default. */
  readonly headerRegistries?: ReadonlySet<string> | undefined;
  /** Used for the registry of the job's GitHub server when nothing else is configured for it: see jobRegistry. */
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
 * Milliseconds that a helper's answer is used: GitLab's tokens expire after five minutes.
 * https://gitlab.com/gitlab-org/ops/artifact-registry/-/work_items/1257
 */
const helperLifetime = 290_000;

/** Headers that this action sets itself, or that frame a request; docker ignores user-agent (docker/cli#2755). */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type'],
  ...['cookie', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'range', 'te', 'transfer-encoding'],
  ...['upgrade', 'user-agent'],
]);

/**
 * The credentials of a run, the first of: the `registry-auth` input, DOCKER_AUTH_CONFIG, docker buildx's logins for
 * single repositories, which buildx prefers, too, config.json (credHelpers, credsStore, auths), the GitHub token for the
 * registry of its server, none.
 */
export class OrderedCredentials implements Credentials {
  readonly #options: CredentialsOptions;
  readonly #logins: readonly (RegistryLogin & { readonly credential: Credential })[];
  readonly #github = new Map<string, Credential>();
  readonly #anonymous = new Map<string | undefined, Credential>();
  readonly #configs = new Memo<string, DockerConfig | undefined>();
  /** By configuration and key. */
  readonly #stored = new Map<string, Credential | undefined>();
  /** By helper and registry. */
  readonly #helped = new Memo<string, Credential | undefined>();
  readonly #helpedUntil = new Map<string, number>();
  readonly #logged = new Set<string>();
  #scoped: Promise<readonly ScopedLogin[]> | undefined;
  #headers: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    const { registryAuth, githubToken, environment } = options;
    this.#logins = registryAuth.map((login) => ({
      ...login,
      credential: this.#basic(login.username, login.password, `registry-auth input${login.doubt ?? ''}`),
    }));
    const actor = environment['GITHUB_ACTOR'] || 'x-access-token';
    if (githubToken)
      this.#github.set(jobRegistry(environment), this.#basic(actor, githubToken, 'GITHUB_TOKEN'));
  }

  async find(name: string, repository?: string, actions: readonly Action[] = ['pull', 'push']) {
    const registry = registryKey(name);
    const search = new LoginSearch(registry, repository, this.#log);
    const purpose: LoginPurpose = { repository, actions };
    const given = this.#logins.filter((login) => login.registry === registry);
    return (
      search.step('the registry-auth input', loginsFor(given, purpose)[0]?.credential) ??
      search.step('DOCKER_AUTH_CONFIG', await this.#fromConfig(await this.#variable(), search)) ??
      search.step("docker buildx's logins", await this.#fromScoped(search, purpose)) ??
      search.step(this.#configPath(), await this.#fromConfig(await this.#file(this.#configPath()), search)) ??
      search.step('the github-token input', this.#github.get(registry)) ??
      this.#withoutLogin(search)
    );
  }

  async mayFind(name: string, repository: string): Promise<boolean> {
    const registry = registryKey(name);
    if (this.#logins.some((login) => login.registry === registry)) return true;
    if (this.#github.has(registry)) return true;
    try {
      const configs = [await this.#variable(), await this.#file(this.#configPath())];
      if (configs.some((config) => config !== undefined && mayHaveLogin(config, registry, repository)))
        return true;
      this.#scoped ??= this.#readScoped();
      return (await this.#scoped).some((login) => login.registry === registry);
    } catch {
      return false;
    }
  }

  /** No login: the same object for all searches with the same result. */
  #withoutLogin({ asked }: LoginSearch): Credential {
    const searched = asked.length === 0 ? undefined : asked.join(' and ');
    const known = this.#anonymous.get(searched) ?? { kind: 'anonymous', source: 'no login', searched };
    this.#anonymous.set(searched, known);
    return known;
  }

  /** One line of the debug log for each step, however many requests look for the same login. */
  readonly #log = (line: string): void => {
    if (this.#logged.has(line)) return;
    this.#logged.add(line);
    this.#options.observer.debug(line);
  };

  async headers(registry: string): Promise<Readonly<Record<string, string>>> {
    if (this.#options.headerRegistries?.has(registry) !== true) return {};
    this.#headers ??= this.#file(this.#configPath()).then((config) => this.#usableHeaders(config));
    return this.#headers;
  }

  #configPath(): string {
    return dockerConfigPath(this.#options.environment, this.#options.home);
  }

  #usableHeaders(config: DockerConfig | undefined): Readonly<Record<string, string>> {
    const all = Object.entries(config?.headers ?? {});
    const usable = all.filter(([name]) => !ownHeaders.has(name));
    const unsent = all.flatMap(([name]) => (ownHeaders.has(name) ? name : []));
    if (unsent.length > 0)
      this.#options.observer.warning(
        `HttpHeaders of ${config?.source}: not sent, because this action sets them: ${listed(unsent)}`,
      );
    // Short values are words such as `ci`: masking them would make the log unreadable.
    for (const [, value] of usable) if (value.length >= 8) this.#secret(value);
    return Object.fromEntries(usable);
  }

  async #fromScoped(search: LoginSearch, purpose: LoginPurpose): Promise<Credential | undefined> {
    this.#scoped ??= this.#readScoped();
    const logins = (await this.#scoped).filter((login) => login.registry === search.registry);
    for (const login of loginsFor(logins, purpose)) {
      const credential = await this.#fromConfig(await this.#file(login.path), search);
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
    return this.#configs.get(name, async () => parseDockerConfig(text, name));
  }

  #file(path: string): Promise<DockerConfig | undefined> {
    const { readText = readTextFile } = this.#options;
    return this.#configs.get(path, async () => {
      const text = await readText(path);
      return text === undefined ? undefined : parseDockerConfig(text, path);
    });
  }

  /** The credential of a configuration: that of a helper, or a stored one. */
  async #fromConfig(config: DockerConfig | undefined, search: LoginSearch): Promise<Credential | undefined> {
    if (config === undefined) return undefined;
    const { registry, repository } = search;
    for (const helper of helpersFor(config, registry)) {
      const credential = search.ask(helper, await this.#fromHelper(helper, registry));
      if (credential !== undefined) return credential;
    }
    const stored = storedLogin(config, registry, repository);
    if (stored === undefined) return undefined;
    const key = `${config.source} ${stored.key}`;
    if (!this.#stored.has(key)) this.#stored.set(key, this.#storedCredential(stored.value, config.source));
    return this.#stored.get(key);
  }

  #fromHelper({ name }: ConfiguredHelper, registry: string): Promise<Credential | undefined> {
    const { clock = systemClock } = this.#options;
    const key = `${name} ${registry}`;
    if ((this.#helpedUntil.get(key) ?? 0) <= clock.now()) {
      this.#helped.forget(key);
      this.#helpedUntil.set(key, clock.now() + helperLifetime);
    }
    return this.#helped.get(key, () => this.#askHelper(name, registry));
  }

  async #askHelper(name: string, registry: string): Promise<Credential | undefined> {
    const { environment, askHelper = (each, host) => askCredentialHelper(each, host, { environment }) } =
      this.#options;
    const login = await askHelper(name, registry);
    return login && this.#helperCredential(login, `docker-credential-${name}`);
  }

  // https://github.com/google/go-containerregistry/issues/421
  #helperCredential({ username, secret }: HelperLogin, source: string): Credential {
    if (username !== '<token>') return this.#basic(username, secret, source);
    this.#secret(secret);
    return { kind: 'identity-token', token: secret, source };
  }

  #storedCredential(login: StoredLogin, source: string): Credential | undefined {
    if (login.size === 0) return { kind: 'anonymous', source, searched: `the empty entry in ${source}` };
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
    const encoded = Buffer.from(password, 'utf8').toString('base64');
    for (const secret of [password, basicPair(username, password), encoded]) this.#secret(secret);
    return { kind: 'basic', username, password, source };
  }

  #secret(value: string): void {
    // The runner rejects an empty mask, or hides everything.
    if (value !== '') this.#options.observer.secret(value);
  }
}
