import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScope } from '../../../src/auth/scope.ts';
import { type Grant, grantOf } from '../../../src/auth/token-grant.ts';

/** A token with such a payload; its signature is not looked at. */
function bearer(payload: unknown): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return `Bearer eyJ9.${Buffer.from(text).toString('base64url')}.c2ln`;
}

const access = (actions: unknown, name = 'acme/app', type = 'repository') => ({
  access: [{ type, name, actions }],
});

const grants: readonly { name: string; in: string; out: Grant }[] = [
  { name: 'pull and push', in: bearer(access(['pull', 'push'])), out: 'granted' },
  { name: 'everything', in: bearer(access(['*'])), out: 'granted' },
  { name: 'pull only', in: bearer(access(['pull'])), out: 'denied' },
  { name: 'nothing', in: bearer({ access: [] }), out: 'denied' },
  { name: 'another repository', in: bearer(access(['pull', 'push'], 'acme/other')), out: 'denied' },
  { name: 'another type', in: bearer(access(['pull', 'push'], 'acme/app', 'registry')), out: 'denied' },
  { name: 'actions that are not a list', in: bearer(access('pull,push')), out: 'denied' },
  {
    name: 'entries that are not objects',
    in: bearer({ access: [null, 'repository:acme/app:push'] }),
    out: 'denied',
  },
  { name: 'no claim', in: bearer({ sub: 'somebody' }), out: 'unknown' },
  { name: 'a claim that is not a list', in: bearer({ access: 'all' }), out: 'unknown' },
  { name: 'a payload that is not JSON', in: bearer('{'), out: 'unknown' },
  { name: 'a token that is not a JSON Web Token', in: 'Bearer opaque', out: 'unknown' },
  { name: 'a password', in: 'Basic dXNlcjpwYXNz', out: 'unknown' },
];

for (const each of grants) {
  test(`a token for ${each.name}: the push is ${each.out}`, () => {
    const scope = parseScope('repository:acme/app:pull,push');
    assert.ok(scope);
    assert.equal(grantOf(each.in, scope), each.out);
  });
}
