/** The in-process registry's token endpoint on an origin of its own. */

import { defaultAccount, usualChallenge } from '../registry/registry-auth.ts';
import { Refusal } from '../registry/registry-errors.ts';
import { secretOf } from '../run/secrets.ts';
import type { Answer, WireRequest } from '../wire/wire.ts';
import { type Injection, type WireHandler, WireServer, type WireServerOptions } from '../wire/wire-server.ts';
import type { WireEntry } from '../wire/wire-transcript.ts';
import { TokenIssuer, type TokenOptions } from './token-issuer.ts';

export interface BearerServer {
  /** The realm: give `{ url, tokens }` to a registry as `auth.issuer`. */
  readonly url: string;
  readonly host: string;
  readonly tokens: TokenIssuer;
  readonly wire: readonly WireEntry[];
  inject(injection: Injection): void;
  close(): Promise<void>;
}

/** Starts a token endpoint on a free port of 127.0.0.1. */
export async function startBearerServer(
  options: TokenOptions & WireServerOptions = {},
): Promise<BearerServer> {
  const accounts = options.accounts ?? [defaultAccount];
  for (const { username, password } of accounts) secretOf(username, password);
  const tokens = new TokenIssuer(options, accounts);
  const server = await WireServer.start(handlerOf(tokens), options);
  return {
    url: `${server.url}/token`,
    host: server.host,
    tokens,
    wire: server.wire,
    inject: (injection) => server.inject(injection),
    close: () => server.close(),
  };
}

function handlerOf(tokens: TokenIssuer): WireHandler {
  return {
    async answer(request: WireRequest): Promise<Answer> {
      try {
        return await tokens.answer(request);
      } catch (error) {
        if (error instanceof Refusal) return error.answer;
        throw error;
      }
    },
    unauthorized: () => ({
      status: 401,
      headers: { 'www-authenticate': usualChallenge('basic', { realm: 'tokens', service: tokens.service }) },
    }),
  };
}
