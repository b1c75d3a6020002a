import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownChallenge } from '../../../src/auth/known-token-servers.ts';

const table = [
  { in: 'https://ghcr.io', out: 'bearer https://ghcr.io/token ghcr.io' },
  { in: 'https://registry-1.docker.io', out: 'bearer https://auth.docker.io/token registry.docker.io' },
  { in: 'https://quay.io', out: 'bearer https://quay.io/v2/auth quay.io' },
  { in: 'https://registry.gitlab.com', out: 'bearer https://gitlab.com/jwt/auth container_registry' },
  { in: 'https://gcr.io', out: 'bearer https://gcr.io/v2/token gcr.io' },
  { in: 'https://eu.gcr.io', out: 'bearer https://eu.gcr.io/v2/token eu.gcr.io' },
  {
    in: 'https://europe-west1-docker.pkg.dev',
    out: 'bearer https://europe-west1-docker.pkg.dev/v2/token europe-west1-docker.pkg.dev',
  },
  { in: 'https://acme.azurecr.io', out: 'bearer https://acme.azurecr.io/oauth2/token acme.azurecr.io' },
  { in: 'https://GHCR.IO:443', out: 'bearer https://ghcr.io/token ghcr.io' },
  { in: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com', out: 'basic' },
  { in: 'https://123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', out: 'basic' },
  { in: 'https://123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', out: 'basic' },
  { in: 'https://123456789012.dkr-ecr.eu-west-2.on.aws', out: 'basic' },
  ...[
    'http://ghcr.io',
    'https://ghcr.io:8443',
    'https://ghcr.io.evil.example',
    'https://evil-ghcr.io',
    'https://xghcr.io',
    'https://a.ghcr.io',
    'https://ghcrxio',
    'https://docker.io',
    'https://evilgcr.io',
    'https://evil-gcr.io',
    'https://a.b.gcr.io',
    'https://gcr.io.evil.example',
    'https://docker.pkg.dev',
    'https://evil.example-docker.pkg.dev',
    'https://us-docker.pkg.dev.evil.example',
    'https://us-npm.pkg.dev',
    'https://azurecr.io',
    'https://a.b.azurecr.io',
    'https://evilazurecr.io',
    'https://public.ecr.aws',
    'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example',
    'https://evil.dkr.ecr.eu-west-1.amazonaws.com',
    'https://123456789012.dkr.ecr.eu-west-1.evilamazonaws.com',
    'https://127.0.0.1',
    'https://[::1]',
  ].map((url) => ({ in: url, out: undefined })),
];

for (const { in: url, out } of table) {
  test(`knownChallenge: ${url}`, () => {
    const known = knownChallenge(new URL(url));
    assert.equal(known && [known.scheme, ...known.parameters.values()].join(' '), out);
  });
}
