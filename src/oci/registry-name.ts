import { FormatError, quote } from './format-error.ts';

/** The name of Docker Hub in references. */
export const dockerHub = 'docker.io';

const dockerHubHosts: readonly string[] = [dockerHub, 'index.docker.io', 'registry-1.docker.io'];
const maxHostLength = 253;
const form =
  'a host name, IPv4 address or [IPv6 address], and :port when needed, such as ghcr.io or localhost:5000';

/**
 * Reads the registry part of a reference, `host[:port]`, in lower case; the hosts of Docker Hub become `docker.io`.
 * `text`: the whole reference, for messages. Throws FormatError when it is not a host, or its port is not from 1 to
 * 65535.
 */
export function parseRegistry(registry: string, text: string): string {
  const flaw = registryFlaw(registry);
  if (flaw !== undefined) {
    throw new FormatError(`registry ${quote(registry)} of ${quote(text)} ${flaw}`, form);
  }
  return canonicalRegistry(registry);
}

/** A registry in lower case, with `docker.io` for every host of Docker Hub. */
export function canonicalRegistry(registry: string): string {
  const lower = registry.toLowerCase();
  return dockerHubHosts.includes(lower) ? dockerHub : lower;
}

function registryFlaw(registry: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(registry)) return 'is a URL: remove the part up to "//"';
  const { host, port } = splitPort(registry);
  if (port !== undefined && !isPort(port)) return 'has a port that is not a number from 1 to 65535';
  if (host.length > maxHostLength)
    return `has a host of ${host.length} characters: at most ${maxHostLength} are allowed`;
  if (host.startsWith('[')) return isIpv6(host) ? undefined : 'is not an IPv6 address in brackets';
  if (!host.split('.').every(isHostLabel)) return 'is not a host name';
  return URL.canParse(`https://${registry}`) ? undefined : 'is not a host name or address';
}

function splitPort(registry: string): { host: string; port?: string } {
  const colon = registry.lastIndexOf(':');
  if (colon < 0 || registry.endsWith(']')) return { host: registry };
  return { host: registry.slice(0, colon), port: registry.slice(colon + 1) };
}

function isPort(port: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535;
}

function isHostLabel(label: string): boolean {
  return label.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label);
}

function isIpv6(host: string): boolean {
  return /^\[[0-9A-Fa-f:]{2,39}\]$/.test(host) && URL.canParse(`https://${host}`);
}
