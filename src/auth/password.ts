import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/keychain.ts';
import { basicPair } from '../http/authorization.ts';
import type { Send } from '../http/message.ts';
import { type Attempt, loginMissing, loginRefused, loginUnfit } from './auth-error.ts';
import type { ScopedRequest } from './authorized.ts';

/**
 * Sends requests with the user name and password of their registry, without waiting for a challenge: for APIs that do
 * not accept a registry's tokens and send no challenge. Throws AuthError UNAUTHORIZED when there is no password, or
 * when the registry rejects it.
 */
export function passwordAuthorized(send: Send, credentials: Credentials): Send<ScopedRequest> {
  return async (request) => {
    const { registry, scope, origin } = request;
    const credential = await credentials.find(registry, scope.repository, scope.actions);
    const attempt: Attempt = { registry, scope, credential };
    const { username, password } = passwordOf(credential, attempt);
    const authorization = `Basic ${basicPair(username, password)}`;
    const headers = await credentials.headers(registry);
    // `located` has checked that the URL is on this origin.
    const response = await send({ ...request, originHeaders: { ...headers, authorization } });
    if (response.status === 401 && response.url.origin === origin.origin) {
      throw loginRefused(attempt, registry, 401);
    }
    if (response.status < 400) return response;
    return { ...response, login: { source: credential.source, authorization } };
  };
}

/** The user name and password of a credential; throws AuthError UNAUTHORIZED when it has none. */
export function passwordOf(credential: Credential, attempt: Attempt): Extract<Credential, { kind: 'basic' }> {
  if (credential.kind === 'basic') return credential;
  throw credential.kind === 'anonymous' ? loginMissing(attempt) : loginUnfit(attempt);
}
