import type { Credential } from '../credentials/credential.ts';
import type { Clock } from '../run/clock.ts';
import { Memo } from '../run/memo.ts';
import { scopeRefused, tokenRejected } from './auth-error.ts';
import type { Challenge } from './challenge.ts';
import {
  type Access,
  type AccessRequest,
  accessOf,
  covers,
  coversScope,
  grantOf,
  type Scope,
  scopeTexts,
  unite,
} from './scope.ts';
import { parseRealm, type RealmOwner, type TokenAnswer, type TokenRequest } from './token-server.ts';

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

/** Requests a token for scopes; throws AuthError when the login is refused. */
type Fetch = (
  request: AccessRequest,
  server: Pick<TokenRequest, 'realm' | 'service' | 'scopes'>,
) => Promise<TokenAnswer>;

/** Milliseconds before its end from which on a token is not used, for the time that a request takes. */
const expiryMargin = 5_000;

/** The tokens of one login at one origin: those held, those being requested, and those refused. */
export class TokenCache {
  readonly #owner: RealmOwner;
  readonly #credential: Credential;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #fetch: Fetch;
  readonly #wanted = new WantedAccess();
  /** Newest first. */
  #tokens: readonly Token[] = [];
  /** The requests in progress, and the refusals: those are not asked for again. By access. */
  readonly #outcomes = new Memo<string, TokenOutcome>();

  constructor(owner: RealmOwner, credential: Credential, clock: Pick<Clock, 'now'>, fetch: Fetch) {
    this.#owner = owner;
    this.#credential = credential;
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** The Authorization value of a held token for the scope. */
  find(scope: Scope): string | undefined {
    return this.#held({ scopes: [scope], others: [] })?.header;
  }

  /** The Authorization value of a token other than the rejected one; throws AuthError or NetworkError. */
  async obtain(request: AccessRequest, challenge: Challenge, expected: readonly Scope[]): Promise<string> {
    const { parameters } = challenge;
    const realm = parseRealm(parameters.get('realm') ?? '', this.#owner);
    const added = this.#wanted.add(request, accessOf(challenge), expected);
    const held = this.#held(added);
    if (held !== undefined && held.header !== request.rejected) return held.header;
    const server = { realm, service: parameters.get('service') };
    const isPart = this.#lacksScope(request, added, parameters.get('error'));
    const needed = isPart ? this.#wanted.narrow(request, added) : added;
    const isRenewal = isPart || this.#isRenewal(request, needed);
    const token = await this.#newToken(request, needed, { server, isRenewal });
    if (token.header === request.rejected) throw tokenRejected(request, this.#credential);
    return token.header;
  }

  #held(needed: Access): Token | undefined {
    const now = this.#clock.now();
    return this.#tokens.find((token) => token.expires - expiryMargin > now && covers(token.access, needed));
  }

  /**
   * Whether the rejected token was requested for several scopes and has only some: the registry says so, the token does,
   * or it replaced one that was rejected, too. Portus and docker_auth issue such tokens
   * (https://github.com/cesanta/docker_auth/issues/67).
   */
  #lacksScope(request: AccessRequest, needed: Access, error: string | undefined): boolean {
    const token = this.#tokens.find(({ header }) => header === request.rejected);
    if (token === undefined || !covers(token.access, needed)) return false;
    if (scopeTexts(token.access).length <= 1) return false;
    const isRefused = error === 'insufficient_scope' || grantOf(token.header, request.scope) === 'denied';
    return isRefused || (token.isRenewal && this.#clock.now() < token.freshUntil);
  }

  /** Whether the rejected token should have been valid; throws when that token was a renewal itself. */
  #isRenewal(request: AccessRequest, needed: Access): boolean {
    const rejected = this.#tokens.find((token) => token.header === request.rejected);
    if (rejected === undefined || !covers(rejected.access, needed)) return false;
    if (rejected.isRenewal && this.#clock.now() < rejected.freshUntil) {
      throw tokenRejected(request, this.#credential);
    }
    return true;
  }

  /** A token for all wanted access or, from a server that refuses so much, for the needed access alone. */
  async #newToken(request: AccessRequest, needed: Access, source: TokenSource): Promise<Token> {
    const access = this.#wanted.widest(needed);
    let outcome = await this.#shared(request, access, source);
    if ('refused' in outcome && !covers(needed, access)) {
      outcome = await this.#shared(request, this.#wanted.narrow(request, needed), source);
    }
    if ('refused' in outcome) throw scopeRefused(request, this.#credential, outcome.refused);
    return outcome;
  }

  /** Shares one request between all who want the same access at the same time. */
  #shared(request: AccessRequest, access: Access, source: TokenSource): Promise<TokenOutcome> {
    const key = scopeTexts(access).toSorted().join(' ');
    return this.#outcomes.get(key, async () => {
      let isRefused = false;
      try {
        const outcome = await this.#request(request, access, source);
        isRefused = 'refused' in outcome;
        return outcome;
      } finally {
        if (!isRefused) this.#outcomes.forget(key);
      }
    });
  }

  async #request(request: AccessRequest, access: Access, source: TokenSource): Promise<TokenOutcome> {
    const answer = await this.#fetch(request, { ...source.server, scopes: scopeTexts(access) });
    if ('refused' in answer) return answer;
    const { token: value, requested, lifetime } = answer;
    const token: Token = {
      header: `Bearer ${value}`,
      access,
      // At least a minute: https://distribution.github.io/distribution/spec/auth/token/
      expires: requested + 1000 * Math.max(60, lifetime),
      freshUntil: requested + 1000 * Math.min(60, Math.max(10, lifetime)),
      isRenewal: source.isRenewal,
    };
    this.#tokens = [token, ...this.#tokens.filter((old) => !covers(access, old.access))];
    return token;
  }
}

