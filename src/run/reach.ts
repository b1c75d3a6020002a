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

function blocks(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
