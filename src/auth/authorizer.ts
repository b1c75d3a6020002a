import { setImmediate } from 'node:timers/promises';
import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { HttpResponse } from '../http/message.ts';
import { ActionError, AuthError } from '../run/errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { Gate } from './gate.ts';
import { type Authorization, Login } from './login.ts';
import { type AccessRequest, type Grant, grantOf, type Scope, unionScopes } from './scope.ts';
import { isTokenServerFailure, type TokenServices } from './token-server.ts';

/** The permission to send a request. */
export interface Permit {
  readonly authorization?: Authorization | undefined;
  /** The authorization that is being obtained for a known registry; resolves to undefined if that fails. */
  readonly pending?: Promise<Authorization | undefined> | undefined;
}

type Job = (permit: Permit) => Promise<HttpResponse>;

/** Knows the authorization for each origin, and obtains it when a registry asks. */
export interface Authorizer {
  /**
   * Runs the job that sends a request, with the known authorization. Without one, the first job at an origin runs at
   * once, in parallel with the token request of a known registry, and finds out what the origin requires; the others
   * wait for the result if there may be a login, since each of them would be refused first. Throws the errors of the
   * job, and that of the first job if it came from a token server.
   */
  enter(request: AccessRequest, job: Job): Promise<HttpResponse>;
  /**
   * Obtains authorization other than the rejected one, from every WWW-Authenticate value of a 401, or of a 403 with
   * `insufficient_scope`. Throws AuthError when there is none, NetworkError when the token server cannot be reached.
   */
  challenged(request: AccessRequest, challenges: readonly string[]): Promise<Authorization>;
}

/** The access of a run. */
export interface RunAccess {
  /** Declares access that this run will need at a registry, so that one token serves all of it. */
  declareAccess(registry: string, scope: Scope): void;
  /** Whether the authorization for the scope at this registry allows it, if that can be known. */
  grants(registry: string, scope: Scope): Grant;
  /** Whether a login may be sent to this registry for a repository; starts no credential helper. */
  mayLogIn(registry: string, repository: string): Promise<boolean>;
}

export interface AuthorizerOptions extends TokenServices {
  readonly credentials: Pick<Credentials, 'find' | 'mayFind'>;
  /** `read-without`: what a refused login cannot read is read without a login; for a dry run. `fail` by default. */
  readonly refusedLogins?: 'fail' | 'read-without' | undefined;
  /** Registries (by name) whose token server may have any private address; none by default. */
  readonly allowPrivateRealm?: ((registry: string) => boolean) | undefined;
}

const noLogin: Credential = { kind: 'anonymous', source: 'no login' };

interface Origin {
  readonly gate: Gate;
  /** By credential: several only if logins are bound to repositories. */
  readonly logins: Map<Credential, Login>;
  readonly byRepository: Map<string, Login>;
}