/** Characters of scopes in one token request, which keeps its URL within the 8 KiB that servers accept. */
const maxScopeLength = 4096;
/** Challenges that may widen the wanted access; a registry that needs more leads in circles. */
const maxWidenings = 16;

/** The access that a login's tokens should have. It only grows, so that one token comes to serve all requests. */
class WantedAccess {
  #access: Access = { scopes: [], others: [] };
  #widenings = 0;
  /** `single`: the token server refuses tokens for several scopes, or grants only one of them. */
  #tokens: 'wide' | 'single' = 'wide';

  /** Adds the access of a request, of a challenge and of the run; returns the part that the request itself needs. */
  add({ scope }: AccessRequest, challenged: Access, expected: readonly Scope[]): Access {
    const own: Access = { scopes: [scope], others: [] };
    this.#access = unite(this.#access, { scopes: [scope, ...expected], others: [] });
    if (!covers(this.#access, challenged)) {
      this.#widenings += 1;
      if (this.#widenings > maxWidenings) return own;
      this.#access = unite(this.#access, challenged);
    }
    return unite(own, this.#tokens === 'wide' ? challenged : onlyRepository(challenged, scope));
  }

  /** The access to request: the needed part, and as much of the rest as fits into one request. */
  widest(needed: Access): Access {
    if (this.#tokens === 'single') return needed;
    let chosen = needed;
    let length = scopeTexts(needed).join(' ').length;
    for (const scope of this.#access.scopes) {
      if (coversScope(chosen.scopes, scope)) continue;
      length += scope.repository.length + 32;
      if (length <= maxScopeLength) chosen = unite(chosen, { scopes: [scope], others: [] });
    }
    return unite(chosen, { scopes: [], others: this.#access.others });
  }

  /** Requests single scopes from now on; returns the part of the needed access in the request's own repository. */
  narrow({ scope }: AccessRequest, needed: Access): Access {
    this.#tokens = 'single';
    return unite({ scopes: [scope], others: [] }, onlyRepository(needed, scope));
  }
}

function onlyRepository({ scopes, others }: Access, { repository }: Scope): Access {
  return { scopes: scopes.filter((scope) => scope.repository === repository), others };
}
