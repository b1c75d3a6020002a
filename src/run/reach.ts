import { BlockList } from 'node:net';

/** The network in which an address can be reached. `special`: link-local, cloud metadata, multicast, translated. */
type Reach = 'public' | 'private' | 'loopback' | 'special';

/**
 * Whether a registry may lead a client to a URL, as its token server or by a redirect: into its own network or a more
 * public one, and never to a special address.
 */
export function mayLeadTo(registry: URL, target: URL): boolean {
  const [own, reach] = [reachOf(registry), reachOf(target)];
  if (reach === 'public') return true;
  if (reach === 'private') return own === 'private' || own === 'loopback';
  return reach === 'loopback' && own === 'loopback';
}

/** The reach of a URL's host by its address; names count as public, because they are not resolved here. */
export function reachOf(url: URL): Reach {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'metadata.google.internal') return 'special';
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  // URL has already turned decimal, octal and hexadecimal IPv4 addresses into dotted ones.
  const family = host.includes(':') ? 'ipv6' : 'ipv4';
  if (family === 'ipv4' && !/^[\d.]+$/.test(host)) return 'public';
  const reach = (['loopback', 'special', 'private'] as const).find((name) => lists[name].check(host, family));
  return reach ?? 'public';
}

/** Where inward an address that a name resolved to is, for messages; undefined for public and private ones. */
export function inwardPlace(address: string): 'a loopback' | 'a link-local or metadata' | undefined {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const plain = address.replace(/%.*$/, '');
  if (inward.loopback.check(plain, family)) return 'a loopback';
  return inward.local.check(plain, family) ? 'a link-local or metadata' : undefined;
}

/** Whether an address that a name resolved to is neither inward nor in a private network. */
export function isPublicAddress(address: string): boolean {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return inwardPlace(address) === undefined && !lists.private.check(address.replace(/%.*$/, ''), family);
}

/** IANA's special-purpose registries, https://www.rfc-editor.org/rfc/rfc6890; IPv4-mapped forms are matched too. */
const lists = {
  loopback: blocks('127.0.0.0/8', '::1/128'),
  private: blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
  special: blocks(
    ...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
    // Metadata of Alibaba, Azure and AWS.
    ...['100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::/32'],
    // The last five hold an IPv4 address: compatible, NAT64, Teredo and 6to4.
    ...['fe80::/10', 'ff00::/8', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
  ),
} as const;

/** Only what no public service has: NAT64 and 6to4 addresses, by which some runners reach IPv4, count as the IPv4 address. */
const inward = {
  loopback: blocks(...['127.0.0.0/8', '0.0.0.0/8', '::/127'], ...translated('7f', 8), ...translated('00', 8)),
  local: blocks(
    ...['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', 'fe80::/10', 'fd00:ec2::/32'],
    ...[...translated('a9fe', 16), ...translated('6464:64c8', 32), ...translated('a83f:8110', 32)],
  ),
} as const;

/** The blocks of IPv6 that hold a block of IPv4, by its first hexadecimal digits: compatible, NAT64 and 6to4. */
function translated(start: string, bits: number): readonly string[] {
  const [high = '', low = '0'] = start.padEnd(4, '0').split(':');
  const prefixes = ['::', '64:ff9b::', '64:ff9b:1::'].map((prefix) => `${prefix}${high}:${low}/${96 + bits}`);
  return [...prefixes, `2002:${high}:${low}::/${16 + bits}`];
}

function blocks(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
