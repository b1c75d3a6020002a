/** A dry run checks whether a push would be allowed, as far as that can be known without writing. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { defaultAccount } from '../../../support/registry/registry-auth.ts';
import type { ActionRun } from '../../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { secretOf } from '../../../support/run/secrets.ts';
import { requestHeader } from '../../../support/wire/wire.ts';
import { assertOnlyReads, warningsOf } from '../../evidence.ts';

async function dryRun(t: Scenario, login = t.registryAuth): Promise<ActionRun> {
  await t.push('app:amd64', makeImage('linux/amd64'));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), push: 'false' };
  return t.publish({ ...inputs, 'registry-auth': login });
}

/** Tokens for pushing are refused outright, as ghcr.io does it. */
function refusePushTokens(registry: TestRegistry): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ request, proceed }) => {
      const asked = request.url.searchParams.getAll('scope').join(' ');
      return /:[a-z,]*push/.test(asked) ? { status: 403, headers: {}, body: '{}' } : proceed();
    },
    on: { path: /^\/token/, times: 999 },
  });
}

// Warned of, not failed: pull requests from forks check their lists with a login that may only read.
scenario('a login that gets no token for pushing is warned of', { auth: 'bearer' }, async (t) => {
  refusePushTokens(t.registry);
  const run = await dryRun(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assertOnlyReads(t);
  const warnings = warningsOf(run).filter((text) => /push/.test(text) && text.includes(t.ref('app')));
  assert.equal(warnings.length, 1, run.stdout);
  assert.match(warnings[0] ?? '', /registry-auth/);
});

/** A token in the form of a JSON Web Token that says what it is good for. */
function tokenFor(actions: readonly string[]): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const access = [{ type: 'repository', name: 'app', actions }];
  return `${part({ alg: 'none' })}.${part({ access })}.signature`;
}

function handOutTokens(registry: TestRegistry, token: string): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ request, origin, proceed }) => {
      if (request.url.pathname === '/token')
        return { status: 200, headers: {}, body: JSON.stringify({ token }) };
      if (requestHeader(request, 'authorization') !== undefined) return proceed();
      const scope = 'repository:app:pull';
      const challenge = `Bearer realm="${origin}/token",service="test",scope="${scope}"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    },
    on: { times: 9999 },
  });
}

scenario('a token that says it may only pull is warned of', {}, async (t) => {
  handOutTokens(t.registry, tokenFor(['pull']));
  const run = await dryRun(t, '');
  assert.equal(run.exitCode, 0, run.stdout);
  assertOnlyReads(t);
  assert.equal(warningsOf(run).filter((text) => /push/.test(text)).length, 1, run.stdout);
});

scenario('a token that says it may push needs no warning', {}, async (t) => {
  handOutTokens(t.registry, tokenFor(['pull', 'push']));
  const run = await dryRun(t, '');
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

scenario('a login that may push needs no warning', { auth: 'bearer' }, async (t) => {
  const run = await dryRun(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
  const asked = t.registry.tokens?.records.flatMap(({ scopes }) => scopes) ?? [];
  assert.ok(
    asked.some((scope) => scope === 'repository:app:pull,push'),
    asked.join(' '),
  );
});

scenario(
  'whether a push is allowed is unknown where only a write would tell',
  { auth: 'basic' },
  async (t) => {
    const run = await dryRun(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assertOnlyReads(t);
    for (const place of [run.stdout, run.summary]) assert.match(place, /unknown/i);
    assert.deepEqual(warningsOf(run), []);
  },
);

// A registry with Basic auth that lets strangers read asks nobody for a login: there it stays unknown.
const open = { registry: { auth: { kind: 'bearer', anonymous: { '*': ['pull'] } } } } as const;

scenario('a login that a public registry refuses is warned of', open, async (t) => {
  const password = secretOf('tester', 'the-password-of-last-year');
  const login = [{ registry: t.registry.host, username: defaultAccount.username, password }];
  const run = await dryRun(t, JSON.stringify(login));
  assert.equal(run.exitCode, 0, run.stdout);
  assertOnlyReads(t);
  const warnings = warningsOf(run).filter((text) => /registry-auth/.test(text));
  assert.equal(warnings.length, 1, run.stdout);
});

scenario('the content of a tag is unknown where the registry refuses to read it', {}, async (t) => {
  t.registry.inject({ fault: 'status', status: 403, on: { path: /\/manifests\/1$/, times: 99 } });
  const run = await dryRun(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(run.summary, /\| unknown\b/i);
});
