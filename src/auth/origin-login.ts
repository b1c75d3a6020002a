import type { HttpResponse } from '../http/message.ts';
import type { Observer } from '../run/observer.ts';
import { challengeUnusable } from './auth-error.ts';
import type { AuthRequest, LoginState, Trial } from './login-state.ts';
import type { Scope } from './scope.ts';
import { TokenCache } from './token-cache.ts';
import type { TokenServices } from './token-request.ts';

/** The authorization to send a request with. */
export interface Authorization {
  /** The Authorization value. */
  readonly value: string;
  /** Where the login came from, for messages; undefined without a login. */
  readonly source: string | undefined;
  /** For a password: the function that sends the request. */
  readonly trial?: Trial<HttpResponse> | undefined;
}

/** One login at one origin, used as the registry requires: directly, or to get tokens. */
export class OriginLogin {
  readonly #state: LoginState;
  readonly #tokens: TokenCache;
  readonly #observer: Observer;

  constructor(state: LoginState, services: TokenServices) {
    this.#state = state;
    this.#tokens = new TokenCache(state, services);
    this.#observer = services.observer;
  }

  get registry(): string {
    return this.#state.owner.registry;
  }

  /** The authorization that is already known for the scope, or undefined. */
  authorization(scope: Scope): Authorization | undefined {
    const value = this.#state.fixed ?? this.#tokens.find(scope);
    return value === undefined ? undefined : this.#sendable(value);
  }

  /** Obtains an authorization that differs from the rejected one; throws AuthError or NetworkError. */
  async obtain(request: AuthRequest): Promise<Authorization> {
    return this.#sendable(await this.#value(request));
  }

  #sendable(value: string): Authorization {
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
