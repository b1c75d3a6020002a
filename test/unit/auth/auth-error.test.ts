import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeUnusable, scopeRefused } from '../../../src/auth/auth-error.ts';
import type { Action } from '../../../src/credentials/action.ts';
import type { Credential } from '../../../src/credentials/credential.ts';

const login: Credential = { kind: 'basic', username: 'u', password: 'hush', source: 'registry-auth input' };
const anonymous: Credential = { kind: 'anonymous', source: 'no login' };

const table: readonly (readonly [registry: string, action: Action, out: RegExp, credential?: Credential])[] =
  [
    ['ghcr.io', 'push', /permissions: packages: write/],
    ['ghcr.io', 'pull', /permissions: packages: read/],
    ['ghcr.io', 'pull', /github-token input/, anonymous],
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
