import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeUnusable, scopeRefused } from '../../../src/auth/auth-error.ts';
import type { Action } from '../../../src/credentials/action.ts';
import type { Credential } from '../../../src/credentials/credential.ts';

const login: Credential = { kind: 'basic', username: 'u', password: 'hush', source: 'registry-auth input' };
const anonymous: Credential = { kind: 'anonymous', source: 'no login' };

const table: readonly { registry: string; action: Action; credential?: Credential; out: RegExp }[] = [
  { registry: 'ghcr.io', action: 'push', out: /permissions: packages: write/ },
  { registry: 'ghcr.io', action: 'pull', out: /permissions: packages: read/ },
  { registry: 'ghcr.io', action: 'pull', credential: anonymous, out: /github-token input/ },
  { registry: 'docker.io', action: 'push', out: /access token of Docker Hub: it needs Read & Write/ },
  { registry: 'docker.io', action: 'pull', credential: anonymous, out: /docker\/login-action/ },
  { registry: '1.dkr.ecr.eu-west-1.amazonaws.com', action: 'push', out: /amazon-ecr-login/ },
  { registry: 'europe-docker.pkg.dev', action: 'push', out: /oauth2accesstoken.*Writer/ },
  { registry: 'gcr.io', action: 'pull', out: /Reader/ },
  { registry: 'r.example', action: 'push', out: /may push to the repository/ },
];

for (const row of table) {
  test(`remedies: ${row.action} at ${row.registry}${row.credential ? ' without a login' : ''}`, () => {
    const credential = row.credential ?? login;
    const scope = { repository: 'acme/app', actions: [row.action] };
    const error = scopeRefused({ registry: row.registry, scope }, credential, 403);
    assert.match(error.hint ?? '', row.out);
    assert.ok(error.message.includes(row.registry) && error.message.includes(`acme/app:${row.action}`));
    assert.doesNotMatch(`${error.message} ${error.hint}`, /hush/);
  });
}

test('remedies: unsupported schemes are named, but not at length', () => {
  const scope = { repository: '', actions: [] };
  const error = challengeUnusable({ registry: 'r', scope }, ['a'.repeat(500), 'b', 'c', 'd']);
  assert.match(error.message, /denied its API and offers only unsupported ways to log in \(a{20}, b, c\)/);
});
