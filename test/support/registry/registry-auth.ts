/** Authentication and access at a test registry (RFC 9110 §11, distribution's docs: spec/auth/scope). */

import { secretOf } from '../run/secrets.ts';
import { type Account, accountOfBasic, TokenIssuer } from '../tokens/token-issuer.ts';
import type { Access } from '../tokens/token-server.ts';
import { type Answer, requestHeader, type UnauthorizedReason, type WireRequest } from '../wire/wire.ts';
import { registryError } from './registry-errors.ts';
import type { AuthOptions, BasicAuth, BearerAuth, Challenge } from './registry-options.ts';

/** The account of registries that ask for one and were not given any. */
export const defaultAccount: Account = {
  username: 'tester',
  password: 'in-process-passphrase',
  access: { '*': ['pull', 'push', 'delete'] },
};

interface Needed {
  readonly name: string;
  readonly actions: readonly string[];
}

export class Gatekeeper {
  readonly accounts: readonly Account[];
  /** Answers the registry's own token endpoint, when there is one. */
  readonly ownTokens: TokenIssuer | undefined;
  readonly #auth: BasicAuth | BearerAuth | undefined;
  readonly #tokens: TokenIssuer | undefined;

  constructor(options: AuthOptions) {
    this.#auth = typeof options === 'string' ? named(options) : options;
    this.accounts = this.#auth === undefined ? [] : (this.#auth.accounts ?? [defaultAccount]);
    for (const { username, password } of this.accounts) secretOf(username, password);
    if (this.#auth?.kind !== 'bearer') return;
    if (this.#auth.issuer === undefined) this.ownTokens = new TokenIssuer(this.#auth, this.accounts);
    this.#tokens = this.#auth.issuer?.tokens ?? this.ownTokens;
  }

  get tokens(): TokenIssuer | undefined {
    return this.#tokens;
  }

  /** The refusal of a request, or undefined when it may go on. */
  refuse(request: WireRequest, repository: string | undefined): Answer | undefined {
    const auth = this.#auth;
    if (auth === undefined) return undefined;
    const needed = neededBy(request, repository);
    const authorization = requestHeader(request, 'authorization');
    const access = this.#accessOf(authorization);
    if (access === undefined)
      return this.#unauthorized(request, needed, authorization === undefined ? undefined : 'invalid_token');
    if (needed.every((need) => allows(access, need))) return undefined;
    return this.#denied(request, needed);
  }

  /** The 401 of a request whatever it presents; `invalid_token` revokes that. */
  challenge(request: WireRequest, repository: string | undefined, options: ChallengeOptions): Answer {
    const token = bearerToken(requestHeader(request, 'authorization'));
    if (token !== undefined && options.reason === 'invalid_token') this.#tokens?.revoke(token);
    const needed = neededBy(request, repository);
    return this.#unauthorized(request, needed, options.reason, options.scope);
  }

  #accessOf(authorization: string | undefined): Access | undefined {
    if (this.#auth?.kind === 'bearer') {
      const token = bearerToken(authorization);
      return token === undefined ? undefined : this.#tokens?.redeem(token);
    }
    if (authorization === undefined) return this.#auth?.anonymous;
    return accountOfBasic(authorization, this.accounts)?.access;
  }

  #denied(request: WireRequest, needed: readonly Needed[]): Answer {
    const status = this.#auth?.denied ?? (this.#auth?.kind === 'bearer' ? 401 : 403);
    if (status === 401) return this.#unauthorized(request, needed, 'insufficient_scope');
    if (status === 404) return registryError(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    return registryError(403, 'DENIED', 'requested access to the resource is denied');
  }

  #unauthorized(
    request: WireRequest,
    needed: readonly Needed[],
    error: UnauthorizedReason | undefined,
    scope = needed.map(scopeOf).join(' '),
  ): Answer {
    const answer = registryError(401, 'UNAUTHORIZED', 'authentication required');
    if (this.#auth === undefined) return answer;
    const challenge = {
      realm: this.#realm(request),
      service: this.#tokens?.service ?? 'test-registry',
      scope: scope === '' ? undefined : scope,
      error,
    };
    const values = this.#auth.challenge?.(challenge) ?? [usualChallenge(this.#auth.kind, challenge)];
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': values } };
  }

  #realm(request: WireRequest): string {
    const auth = this.#auth;
    if (auth?.kind !== 'bearer') return 'test registry';
    return auth.issuer?.url ?? `${request.url.origin}/token`;
  }
}

export interface ChallengeOptions {
  readonly reason: UnauthorizedReason;
  readonly scope: string | undefined;
}

function named(name: 'none' | 'basic' | 'bearer'): BasicAuth | BearerAuth | undefined {
  return name === 'none' ? undefined : { kind: name };
}

/** The Basic or Bearer challenge most registries send. */
export function usualChallenge(kind: 'basic' | 'bearer', challenge: Challenge): string {
  if (kind === 'basic') return `Basic realm="${challenge.realm}"`;
  const { realm, service, scope, error } = challenge;
  const parameters = Object.entries({ realm, service, scope, error }).filter(
    ([, value]) => value !== undefined,
  );
  return `Bearer ${parameters.map(([name, value]) => `${name}="${value}"`).join(',')}`;
}

function neededBy(request: WireRequest, repository: string | undefined): readonly Needed[] {
  if (repository === undefined) return [];
  const { method, url } = request;
  if (method === 'GET' || method === 'HEAD') return [{ name: repository, actions: ['pull'] }];
  if (method === 'DELETE' && !url.pathname.includes('/blobs/uploads/'))
    return [{ name: repository, actions: ['delete'] }];
  const own = { name: repository, actions: ['pull', 'push'] };
  const from = url.searchParams.get('from');
  return from === null ? [own] : [own, { name: from, actions: ['pull'] }];
}

function allows(access: Access, { name, actions }: Needed): boolean {
  const may = access[name] ?? access['*'] ?? [];
  return actions.every((action) => may.includes(action));
}

function scopeOf({ name, actions }: Needed): string {
  return `repository:${name}:${actions.join(',')}`;
}

function bearerToken(authorization: string | undefined): string | undefined {
  const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return token;
}
