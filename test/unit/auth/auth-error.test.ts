import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeUnusable, scopeRefused } from '../../../src/auth/auth-error.ts';
import type { Credential } from '../../../src/credentials/credential.ts';
import type { Action } from '../../../src/credentials/login-scope.ts';

const login: Credential = { kind: 'basic', username: 'u', password: 'hush', source: 'registry-auth input' };
const anonymous: Credential = { kind: 'anonymous', source: 'no login' };
const jobs: Credential = { ...login, source: 'GITHUB_TOKEN' };
const jobsInFile: Credential = { ...login, password: 'ghs_hush', source: '/home/runner/.docker/config.json' };
const personal: Credential = { ...login, password: 'ghp_hush', source: 'GITHUB_TOKEN' };

const table: readonly (readonly [registry: string, action: Action, out: RegExp, credential?: Credential])[] =
  [
    ['ghcr.io', 'push', /^Give the job `permissions: packages: write`.*Manage Actions access\)\.$/, jobs],
    ['ghcr.io', 'push', /permissions: packages: write/, jobsInFile],
    ['ghcr.io', 'pull', /permissions: packages: read/, jobs],
    ['ghcr.io', 'pull', /permissions: packages: read.*github-token input/, anonymous],
    ['containers.acme.ghe.com', 'pull', /permissions: packages: read/, jobs],
    [
      'ghcr.io',
      'push',
      /^Check that this personal access token is a classic one, has not expired and has the scope write:packages, and that its user may write the package\.$/,
    ],
    ['ghcr.io', 'pull', /access token .* read:packages/, personal],
    ['docker.io', 'push', /access token of Docker Hub: it needs Read & Write/],
    ['docker.io', 'pull', /docker\/login-action/, anonymous],
    ['1.dkr.ecr.eu-west-1.amazonaws.com', 'push', /amazon-ecr-login/],
    ['europe-docker.pkg.dev', 'push', /oauth2accesstoken.*Writer/],
    ['gcr.io', 'pull', /Reader/],
    ['r.example', 'push', /may push to the repository/],
  ];

for (const [registry, action, out, credential = login] of table) {
  test(`remedies: ${action} at ${registry} with ${credential.source}`, () => {
    const scope = { repository: 'acme/app', actions: [action] };
    const { message, hint = '' } = scopeRefused({ registry, scope }, credential, 403);
    assert.match(hint, out);
    assert.ok(message.includes(registry) && message.includes(`acme/app:${action}`));
    assert.doesNotMatch(`${message} ${hint}`, /hush/);
  });
}

test('remedies: unsupported schemes are named, but not at length', () => {
  const request = { registry: 'r', scope: { repository: '', actions: [] } };
  const { message } = challengeUnusable(request, ['a'.repeat(500), 'b', 'c', 'd']);
  assert.match(message, /denied its API and offers only unsupported ways to log in \(a{20}, b, c\)/);
});

test('remedies: what the run needs counts, not what its first request needs', () => {
  const scope = { repository: 'acme/app', actions: ['pull'] } as const;
  const needed = { repository: 'acme/app', actions: ['pull', 'push'] } as const;
  const { message, hint = '' } = scopeRefused({ registry: 'ghcr.io', scope, needed }, jobs, 403);
  assert.match(message, /denied a token for repository:acme\/app:pull \(403\)/);
  assert.match(hint, /packages: write/);
});
