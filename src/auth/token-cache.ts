import type { Credential } from '../credentials/credential.ts';
import { basicPair } from '../http/authorization.ts';
import type { AuthError } from '../run/errors.ts';
import {
  type Attempt,
  challengeUnusable,
  loginMissing,
  loginRefused,
  loginUnfit,
  scopeRefused,
  tokenRejected,
} from './auth-error.ts';
import type { Challenge } from './challenge.ts';
import { parseRealm, type RealmOwner } from './realm.ts';
import { type Access, accessOf, covers, coversScope, type Scope, scopeTexts, unite } from './scope.ts';
import { requestToken, type TokenParts } from './token-request.ts';

/** A request that was refused, and everything else that the same credential will be needed for. */
export interface Demand {
  readonly scope: Scope;
  readonly expected: readonly Scope[];
  readonly challenges: readonly Challenge[];
  /** The Authorization value that was sent; undefined when there was none. */
  readonly rejected: string | undefined;
}

export interface AuthorityParts extends TokenParts {
  readonly owner: RealmOwner;
  readonly credential: Credential;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A token as it is held, for the access that it was asked with. */
interface Token {
  readonly header: string;
  readonly access: Access;
  /** Milliseconds, on the clock of `now`. */
  readonly expires: number;
  /** Until then it is too young to have been outlived, whatever its server says of lifetimes. */
  readonly young: number;
  /** Whether it was asked for because the registry rejected one that should have been good. */
  readonly renewed: boolean;
}

/** How a token is asked for: of the server that a challenge names, and why. */
interface Asking {
  readonly server: { readonly realm: URL; readonly service: string | undefined };
  readonly renewed: boolean;
}

/** Milliseconds before its end from which a token is not used, for the time a request takes. */
const margin = 5_000;
/** Characters of scopes in one token request: with the rest of the URL within the 8 KiB that servers take. */
const scopeLength = 4096;
/** Challenges may widen a token's access this often; more is a registry that leads in circles. */
const maxWidenings = 16;

/** What one credential may do at one origin, and the Authorization values that show it. */
export class Authority {
  readonly #parts: AuthorityParts;
  /** A value that needs no token server; set once the registry asked for it. */
  #fixed: string | undefined;
  /** Newest first. */
  #tokens: readonly Token[] = [];
  readonly #pending = new Map<string, Promise<Token | number>>();
  /** Ends with the first request for a token, however it ends. */
  #proof: Promise<unknown> | undefined;
  readonly #denied = new Map<string, AuthError>();
  #loginRefused: AuthError | undefined;
  /** Everything asked for so far; only grows, so that one token comes to serve all. */
  #access: Access = { scopes: [], others: [] };
  #unionRefused = false;
  #widenings = 0;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  get credential(): Credential {
    return this.#parts.credential;
  }

  /** The value known to reach the scope now. */
  header(scope: Scope): string | undefined {
    return this.#fixed ?? this.#held({ scopes: [scope], others: [] })?.header;
  }

  /** Obtains a value other than the rejected one; throws AuthError or NetworkError. */
  async obtain(demand: Demand): Promise<string> {
    if (this.#loginRefused !== undefined) throw this.#loginRefused;
    const { credential, owner } = this.#parts;
    const bearer = demand.challenges.find((each) => each.scheme === 'bearer' && each.parameters.has('realm'));
    const offersBasic = demand.challenges.some((each) => each.scheme === 'basic');
    if (credential.kind === 'registry-token' && demand.challenges.length > 0) {
      return this.#settle(`Bearer ${credential.token}`, demand);
    }
    if (bearer !== undefined) {
      this.#fixed = undefined;
      const realm = parseRealm(bearer.parameters.get('realm') ?? '', owner);
      return this.#token(demand, accessOf(bearer), { realm, service: bearer.parameters.get('service') });
    }
    if (offersBasic) return this.#settle(this.#basic(demand), demand);
    throw challengeUnusable(
      this.#attempt(demand),
      demand.challenges.map((each) => each.scheme),
    );
  }

  #settle(header: string, demand: Demand): string {
    if (demand.rejected === header) throw this.#wrongLogin(demand, this.#parts.owner.registry);
    this.#fixed = header;
    return header;
  }

