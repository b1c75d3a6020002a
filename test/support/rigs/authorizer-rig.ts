import assert from 'node:assert/strict';
import { type Authorizer, OriginAuthorizer, type RunAccess } from '../../../src/auth/authorizer.ts';
import type { Scope } from '../../../src/auth/scope.ts';
import { tokenRedirects } from '../../../src/auth/token-server.ts';
import type { Credential } from '../../../src/credentials/credential.ts';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import type { Action } from '../../../src/credentials/login-scope.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { redirected } from '../../../src/http/redirect.ts';
import { AuthError } from '../../../src/run/errors.ts';
import { answer } from './wire-rig.ts';

export const origin = new URL('https://registry.example');
export const registry = 'registry.example';
export const realm = 'https://auth.example/token';
export const bearer = `Bearer realm="${realm}",service="registry.example"`;
export const basic = {
  kind: 'basic',
  username: 'u',
  password: 'p:ä',
  source: 'registry-auth input',
} as const satisfies Credential;
export const anonymous = { kind: 'anonymous', source: 'no login' } as const satisfies Credential;

export function scope(repository: string, ...actions: readonly Action[]): Scope {
  return { repository, actions: actions.length === 0 ? ['pull'] : actions };
}

/** An answer of the token server. */
type Reply = { readonly status: number; readonly body?: unknown; readonly location?: string };

/** A request to the token server, with the scopes of its query. */
type TokenHttpRequest = HttpRequest & { readonly scopes: readonly string[] };

/** An authorizer with a token server that is a function. */
export interface Rig {
  readonly authorizer: Authorizer & RunAccess;
  readonly requests: TokenHttpRequest[];
  readonly secrets: string[];
  /** Milliseconds. */
  clock: number;
  reply: (request: TokenHttpRequest, count: number) => Reply;
  /** Selects requests that get no answer. */
  hang: (request: HttpRequest) => boolean;
  /** Declares that the run needs access. */
  declare(...scopes: readonly Scope[]): void;
  /** The Authorization value that results from a challenge. */
  ask(challenge?: Challenged): Promise<string>;
  /** The Authorization value that a request for a scope is sent with. */
  sentWith(wanted: Scope, at?: URL): Promise<string | undefined>;
}

interface Challenged {
  readonly scope?: Scope;
  readonly challenges?: readonly string[];
  readonly rejected?: string;
  readonly origin?: URL;
  readonly registry?: string;
}

export function rig(
  credential: Credential | ((repository: string | undefined) => Credential) = anonymous,
  allowPrivateRealm?: (registry: string) => boolean,
): Rig {
  const find = typeof credential === 'function' ? credential : () => credential;
  const credentials: Credentials = {
    find: async (_registry, repository) => find(repository),
    mayFind: async (_registry, repository) => find(repository).kind !== 'anonymous',
    headers: async () => ({}),
  };
  const requests: TokenHttpRequest[] = [];
  const secrets: string[] = [];
  const ignore = (): void => undefined;
  const built: Rig = {
    requests,
    secrets,
    clock: 0,
    hang: () => false,
    reply: (_request, count) => ({ status: 200, body: { token: `t${count}`, expires_in: 300 } }),
    authorizer: new OriginAuthorizer({
      credentials,
      observer: { debug: ignore, info: ignore, warning: ignore, secret: (value) => secrets.push(value) },
      clock: { now: () => built.clock },
      allowPrivateRealm,
      send: redirected(async (request) => {
        const recorded = { ...request, scopes: request.url.searchParams.getAll('scope') };
        requests.push(recorded);
        if (built.hang(request)) await new Promise<never>(() => undefined);
        return response(request, built.reply(recorded, requests.length));
      }, tokenRedirects),
    }),
    declare: (...scopes) => {
      for (const each of scopes) built.authorizer.declareAccess(registry, each);
    },
    ask: async ({ challenges = [bearer], ...rest } = {}) => {
      const request = { origin, registry, scope: scope('a'), ...rest };
      return (await built.authorizer.challenged(request, challenges)).value;
    },
    sentWith: async (wanted, at = origin) => {
      let value: string | undefined;
      const request = { origin: at, registry, scope: wanted };
      await built.authorizer.enter(request, async ({ authorization, pending }) => {
        value = (authorization ?? (await pending))?.value;
        return answer(200);
      });
      return value;
    },
  };
  return built;
}

function response(request: HttpRequest, { status, body = '', location }: Reply): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = new Map(location === undefined ? [] : [['location', [location]]]);
  return { status, url: request.url, headers, body: Buffer.from(text) };
}

export function formOf(request: HttpRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(Buffer.from(request?.body as Uint8Array).toString('utf8')));
}

export function authError(code: string, text?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AuthError, String(error));
    assert.equal(error.code, code);
    if (text !== undefined) assert.match(`${error.message} ${error.hint}`, text);
    return true;
  };
}
