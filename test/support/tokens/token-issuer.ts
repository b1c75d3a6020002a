/** Issues bearer tokens and knows what they are good for (distribution's docs: spec/auth/token, spec/auth/oauth). */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../registry/registry-errors.ts';
import { secret } from '../run/secrets.ts';
import { type Answer, readBody, requestHeader, type WireRequest } from '../wire/wire.ts';
import type { Access, TokenUser } from './token-server.ts';

const requestLimit = 64 * 1024;

export interface Account extends TokenUser {
  /** An identity token that stands for the password. */
  readonly refreshToken?: string;
}

export interface TokenOptions {
  readonly accounts?: readonly Account[];
  readonly anonymous?: Access;
  readonly service?: string;
  /** How long a token is really good for; default without end. */
  readonly lifetimeMilliseconds?: number;
  /** How many requests a token is good for; default without end. */
  readonly uses?: number;
  /** Grants one of several scopes only, as docker_auth and Portus do. */
  readonly honours?: 'first-scope' | 'last-scope';
}

/** A token request and its answer. */
export interface TokenRecord {
  readonly method: string;
  readonly username: string | undefined;
  readonly scopes: readonly string[];
}

interface Grant {
  readonly access: Access;
  readonly expires: number;
  uses: number;
}

interface TokenQuery {
  readonly scopes: readonly string[];
  readonly account: Account | undefined;
  readonly offline: boolean;
}

export class TokenIssuer {
  readonly service: string;
  /** Successful token requests, oldest first. */
  readonly records: TokenRecord[] = [];
  readonly #options: TokenOptions;
  readonly #accounts: readonly Account[];
  readonly #grants = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, Account>();

  constructor(options: TokenOptions, accounts: readonly Account[]) {
    this.#options = options;
    this.#accounts = accounts;
    this.service = options.service ?? 'test-registry';
    for (const account of accounts)
      if (account.refreshToken !== undefined) this.#refreshTokens.set(secret(account.refreshToken), account);
  }

  async answer(request: WireRequest): Promise<Answer> {
    if (request.method === 'GET') return this.#issue(request, this.#fromQuery(request));
    if (request.method !== 'POST') throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
    return this.#issue(request, this.#fromForm(await readForm(request)));
  }

  /** The access that a token in a request gives, or undefined when it is not (or no longer) valid. */
  redeem(token: string): Access | undefined {
    const grant = this.#grants.get(token);
    if (grant === undefined || grant.expires < Date.now() || grant.uses <= 0) return undefined;
    grant.uses -= 1;
    return grant.access;
  }

  revoke(token: string): void {
    this.#grants.delete(token);
  }

  revokeAll(): void {
    this.#grants.clear();
  }

  #fromQuery(request: WireRequest): TokenQuery {
    const { searchParams } = request.url;
    this.#checkService(searchParams);
    const account = this.#signedIn(requestHeader(request, 'authorization'));
    const offline = searchParams.get('offline_token') === 'true';
    return { scopes: splitScopes(searchParams.getAll('scope')), account, offline };
  }

  #fromForm(form: URLSearchParams): TokenQuery {
    this.#checkService(form);
    if (!form.has('client_id')) throw new Refusal(400, 'UNKNOWN', 'client_id is required');
    const offline = form.get('access_type') === 'offline';
    return { scopes: splitScopes(form.getAll('scope')), account: this.#accountOf(form), offline };
  }

  #checkService(parameters: URLSearchParams): void {
    if (parameters.get('service') !== this.service) throw new Refusal(400, 'UNKNOWN', 'unknown service');
  }

  #accountOf(form: URLSearchParams): Account {
    const type = form.get('grant_type');
    const account =
      type === 'refresh_token'
        ? this.#refreshTokens.get(form.get('refresh_token') ?? '')
        : this.#accounts.find(isAccount(form.get('username'), form.get('password')));
    if (account === undefined || (type !== 'refresh_token' && type !== 'password')) throw unknownUser();
    return account;
  }

  #signedIn(authorization: string | undefined): Account | undefined {
    if (authorization === undefined) return undefined;
    const account = accountOfBasic(authorization, this.#accounts);
    if (account === undefined) throw unknownUser();
    return account;
  }

  #issue(request: WireRequest, { scopes, account, offline }: TokenQuery): Answer {
    const allowed = account?.access ?? this.#options.anonymous;
    if (allowed === undefined) throw unknownUser();
    const token = this.#grant(granted(this.#honoured(scopes), allowed));
    this.records.push({ method: request.method, username: account?.username, scopes });
    const body = {
      token,
      access_token: token,
      expires_in: 300,
      issued_at: new Date().toISOString(),
      ...(account !== undefined && offline && { refresh_token: this.#refreshToken(account) }),
    };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }

  #honoured(scopes: readonly string[]): readonly string[] {
    const { honours } = this.#options;
    if (honours === undefined) return scopes;
    return honours === 'first-scope' ? scopes.slice(0, 1) : scopes.slice(-1);
  }

  #grant(access: Access): string {
    const token = secret(`bearer.${randomUUID()}`);
    const { lifetimeMilliseconds = Infinity, uses = Infinity } = this.#options;
    this.#grants.set(token, { access, uses, expires: Date.now() + lifetimeMilliseconds });
    return token;
  }

  #refreshToken(account: Account): string {
    const token = secret(`refresh.${randomUUID()}`);
    this.#refreshTokens.set(token, account);
    return token;
  }
}

/** The account a Basic header value signs in, or undefined. */
export function accountOfBasic(authorization: string, accounts: readonly Account[]): Account | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : accounts.find(isAccount(text.slice(0, colon), text.slice(colon + 1)));
}

function isAccount(username: string | null, password: string | null): (account: Account) => boolean {
  return (account) => account.username === username && account.password === password;
}

async function readForm(request: WireRequest): Promise<URLSearchParams> {
  const type = requestHeader(request, 'content-type')?.split(';', 1)[0];
  if (type !== 'application/x-www-form-urlencoded') throw new Refusal(400, 'UNKNOWN', 'not a form');
  return new URLSearchParams((await readBody(request, requestLimit)).toString());
}

function splitScopes(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(' ')).filter((scope) => scope !== '');
}

/** The part of the scopes that is allowed. */
function granted(scopes: readonly string[], allowed: Access): Access {
  const access: Record<string, string[]> = {};
  for (const scope of scopes) {
    const [, name = '', actions = ''] = /^repository:(.+):([^:]*)$/.exec(scope) ?? [];
    const may = allowed[name] ?? allowed['*'] ?? [];
    access[name] = [...(access[name] ?? []), ...actions.split(',').filter((action) => may.includes(action))];
  }
  return access;
}

function unknownUser(): Refusal {
  return new Refusal(401, 'UNAUTHORIZED', 'incorrect username or password');
}