  #basic(demand: Demand): string {
    const { credential, observer } = this.#parts;
    if (credential.kind === 'anonymous') throw loginMissing(this.#attempt(demand));
    const password = credential.kind === 'basic' ? credential.password : credential.token;
    const username = credential.kind === 'registry-token' ? undefined : credential.username;
    if (username === undefined) throw loginUnfit(this.#attempt(demand));
    const pair = basicPair(username, password);
    observer.secret(pair);
    return `Basic ${pair}`;
  }

  async #token(demand: Demand, challenged: Access, server: Asking['server']): Promise<string> {
    const needed = this.#needed(demand, challenged);
    const held = this.#held(needed);
    if (held !== undefined && held.header !== demand.rejected) return held.header;
    const renewed = this.#isRenewal(demand, needed);
    const token = await this.#widest(demand, needed, { server, renewed });
    if (token.header === demand.rejected) throw tokenRejected(this.#attempt(demand));
    return token.header;
  }

  /** What this request needs; notes it, and what the run expects, for every later token. */
  #needed(demand: Demand, challenged: Access): Access {
    const own: Access = { scopes: [demand.scope], others: [] };
    this.#access = unite(this.#access, { scopes: [demand.scope, ...demand.expected], others: [] });
    if (!covers(this.#access, challenged)) {
      this.#widenings += 1;
      if (this.#widenings > maxWidenings) return own;
      this.#access = unite(this.#access, challenged);
    }
    if (!this.#unionRefused) return unite(own, challenged);
    const sameRepository = challenged.scopes.filter((scope) => scope.repository === demand.scope.repository);
    return unite(own, { scopes: sameRepository, others: challenged.others });
  }

  #held(needed: Access): Token | undefined {
    const now = this.#parts.now();
    return this.#tokens.find((token) => token.expires - margin > now && covers(token.access, needed));
  }

  /** Whether a token is wanted in place of one that should have been good; throws when that was the case before. */
  #isRenewal(demand: Demand, needed: Access): boolean {
    const bad = this.#tokens.find((token) => token.header === demand.rejected);
    if (bad === undefined || !covers(bad.access, needed)) return false;
    if (bad.renewed && this.#parts.now() < bad.young) throw tokenRejected(this.#attempt(demand));
    return true;
  }

  /** A token for everything known to be needed, or, from a server that gives none for so much, for this alone. */
  async #widest(demand: Demand, needed: Access, how: Asking): Promise<Token> {
    if (!this.#unionRefused) {
      const wide = fitting(needed, this.#access);
      const answer = await this.#shared(demand, wide, how);
      if (typeof answer !== 'number') return answer;
      if (covers(needed, wide)) throw this.#refused(demand, needed, answer);
      this.#unionRefused = true;
    }
    const narrow = this.#needed(demand, needed);
    const answer = await this.#shared(demand, narrow, how);
    if (typeof answer === 'number') throw this.#refused(demand, narrow, answer);
    return answer;
  }

  #refused(demand: Demand, access: Access, status: number): AuthError {
    const error = scopeRefused(this.#attempt(demand), status);
    this.#denied.set(keyOf(access), error);
    return error;
  }

  /** One request for all who want the same at the same time; a status when it is refused. */
  #shared(demand: Demand, access: Access, how: Asking): Promise<Token | number> {
    const key = keyOf(access);
    const known = this.#loginRefused ?? this.#denied.get(key);
    if (known !== undefined) throw known;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const ask = (): Promise<Token | number> => this.#request(demand, access, how);
    const answer = this.#proven(ask).finally(() => this.#pending.delete(key));
    this.#pending.set(key, answer);
    return answer;
  }

  /** One request tries a login out before others show it: many wrong ones at once may lock an account. */
  async #proven(ask: () => Promise<Token | number>): Promise<Token | number> {
    if (this.#proof === undefined || this.#parts.credential.kind === 'anonymous') {
      const answer = ask();
      this.#proof = answer.catch(() => undefined);
      return answer;
    }
    await this.#proof;
    if (this.#loginRefused !== undefined) throw this.#loginRefused;
    return ask();
  }

  async #request(demand: Demand, access: Access, { server, renewed }: Asking): Promise<Token | number> {
    const { credential, owner, now } = this.#parts;
    const started = now();
    const request = { ...server, scopes: scopeTexts(access), credential, owner };
    const answer = await requestToken(request, this.#parts);
    if ('refused' in answer) {
      const isLogin = answer.refused === 401 && credential.kind !== 'anonymous';
      if (isLogin) throw this.#wrongLogin(demand, `the token server of ${owner.registry}`);
      return answer.refused;
    }
    const token: Token = {
      header: `Bearer ${answer.token}`,
      access,
      expires: started + 1000 * Math.max(60, answer.lifetime),
      young: started + 1000 * Math.min(60, Math.max(10, answer.lifetime)),
      renewed,
    };
    this.#tokens = [token, ...this.#tokens.filter((old) => !covers(access, old.access))];
    return token;
  }

  /** A wrong password is shown once: further tries would only lock the account. */
  #wrongLogin(demand: Demand, by: string): AuthError {
    this.#fixed = undefined;
    this.#loginRefused = loginRefused(this.#attempt(demand), by, 401);
    return this.#loginRefused;
  }

  #attempt(demand: Demand): Attempt {
    return {
      registry: this.#parts.owner.registry,
      scope: demand.scope,
      credential: this.#parts.credential,
    };
  }
}

/** `needed`, and as much of the rest as fits into one request. */
function fitting(needed: Access, rest: Access): Access {
  let chosen = needed;
  let length = scopeTexts(needed).join(' ').length;
  for (const scope of rest.scopes) {
    if (scope.actions.every((action) => coversScope(chosen.scopes, { ...scope, actions: [action] })))
      continue;
    length += scope.repository.length + 32;
    if (length <= scopeLength) chosen = unite(chosen, { scopes: [scope], others: [] });
  }
  return unite(chosen, { scopes: [], others: rest.others });
}

function keyOf(access: Access): string {
  return scopeTexts(access).toSorted().join(' ');
}
