import assert from 'node:assert/strict';
import { type Authorizer, createAuthorizer } from '../../../src/auth/authorizer.ts';
import type { Scope } from '../../../src/auth/scope.ts';
import { tokenRedirects } from '../../../src/auth/token-request.ts';
import type { Action } from '../../../src/credentials/action.ts';
import type { Credential } from '../../../src/credentials/credential.ts';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { redirected } from '../../../src/http/redirect.ts';
import { AuthError } from '../../../src/run/errors.ts';

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
export type Reply = { readonly status: number; readonly body?: unknown; readonly location?: string };

/** An authorizer with a token server that is a function. */
export interface Rig {
  readonly authorizer: Authorizer;
  readonly requests: HttpRequest[];
  readonly secrets: string[];
  /** Milliseconds. */
  clock: number;
  reply: (request: HttpRequest, count: number) => Reply;
  /** Selects requests that get no answer. */
  hang: (request: HttpRequest) => boolean;
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
  const requests: HttpRequest[] = [];
  const secrets: string[] = [];
  const ignore = (): void => undefined;
  const built: Rig = {
    requests,
    secrets,
    clock: 0,
    hang: () => false,
    reply: (_request, count) => ({ status: 200, body: { token: `t${count}`, expires_in: 300 } }),
    authorizer: createAuthorizer({
      credentials,
      observer: { debug: ignore, info: ignore, warning: ignore, secret: (value) => secrets.push(value) },
      clock: { now: () => built.clock },
      allowPrivateRealm,
      send: redirected(async (request) => {
        requests.push(request);
        if (built.hang(request)) await new Promise<never>(() => undefined);
        return response(request, built.reply(request, requests.length));
      }, tokenRedirects),
    }),
  };
  return built;
}

function response(request: HttpRequest, { status, body = '', location }: Reply): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = new Map(location === undefined ? [] : [['location', [location]]]);
  return { status, url: request.url, headers, body: Buffer.from(text) };
}

interface Ask {
  readonly scope?: Scope;
  readonly challenges?: readonly string[];
  readonly rejected?: string;
  readonly origin?: URL;
}

export async function ask({ authorizer }: Rig, { rejected, ...rest }: Ask = {}): Promise<string> {
  const defaults = { origin, registry, scope: scope('a'), challenges: [bearer] };
  return (await authorizer.challenged({ ...defaults, ...rest, rejected })).value;
}

/** The Authorization value known for a scope. */
export function known({ authorizer }: Rig, wanted: Scope, at: URL = origin): string | undefined {
  return authorizer.authorization(at, wanted)?.value;
}

export function scopesOf(request: HttpRequest | undefined): readonly string[] {
  return request?.url.searchParams.getAll('scope') ?? [];
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
