/** The purge action: tags go, what they held stays. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import { removalsOf } from './vendor-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('staging tags are removed, and their images stay', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64]));
  await t.push('app:1-amd64', amd64);
  await t.push('app:1-arm64', arm64);
  const run = await t.purge({
    tags: `${t.ref('app:1-amd64')}, ${t.ref('app:1-arm64')}\n${t.ref('app:gone')}`,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1']);
  for (const { digest } of [amd64, arm64]) assert.ok(await t.served(`app@${digest}`));
});

scenario('a dry run asks, and removes nothing', {}, async (t) => {
  await t.push('app:1-amd64', amd64);
  const run = await t.purge({ tags: `${t.ref('app:1-amd64')}\n${t.ref('app:gone')}`, 'dry-run': 'true' });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1-amd64']);
});

for (const tagDelete of [400, 405] as const) {
  scenario(
    `a registry that answers ${tagDelete} keeps its tags, and the step is green`,
    { registry: { tagDelete } },
    async (t) => {
      await t.push('app:1-amd64', amd64);
      await t.push('app:1-arm64', arm64);
      const run = await t.purge({ tags: `${t.ref('app:1-amd64')}\n${t.ref('app:1-arm64')}` });
      t.snapshot(run);
      assert.equal(run.exitCode, 0);
      assert.deepEqual(Object.keys(t.registry.tags('app')), ['1-amd64', '1-arm64']);
      assert.deepEqual(removalsOf(t), []);
    },
  );
}

scenario(
  'a token for the removal is requested as the registry asks for it',
  { auth: 'bearer' },
  async (t) => {
    await t.push('app:1-amd64', amd64);
    const run = await t.purge({ tags: t.ref('app:1-amd64'), 'registry-auth': t.registryAuth });
    t.snapshot(run);
    assert.equal(run.exitCode, 0);
    assert.deepEqual(t.registry.tags('app'), {});
  },
);

scenario('images that are removed with their tags are put back, and the step fails', {}, async (t) => {
  const list = makeIndex([amd64, arm64]);
  await t.push('app:1-list', list);
  t.registry.inject({
    on: { method: 'DELETE', path: /1-list$/ },
    fault: 'after',
    call: () => {
      for (const { digest } of [list, arm64]) t.registry.remove('app', digest);
    },
  });
  const run = await t.purge({ tags: t.ref('app:1-list') });
  assert.equal(run.exitCode, 1);
  // Images before lists.
  const [arm64Line, listLine] = [arm64, list].map(({ digest }) => `${t.ref('app')}@${digest}: put back`);
  assert.deepEqual(errorOf(run).slice(0, 4), [
    'Removing staging tags also removed content from the registry:',
    arm64Line,
    `${listLine} [CONTENT_REMOVED]`,
    'Do not remove staging tags on this registry: it removes images together with all their tags. Set other tags of these images again.',
  ]);
  for (const { digest } of [list, amd64, arm64]) assert.ok(await t.served(`app@${digest}`), digest);
});

scenario('a tag that is gone when the removal is tried again was removed', {}, async (t) => {
  await t.push('app:1-amd64', amd64);
  t.registry.inject({ on: { method: 'DELETE', path: /1-amd64$/ }, fault: 'reset-after-store' });
  const run = await t.purge({ tags: t.ref('app:1-amd64') });
  assert.equal(run.exitCode, 0);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1-amd64')], run.stdout);
  assert.equal(removalsOf(t).length, 1);
});

scenario('a tag that changes before the removal is tried again is left', {}, async (t) => {
  await t.push('app:1-amd64', amd64);
  t.registry.inject({ on: { method: 'DELETE', path: /1-amd64$/ }, fault: 'status', status: 503 });
  t.registry.inject({
    on: { method: 'HEAD', path: /1-amd64$/, nth: 3 },
    fault: 'before',
    call: () => t.push('app:1-amd64', arm64),
  });
  const run = await t.purge({ tags: t.ref('app:1-amd64') });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(t.registry.tags('app')['1-amd64'], arm64.digest);
  assert.equal(warningsOf(run).length, 1);
});

scenario('one tag goes first, and the others only when that went well', {}, async (t) => {
  const names = ['a', 'b', 'c', 'd'].map((name) => `app:${name}`);
  for (const name of names) await t.push(name, amd64);
  t.registry.inject({
    on: { method: 'DELETE', path: /\/[abcd]$/ },
    fault: 'after',
    call: () => t.registry.remove('app', amd64.digest),
  });
  const run = await t.purge({ tags: names.map((name) => t.ref(name)).join('\n') });
  assert.equal(run.exitCode, 1);
  assert.equal(removalsOf(t).length, 1);
  assert.ok(await t.served(`app@${amd64.digest}`));
});
