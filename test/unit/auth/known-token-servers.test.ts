import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownChallenge } from '../../../src/auth/known-token-servers.ts';

/** By origin: scheme, realm and service. */
const known: Readonly<Record<string, string>> = {
  'https://ghcr.io': 'bearer https://ghcr.io/token ghcr.io',
  'https://GHCR.IO:443': 'bearer https://ghcr.io/token ghcr.io',
  'https://registry-1.docker.io': 'bearer https://auth.docker.io/token registry.docker.io',
  'https://quay.io': 'bearer https://quay.io/v2/auth quay.io',
  'https://registry.gitlab.com': 'bearer https://gitlab.com/jwt/auth container_registry',
  'https://gcr.io': 'bearer https://gcr.io/v2/token gcr.io',
  'https://eu.gcr.io': 'bearer https://eu.gcr.io/v2/token eu.gcr.io',
  'https://europe-docker.pkg.dev': 'bearer https://europe-docker.pkg.dev/v2/token europe-docker.pkg.dev',
  'https://acme.azurecr.io': 'bearer https://acme.azurecr.io/oauth2/token acme.azurecr.io',
  'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com': 'basic',
  'https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn': 'basic',
  'https://123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com': 'basic',
  'https://123456789012.dkr-ecr.eu-west-2.on.aws': 'basic',
};

const unknown = [
  ...['http://ghcr.io', 'https://ghcr.io:8443', 'https://ghcr.io.evil.example', 'https://evil-ghcr.io'],
  ...['https://xghcr.io', 'https://a.ghcr.io', 'https://ghcrxio', 'https://docker.io', 'https://evilgcr.io'],
  ...['https://evil-gcr.io', 'https://a.b.gcr.io', 'https://gcr.io.evil.example', 'https://docker.pkg.dev'],
  ...['https://evil.example-docker.pkg.dev', 'https://us-docker.pkg.dev.evil.example'],
  ...['https://us-npm.pkg.dev', 'https://azurecr.io', 'https://a.b.azurecr.io', 'https://evilazurecr.io'],
  ...['https://public.ecr.aws', 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example'],
  ...['https://evil.dkr.ecr.eu-west-1.amazonaws.com', 'https://127.0.0.1', 'https://[::1]'],
  'https://123456789012.dkr.ecr.eu-west-1.evilamazonaws.com',
];

for (const url of [...Object.keys(known), ...unknown]) {
  test(`knownChallenge: ${url}`, () => {
    const challenge = knownChallenge(new URL(url));
    assert.equal(challenge && [challenge.scheme, ...challenge.parameters.values()].join(' '), known[url]);
  });
}
