import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversScope, formatScope, parseScope, type Scope, unionScopes } from '../../../src/auth/scope.ts';

const texts: readonly (readonly [text: string, out?: Scope])[] = [
  ['repository:library/alpine:pull', { repository: 'library/alpine', actions: ['pull'] }],
  ['repository:a:push,pull', { repository: 'a', actions: ['pull', 'push'] }],
  ['repository:host:5000/a:delete', { repository: 'host:5000/a', actions: ['delete'] }],
  ['repository:a:pull,pull', { repository: 'a', actions: ['pull'] }],
  ...([['repository:a:*'], ['repository:a:'], ['repository::pull'], ['repository:pull']] as const),
  ...([['repository(plugin):a:pull'], ['registry:catalog:*'], ['aws'], ['']] as const),
];

for (const [text, out] of texts) {
  test(`scopes: ${JSON.stringify(text)} is parsed`, () => assert.deepEqual(parseScope(text), out));
}

test('scopes: actions are written in one order', () => {
  const scope: Scope = { repository: 'acme/app', actions: ['push', 'pull'] };
  assert.equal(formatScope(scope), 'repository:acme/app:pull,push');
});

test('scopes: a union has each repository once', () => {
  const a: Scope[] = [{ repository: 'a', actions: ['pull'] }];
  const b: Scope[] = [
    { repository: 'b', actions: ['pull'] },
    { repository: 'a', actions: ['push', 'pull'] },
  ];
  assert.deepEqual(unionScopes(a, b).map(formatScope), ['repository:a:pull,push', 'repository:b:pull']);
});

test('scopes: a scope is covered only when each of its actions is', () => {
  const held: Scope[] = [{ repository: 'a', actions: ['pull'] }];
  assert.equal(coversScope(held, { repository: 'a', actions: ['pull'] }), true);
  assert.equal(coversScope(held, { repository: 'a', actions: ['pull', 'push'] }), false);
  assert.equal(coversScope(held, { repository: 'b', actions: ['pull'] }), false);
});
