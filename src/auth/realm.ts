import { BlockList } from 'node:net';
import { AuthError } from '../run/errors.ts';

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
  if (owner.allowPrivate || url.hostname === origin.hostname) return;
  if (!mayPointAt(reachOf(url), reachOf(origin)))
    throw refused(owner, `is at a private address (${url.host})`);
}

/** The network in which an address can be reached. `special`: link-local, cloud metadata, multicast, translated. */
type Reach = 'public' | 'private' | 'loopback' | 'special';

/** A registry may name a token server in its own network or a more public one. */
function mayPointAt(realm: Reach, registry: Reach): boolean {
  if (realm === 'public') return true;
  if (realm === 'private') return registry === 'private' || registry === 'loopback';
  return realm === 'loopback' && registry === 'loopback';
}

function reachOf(url: URL): Reach {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  // URL has already turned decimal, octal and hexadecimal IPv4 addresses into dotted ones.
  const family = host.includes(':') ? 'ipv6' : 'ipv4';
  if (family === 'ipv4' && !/^[\d.]+$/.test(host)) return 'public';
  const reach = (['loopback', 'private', 'special'] as const).find((name) => lists[name].check(host, family));
  return reach ?? 'public';
}

/** IANA's special-purpose registries, https://www.rfc-editor.org/rfc/rfc6890; IPv4-mapped forms are matched too. */
const lists = {
  loopback: blocks('127.0.0.0/8', '::1/128'),
  private: blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
  special: blocks(
    ...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
    // The last five hold an IPv4 address: compatible, NAT64, Teredo and 6to4.
    ...['fe80::/10', 'ff00::/8', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
  ),
} as const;

function blocks(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

function refused(owner: RealmOwner, problem: string): AuthError {
  return new AuthError('REALM', `The token server URL of ${owner.registry} ${problem}`, {
    hint: 'Check the registry in the reference, and how its token realm is configured. No credentials were sent there.',
  });
}