/** The authorizer of a run; credentials are bound to the exact origin that asked for them. */
export class OriginAuthorizer implements Authorizer, RunAccess {
  readonly #options: AuthorizerOptions;
  readonly #origins = new Map<string, Origin>();
  /** By registry, because the origin that it is reached at may still change. */
  readonly #declared = new Map<string, readonly Scope[]>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  declareAccess(registry: string, scope: Scope): void {
    this.#declared.set(registry, unionScopes(this.#expected(registry), [scope]));
  }

  grants(registry: string, scope: Scope): Grant {
    const logins = [...this.#origins.values()].map((origin) => origin.byRepository.get(scope.repository));
    const value = logins.find((login) => login?.registry === registry)?.known(scope)?.value;
    return value === undefined ? 'unknown' : grantOf(value, scope);
  }

  mayLogIn(registry: string, repository: string): Promise<boolean> {
    return this.#options.credentials.mayFind(registry, repository);
  }

  async enter(request: AccessRequest, job: Job): Promise<HttpResponse> {
    const origin = this.#origin(request);
    const { gate, byRepository } = origin;
    const known = (): Authorization | undefined =>
      byRepository.get(request.scope.repository)?.known(request.scope);
    const authorization = known();
    if (authorization !== undefined) return job({ authorization });
    this.declareAccess(request.registry, request.scope);
    // Requests for sources go first, because more work depends on them.
    if (request.priority === 'background') await setImmediate();
    return gate.enter(
      // A registry without a login is rarely one that requires tokens: its requests do not wait for each other.
      () => this.mayLogIn(request.registry, request.scope.repository),
      () => this.#first(origin, request, job),
      async () => job({ authorization: known() ?? (await this.#anticipated(origin, request)) }),
    );
  }

  async #first(origin: Origin, request: AccessRequest, job: Job): Promise<HttpResponse> {
    const { gate } = origin;
    if (gate.challenge === undefined) return job({});
    await this.#assignAll(origin, request);
    const pending = this.#anticipated(origin, request).then((authorization) => {
      if (authorization !== undefined) gate.open();
      return authorization;
    });
    // A password can be sent with the request itself.
    if (gate.challenge.scheme === 'basic') return job({ authorization: await pending });
    pending.catch(() => undefined);
    // A new HTTP/2 connection accepts one request until the server's settings arrive: send the token request first.
    await setImmediate();
    return job({ pending });
  }

  /** The authorization that results from an origin's challenge; undefined when only the registry can tell. */
  async #anticipated(origin: Origin, request: AccessRequest): Promise<Authorization | undefined> {
    const { challenge, isPresumed } = origin.gate;
    if (challenge === undefined) return undefined;
    try {
      return await this.#obtain(origin, request, [challenge]);
    } catch (error) {
      // Another token server may be the right one, and content that a login may not read may be public:
      // https://github.com/oras-project/oras/issues/1161
      const isFinal = isTokenServerFailure(error) && !isPresumed;
      if (error instanceof ActionError && !isFinal) return undefined;
      throw error;
    }
  }

  async challenged(request: AccessRequest, values: readonly string[]): Promise<Authorization> {
    this.declareAccess(request.registry, request.scope);
    const challenges = parseChallenges(values);
    const origin = this.#origin(request);
    if (origin.gate.learn(challenges) === 'contradicted') {
      // All tokens and refusals resulted from the table of known registries.
      origin.logins.clear();
      origin.byRepository.clear();
    }
    const authorization = await this.#obtain(origin, request, challenges).catch((error: unknown) => {
      const isRead = request.scope.actions.every((action) => action === 'pull');
      const mayReadWithout = this.#options.refusedLogins === 'read-without' && isRead;
      if (!mayReadWithout || !(error instanceof AuthError)) throw error;
      const anonymous = this.#login(origin, request, noLogin);
      // Where strangers may not read either, the refused login is the reason.
      return anonymous.obtain(request, challenges, []).catch(() => Promise.reject(error));
    });
    origin.gate.open();
    return authorization;
  }

  async #obtain(origin: Origin, request: AccessRequest, challenges: readonly Challenge[]) {
    const { registry, scope } = request;
    await this.#assignAll(origin, request);
    const own = this.#expected(registry).find(({ repository }) => repository === scope.repository) ?? scope;
    const login = await this.#assign(origin, request, own);
    // Read again: requests that came in the meantime have added to it.
    const expected = this.#expected(registry);
    const shared = expected.filter(({ repository }) => origin.byRepository.get(repository) === login);
    return login.obtain({ ...request, needed: own }, challenges, shared);
  }

  // A broken login for another repository is reported by that repository's requests.
  async #assignAll(origin: Origin, request: AccessRequest): Promise<void> {
    const scopes = this.#expected(request.registry);
    await Promise.allSettled(scopes.map((scope) => this.#assign(origin, request, scope)));
  }

  async #assign(origin: Origin, request: AccessRequest, { repository, actions }: Scope): Promise<Login> {
    const credential = await this.#options.credentials.find(request.registry, repository, actions);
    const login = this.#login(origin, request, credential);
    origin.byRepository.set(repository, login);
    return login;
  }

  #login({ logins }: Origin, { origin, registry }: AccessRequest, credential: Credential): Login {
    const allowPrivate = this.#options.allowPrivateRealm?.(registry) ?? false;
    const login =
      logins.get(credential) ?? new Login(credential, { registry, origin, allowPrivate }, this.#options);
    logins.set(credential, login);
    return login;
  }

  #expected(registry: string): readonly Scope[] {
    return this.#declared.get(registry) ?? [];
  }

  #origin({ origin }: AccessRequest): Origin {
    const known = this.#origins.get(origin.origin) ?? {
      gate: new Gate(origin),
      logins: new Map(),
      byRepository: new Map(),
    };
    this.#origins.set(origin.origin, known);
    return known;
  }
}
