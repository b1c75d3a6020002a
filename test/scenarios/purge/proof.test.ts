/** Before the first removal, a registry proves on throw-away tags that it removes a tag and nothing else. */
import assert from 'node:assert/strict';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { amd64, arm64, removalsOf } from './vendor-rig.ts';

const probePath = /\/multiarch-manifest-action-probe-1-[0-9a-f]{8}$/;

async function stage(t: Scenario<TestRegistry>): Promise<string> {
  await t.push('app:1-amd64', amd64);
  await t.push('app:1-arm64', arm64);
  await t.push('app:other', amd64);
  return `${t.ref('app:1-amd64')}\n${t.ref('app:1-arm64')}`;
}

function assertNothingRemoved(
  t: Scenario<TestRegistry>,
  run: ActionRun,
  others: readonly string[] = [],
): void {
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['purged'], '[]');
  assert.deepEqual(removalsOf(t), []);
  assert.deepEqual(
    Object.keys(t.registry.tags('app')).sort(),
    ['1-amd64', '1-arm64', 'other', ...others].sort(),
  );
}

scenario(
  'a registry that removes the digest with its tag loses nothing, nor the tags of others',
  { registry: { tagDelete: 'digest' } },
  async (t) => {
    const run = await t.purge({ tags: await stage(t) });
    assertNothingRemoved(t, run);
    const [warning = '', ...others] = warningsOf(run);
    assert.deepEqual(others, []);
    assert.match(
      warning,
      /^Not removed: \S+1-amd64, \S+1-arm64: .*removes an image together with all its tags/,
    );
    for (const { digest } of [amd64, arm64]) assert.ok(t.registry.manifest('app', digest));
  },
);

const isLate = { fault: 'lag-404', on: { method: 'HEAD', path: probePath } } as const;

scenario(
  'a registry that shows tags late proves nothing before it shows the throw-away tags',
  { registry: { tagDelete: 'digest' } },
  async (t) => {
    const tags = await stage(t);
    t.registry.inject({ ...isLate, on: { ...isLate.on, times: 3 } });
    const run = await t.purge({ tags });
    assertNothingRemoved(t, run);
    assert.match(warningsOf(run).join(), /removes an image together with all its tags/);
  },
);

scenario('throw-away tags that never appear are named, and nothing is removed', {}, async (t) => {
  const tags = await stage(t);
  t.registry.inject({ ...isLate, on: { ...isLate.on, times: 99 } });
  const run = await t.purge({ tags });
  const probes = Object.keys(t.registry.tags('app')).filter((tag) => tag.includes('probe'));
  assert.equal(probes.length, 2);
  assertNothingRemoved(t, run, probes);
  const warnings = warningsOf(run).join('\n');
  assert.match(warnings, /It was not proven that .* although it confirmed its push/);
  assert.match(warnings, /Throw-away tags that may still appear: /);
  for (const probe of probes) assert.ok(warnings.includes(probe), warnings);
});

const refusals = [
  {
    name: 'the login may not push',
    on: { method: 'PUT', path: probePath, times: 9 },
    status: 403,
    code: 'DENIED',
    warning: /It was not proven that \S+ removes only a tag: \S+ denied the push of \S+ \(403, DENIED\)/,
  },
  {
    name: 'it takes no empty config',
    on: { method: 'PUT', path: probePath, times: 9 },
    status: 400,
    code: 'MANIFEST_INVALID',
    warning:
      /It was not proven that \S+ removes only a tag: \S+ refused the push of \S+ \(400, MANIFEST_INVALID\)/,
  },
  {
    name: 'the login may not delete',
    on: { method: 'DELETE', times: 9 },
    status: 403,
    code: 'DENIED',
    warning: /refused to remove the tag \(403, DENIED\)\. Give the login permission to delete/,
  },
  {
    name: 'it has no such request',
    on: { method: 'DELETE', times: 9 },
    status: 501,
    code: 'UNSUPPORTED',
    warning: /refused to remove the tag \(501, UNSUPPORTED\)/,
  },
] as const;

for (const { name, on, status, code, warning } of refusals) {
  scenario(`tags stay, with a warning: ${name}`, {}, async (t) => {
    const tags = await stage(t);
    t.registry.inject({ on, fault: 'status', status, code, message: '' });
    const run = await t.purge({ tags });
    assertNothingRemoved(t, run);
    assert.equal(warningsOf(run).length, 1, run.stdout);
    assert.match(warningsOf(run)[0] ?? '', warning);
  });
}

scenario('throw-away tags that cannot be removed are named', {}, async (t) => {
  const tags = await stage(t);
  // The first DELETE is for a name that does not exist.
  t.registry.inject({
    on: { method: 'DELETE', nth: 2, times: 9 },
    fault: 'status',
    status: 403,
    code: 'DENIED',
  });
  const run = await t.purge({ tags });
  const probes = Object.keys(t.registry.tags('app')).filter((tag) => probePath.test(`/${tag}`));
  assert.equal(probes.length, 2);
  assertNothingRemoved(t, run, probes);
  const [first = '', reason = ''] = warningsOf(run);
  const named = /^Throw-away tags that remain: (\S+), (\S+)\. Remove them\. /.exec(first) ?? [];
  assert.deepEqual(named.slice(1).sort(), probes.map((tag) => t.ref(`app:${tag}`)).sort());
  assert.match(reason, /^Not removed: .*It was not proven/);
});

scenario('a proof is made once a repository, and not for tags that are gone', {}, async (t) => {
  for (const name of ['app:a', 'app:b', 'other:a']) await t.push(name, amd64);
  const tags = ['app:a', 'app:b', 'other:a', 'gone:a'].map((name) => t.ref(name));
  const run = await t.purge({ tags: tags.join('\n') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(JSON.parse(run.outputs['purged'] ?? '').length, 3, run.stdout);
  const pushed = t.registry.wire.filter(({ method, path }) => method === 'PUT' && probePath.test(path));
  assert.equal(pushed.length, 4);
  assert.deepEqual([t.registry.tags('app'), t.registry.tags('other')], [{}, {}]);
});

scenario('a dry run says what would be refused', { registry: { tagDelete: 405 } }, async (t) => {
  const run = await t.purge({ tags: await stage(t), 'dry-run': 'true' });
  t.snapshot(run, { wire: 'none' });
  assertNothingRemoved(t, run);
  assert.match(warningsOf(run).join(), /^Would not be removed: \S+1-amd64, \S+1-arm64: .*\(405, UNSUPPORTED/);
  assert.match(run.summary, /\*\*would be refused\*\*/);
});

scenario('a dry run of a publish says what would be removed', {}, async (t) => {
  const sources = await stage(t);
  const inputs = { tags: t.ref('app:1'), sources, 'purge-sources': 'true', push: 'false' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  for (const tag of sources.split('\n')) assert.ok(run.stdout.includes(`Would remove the tag ${tag}`));
  assert.deepEqual(removalsOf(t), []);
  assert.ok(t.registry.wire.every(({ method }) => method !== 'PUT'));
});

scenario('a throw-away tag whose push is never answered is named', {}, async (t) => {
  const tags = await stage(t);
  t.registry.inject({ on: { method: 'PUT', path: probePath, nth: 2, times: 9 }, fault: 'reset' });
  const run = await t.purge({ tags });
  assertNothingRemoved(t, run);
  const [first = '', second = ''] = warningsOf(run);
  assert.match(first, /^Throw-away tags that may still appear: \S+-probe-1-[0-9a-f]{8}\. Remove them\.$/);
  assert.match(second, /^Not removed: .*It was not proven/);
});
