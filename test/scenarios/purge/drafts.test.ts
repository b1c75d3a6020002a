/** The purge action: local drafts, bad input, and what it says of both. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads } from '../evidence.ts';

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
