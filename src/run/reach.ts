import { BlockList } from 'node:net';

/** The network in which an address can be reached. `special`: link-local, cloud metadata, multicast, reserved. */
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
  if (!/^[\d.]+$|:/.test(host)) return 'public';
  const block = blockOf(host);
  if (block === undefined || block === 'private' || block === 'loopback') return block ?? 'public';
  return 'special';
}

/** Where inward an address that a name resolved to is, for messages; undefined for public and private ones. */
export function inwardPlace(address: string): 'a loopback' | 'a link-local or metadata' | undefined {
  const block = blockOf(address);
  if (block === 'loopback' || block === 'unspecified') return 'a loopback';
  return block === 'local' ? 'a link-local or metadata' : undefined;
}

/** Whether an address that a name resolved to is neither inward nor in a private network. */
export function isPublicAddress(address: string): boolean {
  return [undefined, 'reserved'].includes(blockOf(address));
}

/** IANA's special-purpose registries (https://www.rfc-editor.org/rfc/rfc6890), and the metadata services of clouds. */
const blocks = {
  loopback: list('127.0.0.0/8', '::1/128'),
  unspecified: list('0.0.0.0/8'),
  // Metadata of Alibaba, Azure, Oracle; AWS, Google, Oracle and Scaleway.
  local: list(
    ...['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32', 'fe80::/10'],
    ...['fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:c1::a9fe:a9fe/128', 'fd00:42::42/128'],
  ),
  private: list('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
  reserved: list(...['192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4', 'ff00::/8', '2001::/32']),
} as const;

/** Addresses that end with an IPv4 address: compatible, mapped, translated, and NAT64, by which some runners reach IPv4. */
const endsWithIpv4 = list('::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48');
const sixToFour = list('2002::/16');

function blockOf(address: string): keyof typeof blocks | undefined {
  const plain = address.replace(/%.*$/, '');
  const forms = [plain, ...ipv4In(plain)];
  const names = Object.keys(blocks) as (keyof typeof blocks)[];
  return names.find((name) => forms.some((form) => isIn(blocks[name], form)));
}

/** The IPv4 address that an IPv6 address stands for. */
function ipv4In(address: string): readonly string[] {
  if (!address.includes(':')) return [];
  const start = isIn(endsWithIpv4, address) ? 6 : isIn(sixToFour, address) ? 1 : undefined;
  if (start === undefined) return [];
  const bytes = groupsOf(address)
    .slice(start, start + 2)
    .flatMap((group) => [group >> 8, group & 0xff]);
  return [bytes.join('.')];
}

function groupsOf(address: string): readonly number[] {
  // URL writes each address in one way, without dots.
  const halves = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = halves.map((half) =>
    (half.match(/[^:]+/g) ?? []).map((group) => parseInt(group, 16)),
  );
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function isIn(blockList: BlockList, address: string): boolean {
  return blockList.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function list(...subnets: readonly string[]): BlockList {
  const blockList = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    blockList.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return blockList;
}
