import { BlockList, isIP } from 'node:net';
import { isLoopbackRegistry } from '../oci/reference.ts';
import type { Environment } from '../run/environment.ts';
import { NetworkError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { basicPair } from './message.ts';

/** A proxy and the headers it needs. */
export interface ProxyAddress {
  /** http or https, without user and password. */
  readonly url: URL;
  /** `proxy-authorization` when the variable holds a login. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The proxy for an origin; undefined when it is reached directly. Throws NetworkError (PROXY). */
export type ProxySource = (origin: URL) => ProxyAddress | undefined;

/** By the scheme of the request; the lower-case name comes first. */
const variables: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY'],
};

/**
 * The proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, read as docker and curl do: a proxy without a scheme is an
 * http one; NO_PROXY lists hosts (which include their subdomains), `host:port`, addresses, networks such as
 * `10.0.0.0/8`, or `*`; a loopback registry never has a proxy. Passwords are masked at once.
 */
export function proxiesOf(environment: Environment, observer: Observer): ProxySource {
  for (const name of Object.values(variables).flat()) maskLogin(environment[name] ?? '', observer);
  return (origin) => {
    const name = variables[origin.protocol]?.find((each) => (environment[each] ?? '') !== '');
    if (name === undefined || isLoopbackRegistry(origin.host)) return undefined;
    if (isExcluded(origin, environment['no_proxy'] || environment['NO_PROXY'] || '')) return undefined;
    return addressOf(name, environment[name] ?? '');
  };
}

function maskLogin(value: string, observer: Observer): void {
  const url = parse(value);
  if (url === null || url.password === '') return;
  const [username, password] = loginOf(url);
  for (const text of [url.password, password, basicPair(username, password)]) observer.secret(text);
}

function addressOf(name: string, value: string): ProxyAddress {
  const url = parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new NetworkError('PROXY', `${name} is not the URL of an http or https proxy`, {
      hint: `Write http://host:port or http://user:password@host:port, with special characters of the password as %-escapes. The value of ${name} is not shown because it may hold a password.`,
    });
  }
  const [username, password] = loginOf(url);
  const isAnonymous = username === '' && password === '';
  return {
    url: new URL(url.origin),
    headers: isAnonymous ? {} : { 'proxy-authorization': `Basic ${basicPair(username, password)}` },
  };
}

function parse(value: string): URL | null {
  return URL.parse(value.includes('://') ? value : `http://${value}`);
}

function loginOf({ username, password }: URL): readonly [string, string] {
  return [unescaped(username), unescaped(password)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isExcluded(origin: URL, list: string): boolean {
  const host = unbracketed(origin.hostname);
  const port = origin.port || (origin.protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/).some((entry) => {
    const [, name = entry, only = port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    return name !== '' && only === port && coversHost(unbracketed(name).toLowerCase(), host);
  });
}

function coversHost(name: string, host: string): boolean {
  if (name === '*') return true;
  if (isIP(host) !== 0) return coversAddress(name, host);
  const domain = name.replace(/^\*?\./, '');
  return (host === domain && !name.startsWith('*')) || host.endsWith(`.${domain}`);
}

/** `name`: an address, or a network as address/bits. */
function coversAddress(name: string, host: string): boolean {
  const [address = '', bits] = name.split('/');
  const [family, maxLength] = isIP(host) === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
  const length = bits === undefined ? maxLength : Number(bits);
  if (isIP(address) !== isIP(host) || !Number.isInteger(length) || length < 0 || length > maxLength)
    return false;
  const network = new BlockList();
  network.addSubnet(address, length, family);
  return network.check(host, family);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.+)\]$/, '$1');
}
