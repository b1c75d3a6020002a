/** The purge action: local drafts, bad input, and what it says of both. */
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../../support/images/images.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads, warningsOf } from '../evidence.ts';

const drafts = {
  '.docker/manifests/docker.io_acme_app-1/source': '{}',
  '.docker/manifests/ghcr.io_acme_app-2/source': '{}',
  '.docker/manifests/ghcr.io_acme_app-3/source': '{}',
};

const isThere = (home: string, file: keyof typeof drafts): boolean => existsSync(join(home, file));

scenario('local drafts are removed, and no registry is asked', { registries: 0 }, async (t) => {
  const run = await t.purge({ drafts: 'acme/app:1\nghcr.io/acme/app:2\nacme/app:none' }, { home: drafts });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  const { home } = run.directory;
  assert.ok(!isThere(home, '.docker/manifests/docker.io_acme_app-1/source'));
  assert.ok(!isThere(home, '.docker/manifests/ghcr.io_acme_app-2/source'));
  assert.ok(isThere(home, '.docker/manifests/ghcr.io_acme_app-3/source'));
});

scenario('a dry run keeps local drafts', { registries: 0 }, async (t) => {
  const run = await t.purge({ drafts: 'acme/app:1', 'dry-run': 'true' }, { home: drafts });
  t.snapshot(run);
  assert.ok(isThere(run.directory.home, '.docker/manifests/docker.io_acme_app-1/source'));
});

scenario('a name that no file can have has no draft', { registries: 0 }, async (t) => {
  const long = `ghcr.io/${'a'.repeat(200)}:${'b'.repeat(128)}`;
  const run = await t.purge({ drafts: `${long}\nacme/app:1` }, { home: drafts });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), ['docker-manifest:acme/app:1']);
  assert.ok(!isThere(run.directory.home, '.docker/manifests/docker.io_acme_app-1/source'));
});

scenario('drafts that cannot be looked for are a warning', { registries: 0 }, async (t) => {
  const directory = await temporaryDirectory(t.test);
  const loop = join(directory, 'loop');
  symlinkSync(loop, loop);
  for (const dryRun of ['true', 'false']) {
    const run = await t.purge({ drafts: 'acme/app:1', 'dry-run': dryRun }, { env: { DOCKER_CONFIG: loop } });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.match(warningsOf(run).join(), /^The local draft of acme\/app:1 could not be removed: ELOOP/);
    assert.match(run.summary, /\*\*not removed\*\*: see the warnings/);
  }
});

scenario('bad input is told with its line, and nothing is removed', {}, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const digest = `sha256:${'a'.repeat(64)}`;
  const run = await t.purge({
    tags: `${t.ref('app:1-amd64')}\n${t.ref('app')}@${digest}\napp`,
    drafts: `app@${digest}`,
    'dry-run': 'maybe',
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assertOnlyReads(t);
});

scenario('nothing to remove is a mistake', { registries: 0 }, async (t) => {
  const run = await t.purge({});
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});
