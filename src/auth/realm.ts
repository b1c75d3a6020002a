import { BlockList } from 'node:net';
import { AuthError } from '../run/errors.ts';

/** Whose token server is looked at. */
export interface RealmOwner {
  readonly registry: string;
  readonly origin: URL;
  /** Whether its token server may have any address. */
  readonly allowPrivate: boolean;
}

/**
 * The URL of a registry's token server, from the `realm` of its challenge.
 * Throws AuthError (REALM) when credentials must not be sent there: what a registry says is not trusted
 * to point a request with a password at plain HTTP, or at a host inside the runner's network.
 */
export function parseRealm(text: string, owner: RealmOwner): URL {
  // URL parsing drops some of these silently, so that the URL would not be the text that was checked.
  if (/[\u0000-\u0020\u007f]/.test(text)) throw refused(owner, 'has white space or control characters');
  const url = URL.parse(text);
  if (url === null) throw refused(owner, 'is not an absolute URL');
  url.hash = '';
  checkRealm(url, owner);
  return url;
}

/** Throws AuthError (REALM) when a URL, such as a redirect's, is none that a token may come from. */
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

/** From where an address can be reached. `special`: link-local, cloud metadata, multicast, translated. */
type Reach = 'public' | 'private' | 'loopback' | 'special';

/** A registry may point no further inward than it is itself. */
function mayPointAt(realm: Reach, registry: Reach): boolean {
  if (realm === 'public') return true;
  if (realm === 'private') return registry === 'private' || registry === 'loopback';
  return realm === 'loopback' && registry === 'loopback';
}

function reachOf(url: URL): Reach {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  // URL has brought decimal, octal and hexadecimal forms of IPv4 into dotted form.
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
  return new AuthError('REALM', `The token server that ${owner.registry} names ${problem}`, {
    hint: 'Nothing was sent there. Check that the registry is the one you mean, and how its token realm is configured.',
  });
}
