import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversScope, formatScope, parseScope, type Scope, unionScopes } from '../../../src/auth/scope.ts';

const texts: readonly { in: string; out: Scope | undefined }[] = [
  { in: 'repository:library/alpine:pull', out: { repository: 'library/alpine', actions: ['pull'] } },
  { in: 'repository:a:push,pull', out: { repository: 'a', actions: ['pull', 'push'] } },
  { in: 'repository:host:5000/a:delete', out: { repository: 'host:5000/a', actions: ['delete'] } },
  { in: 'repository:a:pull,pull', out: { repository: 'a', actions: ['pull'] } },
  { in: 'repository:a:*', out: undefined },
  { in: 'repository:a:', out: undefined },
  { in: 'repository::pull', out: undefined },
  { in: 'repository:pull', out: undefined },
  { in: 'repository(plugin):a:pull', out: undefined },
  { in: 'registry:catalog:*', out: undefined },
  { in: 'aws', out: undefined },
  { in: '', out: undefined },
];

for (const row of texts) {
  test(`scopes: reads ${JSON.stringify(row.in)}`, () => assert.deepEqual(parseScope(row.in), row.out));
}

test('scopes: are written with their actions in one order', () => {
  assert.equal(
    formatScope({ repository: 'acme/app', actions: ['push', 'pull'] }),
    'repository:acme/app:pull,push',
  );
});

test('scopes: a union has each repository once', () => {
  const a: Scope[] = [{ repository: 'a', actions: ['pull'] }];
  const b: Scope[] = [
    { repository: 'b', actions: ['pull'] },
    { repository: 'a', actions: ['push', 'pull'] },
  ];
  assert.deepEqual(unionScopes(a, b).map(formatScope), ['repository:a:pull,push', 'repository:b:pull']);
});

test('scopes: covered only when every action is', () => {
  const held: Scope[] = [{ repository: 'a', actions: ['pull'] }];
  assert.equal(coversScope(held, { repository: 'a', actions: ['pull'] }), true);
  assert.equal(coversScope(held, { repository: 'a', actions: ['pull', 'push'] }), false);
  assert.equal(coversScope(held, { repository: 'b', actions: ['pull'] }), false);
});
