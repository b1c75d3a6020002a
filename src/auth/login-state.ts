import type { Credential } from '../credentials/credential.ts';
import { basicPair } from '../http/authorization.ts';
import type { HttpResponse } from '../http/message.ts';
import type { AuthError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { type Attempt, loginMissing, loginRefused, loginUnfit } from './auth-error.ts';
import type { Challenge } from './challenge.ts';
import type { RealmOwner } from './realm.ts';
import type { Scope } from './scope.ts';
import type { TokenAnswer } from './token-request.ts';

/** A request that was refused, and everything else that the same login will be needed for. */
export interface AuthRequest {
  readonly scope: Scope;
  /** The access that the run declared. */
  readonly expected: readonly Scope[];
  readonly challenges: readonly Challenge[];
  /** The Authorization value that was sent; undefined when there was none. */
  readonly rejected: string | undefined;
}

/** Lets one request try a password before others send it: many wrong ones at once may lock an account. */
export class Trial<Answer> {
  #first: Promise<Answer | undefined> | undefined;

  /** Sends the first request alone; the others get its answer if that is a refusal, and else send their own. */
  async run(send: () => Promise<Answer>, isRefusal: (answer: Answer) => boolean): Promise<Answer> {
    if (this.#first === undefined) {
      const answer = send();
      this.#first = answer.catch(() => undefined);
      return answer;
    }
    const first = await this.#first;
    return first !== undefined && isRefusal(first) ? first : send();
  }
}

/** The state of one login at one origin: not tried yet, in use as it is, or refused for good. */
export class LoginState {
  readonly credential: Credential;
  readonly owner: RealmOwner;
  readonly registryTrial: Trial<HttpResponse> = new Trial();
  readonly tokenTrial: Trial<TokenAnswer> = new Trial();
  #fixed: string | undefined;
  #refusal: AuthError | undefined;

  constructor(credential: Credential, owner: RealmOwner) {
    this.credential = credential;
    this.owner = owner;
  }

  /** The Authorization value that needs no token server; set once the registry asked for it. */
  get fixed(): string | undefined {
    return this.#fixed;
  }

  /** Throws the AuthError of a refused login: a further try would only lock the account. */
  throwIfRefused(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Uses the login as it is; throws AuthError when the registry has just rejected that. */
  use(value: string, request: AuthRequest): string {
    if (request.rejected === value) throw this.refused(request, this.owner.registry);
    this.#fixed = value;
    return value;
  }

  /** Uses tokens from now on. */
  useTokens(): void {
    this.#fixed = undefined;
  }

  /** Records that the login was refused, by the registry or its token server. */
  refused(request: AuthRequest, by: string): AuthError {
    this.#fixed = undefined;
    this.#refusal ??= loginRefused(this.attempt(request), by, 401);
    return this.#refusal;
  }

  /** The login as a Basic value; throws AuthError when it has no user name and password. */
  basic(request: AuthRequest, observer: Observer): string {
    const { credential } = this;
    if (credential.kind === 'anonymous') throw loginMissing(this.attempt(request));
    const password = credential.kind === 'basic' ? credential.password : credential.token;
    const username = credential.kind === 'registry-token' ? undefined : credential.username;
    if (username === undefined) throw loginUnfit(this.attempt(request));
    const pair = basicPair(username, password);
    observer.secret(pair);
    return `Basic ${pair}`;
  }

  /** The subject of an error about a request. */
  attempt({ scope }: AuthRequest): Attempt {
    return { registry: this.owner.registry, scope, credential: this.credential };
  }
}
