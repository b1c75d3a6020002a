/** `push: false`: everything but writing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, assertOnlyReads, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('a dry run reports what a run would do, and only reads', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  await t.push('app:latest', amd64);
  const inputs = {
    tags: `${t.ref('app:1')}\n${t.ref('app:latest')}`,
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
  };
  const dry = await t.publish({ ...inputs, push: 'false' });
  assert.equal(dry.exitCode, 0, dry.stdout);
  t.snapshot(dry, { wire: 'sorted' });
  assertOnlyReads(t);
  assert.equal(await t.served('app:1'), undefined);
  assert.equal((await t.served('app:latest'))?.digest, amd64.digest);
  const run = await t.publish(inputs);
  for (const name of ['digest', 'json', 'media-type', 'size', 'platforms', 'changed', 'previous'])
    assert.equal(dry.outputs[name], run.outputs[name], name);
});

scenario('a dry run of what is there already', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  await t.publish(inputs);
  const dry = await t.publish({ ...inputs, push: 'false' });
  assert.equal(dry.exitCode, 0, dry.stdout);
  t.snapshot(dry, { wire: 'none' });
  assert.equal(dry.outputs['changed'], 'false');
});

scenario('a dry run into another repository copies nothing', { ...everywhere, registries: 2 }, async (t) => {
  await t.push('app:amd64', amd64);
  const other = t.registries[1];
  const tags = `${t.ref('mirror:1')}\n${t.ref('app:1', other)}`;
  const dry = await t.publish({ tags, sources: t.ref('app:amd64'), push: 'false' });
  assert.equal(dry.exitCode, 0, dry.stdout);
  t.snapshot(dry);
  assertOnlyReads(t);
  assert.equal(await t.served('app:1', other), undefined);
});

scenario('a dry run finds what is wrong', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:amd64')} linux/arm64`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, push: 'false' });
  await assertNothingDone(t, run, ['app:1']);
});

scenario('a dry run asks for the right to push once, after it has read', { auth: 'bearer' }, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), push: 'false' };
  const run = await t.publish({ ...inputs, 'registry-auth': t.registryAuth });
  assert.equal(run.exitCode, 0, run.stdout);
  const scopes = t.registry.wire.flatMap(({ path }) =>
    new URLSearchParams(path.split('?')[1]).getAll('scope'),
  );
  assert.deepEqual(scopes, ['repository:app:pull', 'repository:app:pull,push']);
});

scenario("a dry run leaves docker's drafts alone", {}, async (t) => {
  await t.push('app:amd64', amd64);
  const draft = `.docker/manifests/${t.ref('app:1').replace(/[/:]/g, (mark) => (mark === '/' ? '_' : '-'))}/x`;
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), push: 'false' };
  const run = await t.publish(inputs, { home: { [draft]: '{}' } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['purged'], '[]');
  assert.equal(existsSync(join(run.directory.home, draft)), true);
});
