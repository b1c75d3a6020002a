import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Grant, grantOf } from '../../../src/auth/scope.ts';

/** A token with a payload; its signature is not checked. */
function bearer(payload: unknown): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return `Bearer eyJ9.${Buffer.from(text).toString('base64url')}.c2ln`;
}

const access = (actions: unknown, name = 'acme/app', type = 'repository') => ({
  access: [{ type, name, actions }],
});

const grants: readonly (readonly [name: string, authorization: string, out: Grant])[] = [
  ['pull and push', bearer(access(['pull', 'push'])), 'granted'],
  ['everything', bearer(access(['*'])), 'granted'],
  ['pull only', bearer(access(['pull'])), 'denied'],
  ['nothing', bearer({ access: [] }), 'denied'],
  ['another repository', bearer(access(['pull', 'push'], 'acme/other')), 'denied'],
  ['another type', bearer(access(['pull', 'push'], 'acme/app', 'registry')), 'denied'],
  ['actions that are not a list', bearer(access('pull,push')), 'denied'],
  ['entries that are not objects', bearer({ access: [null, 'repository:acme/app:push'] }), 'denied'],
  ['no claim', bearer({ sub: 'somebody' }), 'unknown'],
  ['a claim that is not a list', bearer({ access: 'all' }), 'unknown'],
  ['a payload that is not JSON', bearer('{'), 'unknown'],
  ['a token that is not a JSON Web Token', 'Bearer opaque', 'unknown'],
  ['a password', 'Basic dXNlcjpwYXNz', 'unknown'],
];

for (const [name, authorization, out] of grants) {
  test(`a token for ${name}: the push is ${out}`, () => {
    assert.equal(grantOf(authorization, { repository: 'acme/app', actions: ['pull', 'push'] }), out);
  });
}
