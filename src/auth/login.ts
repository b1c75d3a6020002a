import { type Credential, ownerOf } from '../credentials/credential.ts';
import { basicPair, type HttpResponse } from '../http/message.ts';
import type { AuthError } from '../run/errors.ts';
import { challengeUnusable, loginMissing, loginRefused, loginUnfit } from './auth-error.ts';
import { type Challenge, namesRealm } from './challenge.ts';
import { LoginGate } from './gate.ts';
import type { AccessRequest, Scope } from './scope.ts';
import { TokenCache } from './token-cache.ts';
import {
  type RealmOwner,
  requestToken,
  type TokenAnswer,
  type TokenRequest,
  type TokenServices,
} from './token-server.ts';

/** The authorization to send a request with. */
export interface Authorization {
  readonly value: string;
  /** Where the login came from, for messages; undefined without a login. */
  readonly source: string | undefined;
  /** Whose login it was, for messages. */
  readonly owner?: ReturnType<typeof ownerOf> | undefined;
  /** For a password: the gate that the request passes. */
  readonly gate?: LoginGate<HttpResponse> | undefined;
}

/** One login at one origin: not tried yet, in use as the registry requires, or refused for good. */
export class Login {
  readonly #credential: Credential;
  readonly #owner: RealmOwner;
  readonly #services: TokenServices;
  readonly #tokens: TokenCache;
  readonly #registryGate = new LoginGate<HttpResponse>();
  readonly #tokenGate = new LoginGate<TokenAnswer>();
  /** The Authorization value that needs no token server; set once the registry asked for it. */
  #fixed: string | undefined;
  #refusal: AuthError | undefined;

  constructor(credential: Credential, owner: RealmOwner, services: TokenServices) {
    this.#credential = credential;
    this.#owner = owner;
    this.#services = services;
    this.#tokens = new TokenCache(owner, credential, services.clock, (request, server) =>
      this.#requestToken(request, server),
    );
  }

  get registry(): string {
    return this.#owner.registry;
  }

  /** The authorization that is already known for the scope, or undefined. */
  known(scope: Scope): Authorization | undefined {
    const value = this.#fixed ?? this.#tokens.find(scope);
    return value === undefined ? undefined : this.#sendable(value);
  }

  /**
   * Obtains an authorization that differs from the rejected one; `expected`: the access that the run declared.
   * Throws AuthError or NetworkError.
   */
  async obtain(
    request: AccessRequest,
    challenges: readonly Challenge[],
    expected: readonly Scope[],
  ): Promise<Authorization> {
    return this.#sendable(await this.#value(request, challenges, expected));
  }

  #sendable(value: string): Authorization {
    const { kind, source } = this.#credential;
    const gate = value.startsWith('Basic ') ? this.#registryGate : undefined;
    const owner = ownerOf(this.#credential);
    return { value, source: kind === 'anonymous' ? undefined : source, owner, gate };
  }

  async #value(request: AccessRequest, challenges: readonly Challenge[], expected: readonly Scope[]) {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#credential.kind === 'registry-token' && challenges.length > 0) {
      return this.#use(`Bearer ${this.#credential.token}`, request);
    }
    const bearer = challenges.find(namesRealm);
    if (bearer !== undefined) {
      this.#fixed = undefined;
      return this.#tokens.obtain(request, bearer, expected);
    }
    const schemes = challenges.map((each) => each.scheme);
    if (!schemes.includes('basic')) throw challengeUnusable(request, schemes);
    return this.#use(this.#basic(request), request);
  }

  /** Uses the login as it is; throws AuthError when the registry has just rejected that. */
  #use(value: string, request: AccessRequest): string {
    if (request.rejected === value) throw this.#refused(request, request.registry);
    this.#fixed = value;
    return value;
  }

  #basic(request: AccessRequest): string {
    const credential = this.#credential;
    if (credential.kind === 'anonymous') throw loginMissing(request, credential);
    const password = credential.kind === 'basic' ? credential.password : credential.token;
    const username = credential.kind === 'registry-token' ? undefined : credential.username;
    if (username === undefined) throw loginUnfit(request, credential);
    const pair = basicPair(username, password);
    this.#services.observer.secret(pair);
    return `Basic ${pair}`;
  }

  /** Records that the login was refused, by the registry or its token server: another try would only lock the account. */
  #refused(request: AccessRequest, by: string): AuthError {
    this.#fixed = undefined;
    this.#refusal ??= loginRefused(request, this.#credential, by);
    return this.#refusal;
  }

  async #requestToken(request: AccessRequest, server: Pick<TokenRequest, 'realm' | 'service' | 'scopes'>) {
    const [credential, owner] = [this.#credential, this.#owner];
    const send = async (): Promise<TokenAnswer> => {
      if (this.#refusal !== undefined) throw this.#refusal;
      return requestToken({ ...server, credential, owner }, this.#services);
    };
    if (credential.kind === 'anonymous') return send();
    const answer = await this.#tokenGate.enter(send, isLoginRefusal);
    if (isLoginRefusal(answer)) throw this.#refused(request, `The token server of ${owner.registry}`);
    return answer;
  }
}

function isLoginRefusal(answer: TokenAnswer): boolean {
  return 'refused' in answer && answer.refused === 401;
}
