import { type Challenge, namesRealm } from './challenge.ts';

/**
 * Registries whose challenge is known before they send it, each with a thread or page that shows it; HOST stands for
 * the host. Amazon's public.ecr.aws is not listed: it rejects a wrong token with 400 and no challenge, so a wrong entry
 * could not be corrected. https://github.com/aws/containers-roadmap/issues/2835
 */
const tokenServers = [
  // https://github.com/opensciencegrid/cvmfs-singularity-sync/pull/353
  { host: /^ghcr\.io$/, realm: 'https://ghcr.io/token', service: 'ghcr.io' },
  // https://distribution.github.io/distribution/spec/auth/token/
  { host: /^registry-1\.docker\.io$/, realm: 'https://auth.docker.io/token', service: 'registry.docker.io' },
  // https://github.com/quay/claircore/pull/879
  { host: /^quay\.io$/, realm: 'https://quay.io/v2/auth', service: 'quay.io' },
  // https://github.com/deitch/docker_registry2/issues/14
  { host: /^registry\.gitlab\.com$/, realm: 'https://gitlab.com/jwt/auth', service: 'container_registry' },
  // https://github.com/cloudflare/serverless-registry/pull/122
  { host: /^(?:[a-z0-9-]+\.)?gcr\.io$/, realm: 'https://HOST/v2/token', service: 'HOST' },
  // https://github.com/nicholas-fedor/watchtower/issues/1894
  { host: /^[a-z0-9-]+-docker\.pkg\.dev$/, realm: 'https://HOST/v2/token', service: 'HOST' },
  // https://github.com/Azure/acr/issues/207
  { host: /^[a-z0-9-]+\.azurecr\.io$/, realm: 'https://HOST/oauth2/token', service: 'HOST' },
];

/**
 * Private registries of Amazon ECR, which answer Basic: with a region, also FIPS and dual-stack endpoints.
 * https://github.com/vsoch/oci-python/issues/16 and https://docs.aws.amazon.com/general/latest/gr/ecr.html
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

/** The part of a challenge that applies to later requests: its scope and error belong to one request. */
export function lastingPart(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(namesRealm);
  if (bearer === undefined) return challenges.find(({ scheme }) => scheme === 'basic');
  const lasting = [...bearer.parameters].filter(([name]) => name === 'realm' || name === 'service');
  return { scheme: bearer.scheme, parameters: new Map(lasting) };
}

/**
 * Whether a challenge differs from the presumed one. Google's registries leave the service out of some of their
 * challenges: https://github.com/nicholas-fedor/watchtower/issues/1894
 */
export function contradicts(challenge: Challenge, presumed: Challenge): boolean {
  if (challenge.scheme !== presumed.scheme) return true;
  if (challenge.scheme === 'basic') return false;
  const service = challenge.parameters.get('service');
  const isOtherService = service !== undefined && service !== presumed.parameters.get('service');
  return isOtherService || challenge.parameters.get('realm') !== presumed.parameters.get('realm');
}
