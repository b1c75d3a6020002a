import type { Challenge } from './challenge.ts';

/** The token server of matching hosts; HOST stands for the matching host. */
interface KnownTokenServer {
  readonly host: RegExp;
  readonly realm: string;
  readonly service: string;
}

/**
 * Registries whose challenge is known before they send it, from the documentation of their vendors and their responses.
 * Amazon's public.ecr.aws is not listed: it expects tokens for its own scope (`aws`), and rejects a wrong token with
 * 400 and no challenge, so a wrong entry could not be corrected.
 */
const tokenServers: readonly KnownTokenServer[] = [
  { host: /^ghcr\.io$/, realm: 'https://ghcr.io/token', service: 'ghcr.io' },
  {
    host: /^registry-1\.docker\.io$/,
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
  },
  { host: /^quay\.io$/, realm: 'https://quay.io/v2/auth', service: 'quay.io' },
  {
    host: /^registry\.gitlab\.com$/,
    realm: 'https://gitlab.com/jwt/auth',
    service: 'container_registry',
  },
  { host: /^(?:[a-z0-9-]+\.)?gcr\.io$/, realm: 'https://HOST/v2/token', service: 'HOST' },
  { host: /^[a-z0-9-]+-docker\.pkg\.dev$/, realm: 'https://HOST/v2/token', service: 'HOST' },
  { host: /^[a-z0-9-]+\.azurecr\.io$/, realm: 'https://HOST/oauth2/token', service: 'HOST' },
];

/**
 * Private registries of Amazon ECR, which answer Basic: with a region, also FIPS and dual-stack endpoints.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html and
 * https://docs.aws.amazon.com/general/latest/gr/ecr.html
 */
const basicHost = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com|amazonaws\.com\.cn|on\.aws)$/;

/** The challenge that a known registry answers with, without a scope; undefined for all other origins. */
export function knownChallenge(origin: URL): Challenge | undefined {
  const { protocol, host } = origin;
  // With a port other than 443, the host includes it and matches nothing.
  if (protocol !== 'https:') return undefined;
  if (basicHost.test(host)) return { scheme: 'basic', parameters: new Map() };
  const known = tokenServers.find((server) => server.host.test(host));
  if (known === undefined) return undefined;
  const [realm, service] = [known.realm, known.service].map((text) => text.replace('HOST', host));
  return {
    scheme: 'bearer',
    parameters: new Map([
      ['realm', realm ?? ''],
      ['service', service ?? ''],
    ]),
  };
}
