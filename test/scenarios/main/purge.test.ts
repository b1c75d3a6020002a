/** The docker CLI's local drafts: gone after a verified push, else left. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../../support/images/images.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');

/** The directory of the draft of `app:1`, below docker's configuration directory. */
function draftOf(t: Scenario, name: string): string {
  return `manifests/${t.ref(name).replaceAll(':', '-').replaceAll('/', '_')}`;
}

/** Files of drafts of these tags, below a directory. */
function drafts(t: Scenario, directory: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${directory}/${draftOf(t, name)}/source`, '{}']));
}

scenario('drafts of the published tags go, those of others stay', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const home = drafts(t, '.docker', ['app:1', 'app:2', 'app:3']);
  const inputs = { tags: `${t.ref('app:1')}\n${t.ref('app:2')}`, sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { home });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'none' });
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1'), t.ref('app:2')]);
  const isThere = (name: string): boolean =>
    existsSync(join(run.directory.home, '.docker', draftOf(t, name)));
  assert.deepEqual(['app:1', 'app:2', 'app:3'].map(isThere), [false, false, true]);
});

scenario('drafts go also when the tag holds the list already', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  await t.publish(inputs);
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1')], run.stdout);
});

scenario('drafts go after the last of several rounds, and are named', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:9-arm64', makeImage('linux/arm64')),
  });
  const sources = `${t.ref('app:9-amd64')}\n${t.ref('app:9-arm64')}`;
  const inputs = { tags: t.ref('app:1'), sources, 'missing-sources': 'ignore', 'wait-for-sources': '1s' };
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64', run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1')]);
});

scenario('drafts are looked for where DOCKER_CONFIG says', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const files = { workspace: drafts(t, 'config', ['app:1']), home: drafts(t, '.docker', ['app:1']) };
  const run = await t.publish(inputs, { ...files, env: { DOCKER_CONFIG: 'config' } });
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1')], run.stdout);
  assert.equal(existsSync(join(run.directory.workspace, 'config', draftOf(t, 'app:1'))), false);
  assert.equal(existsSync(join(run.directory.home, '.docker', draftOf(t, 'app:1'))), true);
});

scenario('drafts stay on request', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), purge: 'false' };
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['purged'], '[]');
  assert.equal(existsSync(join(run.directory.home, '.docker', draftOf(t, 'app:1'))), true);
});

scenario('drafts stay when a source is missing', everywhere, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), 'wait-for-sources': '0' };
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  assert.equal(run.exitCode, 1);
  assert.equal(existsSync(join(run.directory.home, '.docker', draftOf(t, 'app:1'))), true);
});

scenario('drafts stay when the push is refused', {}, async (t) => {
  await t.push('app:amd64', amd64);
  t.registry.inject({ on: { method: 'PUT', times: 9 }, fault: 'status', status: 403, code: 'DENIED' });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assert.equal(existsSync(join(run.directory.home, '.docker', draftOf(t, 'app:1'))), true);
});

scenario('drafts stay when another run overtakes this one', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const other = makeImage('linux/arm64');
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:1', other),
  });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { home: drafts(t, '.docker', ['app:1']) });
  t.snapshot(run, { wire: 'sorted' });
  assert.equal(run.exitCode, 1);
  assert.equal(existsSync(join(run.directory.home, '.docker', draftOf(t, 'app:1'))), true);
  assert.equal(t.registry.tags('app')['1'], other.digest);
});
