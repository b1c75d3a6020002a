import type { AuthError } from '../run/errors.ts';
import { scopeRefused, tokenRejected } from './auth-error.ts';
import type { Challenge } from './challenge.ts';
import type { AuthRequest, LoginState } from './login-state.ts';
import { parseRealm } from './realm.ts';
import { type Access, accessOf, covers, scopeTexts } from './scope.ts';
import { requestToken, type TokenAnswer, type TokenRequest, type TokenServices } from './token-request.ts';
import { WantedAccess } from './wanted-access.ts';

/** A token, and the access that it was requested for. */
interface Token {
  readonly header: string;
  readonly access: Access;
  /** On the clock, in milliseconds. */
  readonly expires: number;
  /** Until then it cannot have expired, whatever its server says about lifetimes. */
  readonly freshUntil: number;
  /** Whether it replaced one that the registry rejected although it should have been valid. */
  readonly isRenewal: boolean;
}

/** The server that a challenge names, and whether its token replaces one that should have been valid. */
interface TokenSource {
  readonly server: Pick<TokenRequest, 'realm' | 'service'>;
  readonly isRenewal: boolean;
}

/** A token, or the status with which the server refused it. */
type TokenOutcome = Token | { readonly refused: number };

/** Milliseconds before its end from which on a token is not used, for the time that a request takes. */
const expiryMargin = 5_000;

/** The tokens of one login at one origin: those held, those being requested, and those refused. */
export class TokenCache {
  readonly #login: LoginState;
  readonly #services: TokenServices;
  readonly #wanted = new WantedAccess();
  /** Newest first. */
  #tokens: readonly Token[] = [];
  /** By access. */
  readonly #pending = new Map<string, Promise<TokenOutcome>>();
  readonly #denied = new Map<string, AuthError>();

  constructor(login: LoginState, services: TokenServices) {
    this.#login = login;
    this.#services = services;
  }

  /** The Authorization value of a held token for the scope. */
  find(scope: AuthRequest['scope']): string | undefined {
    return this.#held({ scopes: [scope], others: [] })?.header;
  }

  /** The Authorization value of a token other than the rejected one; throws AuthError or NetworkError. */
  async obtain(request: AuthRequest, challenge: Challenge): Promise<string> {
    const { parameters } = challenge;
    const realm = parseRealm(parameters.get('realm') ?? '', this.#login.owner);
    const needed = this.#wanted.add(request, accessOf(challenge));
    const held = this.#held(needed);
    if (held !== undefined && held.header !== request.rejected) return held.header;
    const server = { realm, service: parameters.get('service') };
    const isRenewal = this.#isRenewal(request, needed);
    const token = await this.#newToken(request, needed, { server, isRenewal });
    if (token.header === request.rejected) throw tokenRejected(this.#login.attempt(request));
    return token.header;
  }

  #held(needed: Access): Token | undefined {
    const now = this.#services.clock.now();
    return this.#tokens.find((token) => token.expires - expiryMargin > now && covers(token.access, needed));
  }

  /** Whether the rejected token should have been valid; throws when that token was a renewal itself. */
  #isRenewal(request: AuthRequest, needed: Access): boolean {
    const rejected = this.#tokens.find((token) => token.header === request.rejected);
    if (rejected === undefined || !covers(rejected.access, needed)) return false;
    if (rejected.isRenewal && this.#services.clock.now() < rejected.freshUntil) {
      throw tokenRejected(this.#login.attempt(request));
    }
    return true;
  }

  /** A token for all wanted access or, from a server that refuses so much, for the needed access alone. */
  async #newToken(request: AuthRequest, needed: Access, source: TokenSource): Promise<Token> {
    let access = this.#wanted.widest(needed);
    let outcome = await this.#shared(request, access, source);
    if ('refused' in outcome && !covers(needed, access)) {
      access = this.#wanted.narrow(request, needed);
      outcome = await this.#shared(request, access, source);
    }
    if (!('refused' in outcome)) return outcome;
    const error = scopeRefused(this.#login.attempt(request), outcome.refused);
    this.#denied.set(keyOf(access), error);
    throw error;
  }

  /** Shares one request between all who want the same access at the same time. */
  #shared(request: AuthRequest, access: Access, source: TokenSource): Promise<TokenOutcome> {
    const key = keyOf(access);
    this.#login.throwIfRefused();
    const denied = this.#denied.get(key);
    if (denied !== undefined) throw denied;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const outcome = this.#request(request, access, source).finally(() => this.#pending.delete(key));
    this.#pending.set(key, outcome);
    return outcome;
  }

  async #request(request: AuthRequest, access: Access, source: TokenSource): Promise<TokenOutcome> {
    const { credential, owner, tokenTrial } = this.#login;
    let requested = 0;
    const send = async (): Promise<TokenAnswer> => {
      this.#login.throwIfRefused();
      requested = this.#services.clock.now();
      return requestToken(
        { ...source.server, scopes: scopeTexts(access), credential, owner },
        this.#services,
      );
    };
    const isAnonymous = credential.kind === 'anonymous';
    const answer = await (isAnonymous ? send() : tokenTrial.run(send, isLoginRefusal));
    if (!isAnonymous && isLoginRefusal(answer)) {
      throw this.#login.refused(request, `The token server of ${owner.registry}`);
    }
    if ('refused' in answer) return answer;
    const { token: value, lifetime } = answer;
    const token: Token = {
      header: `Bearer ${value}`,
      access,
      expires: requested + 1000 * Math.max(60, lifetime),
      freshUntil: requested + 1000 * Math.min(60, Math.max(10, lifetime)),
      isRenewal: source.isRenewal,
    };
    this.#tokens = [token, ...this.#tokens.filter((old) => !covers(access, old.access))];
    return token;
  }
}

function isLoginRefusal(answer: TokenAnswer): boolean {
  return 'refused' in answer && answer.refused === 401;
}

function keyOf(access: Access): string {
  return scopeTexts(access).toSorted().join(' ');
}
