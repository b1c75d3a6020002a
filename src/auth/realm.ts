import { AuthError } from '../run/errors.ts';
import { mayLeadTo, reachOf } from '../run/reach.ts';

/** The registry that names a token server. */
export interface RealmOwner {
  readonly registry: string;
  readonly origin: URL;
  /** Whether its token server may have any address. */
  readonly allowPrivate: boolean;
}

/**
 * The URL of a registry's token server, from the `realm` of its challenge.
 * Throws AuthError (REALM) when credentials must not be sent there: a registry must not direct a password to plain
 * HTTP, or to a host inside the runner's network.
 */
export function parseRealm(text: string, owner: RealmOwner): URL {
  // URL parsing drops some of these silently, and the URL would not be the text that was checked.
  if (/[\u0000-\u0020\u007f]/.test(text)) throw refused(owner, 'has white space or control characters');
  const url = URL.parse(text);
  if (url === null) throw refused(owner, 'is not an absolute URL');
  url.hash = '';
  checkRealm(url, owner);
  return url;
}

/** Throws AuthError (REALM) when no token may be requested at a URL, such as a redirect's. */
export function checkRealm(url: URL, owner: RealmOwner): void {
  const { origin } = owner;
  if (url.username !== '' || url.password !== '') throw refused(owner, 'has a user name in it');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && origin.protocol === 'http:')) {
    throw refused(owner, `is not https (${url.protocol.slice(0, -1)}, ${url.host})`);
  }
  if (reachOf(url) === 'special')
    throw refused(owner, `is at an address with a special purpose (${url.host})`);
  if (owner.allowPrivate || url.hostname === origin.hostname) return;
  if (!mayLeadTo(origin, url)) throw refused(owner, `is at a private address (${url.host})`);
}

function refused(owner: RealmOwner, problem: string): AuthError {
  return new AuthError('REALM', `The token server URL of ${owner.registry} ${problem}`, {
    hint: 'Check the registry in the reference, and how its token realm is configured. No credentials were sent there.',
  });
}
