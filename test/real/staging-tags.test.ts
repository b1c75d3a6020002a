/** Staging tags of real registries: one that removes tags, and one that refuses to. */
import assert from 'node:assert/strict';
import { warningsOf } from '../scenarios/evidence.ts';
import { makeImage, makeIndex } from '../support/images/images.ts';
import { skipWithoutCrane, startCraneRegistry } from '../support/registry/crane-registry.ts';
import { startRealRegistry } from '../support/registry/real-registry.ts';
import type { RegistryHandle } from '../support/registry/registry-handle.ts';
import { requestRegistry } from '../support/registry/registry-request.ts';
import { type Scenario, scenario } from '../support/run/scenario.ts';
import { skipWithout } from '../support/wire/programs.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const list = makeIndex([amd64, arm64]);

async function stage(t: Scenario, registry: RegistryHandle): Promise<string> {
  t.test.after(() => registry.close());
  await t.push('acme/app:1', list, registry);
  await t.push('acme/app:1-amd64', amd64, registry);
  await t.push('acme/app:1-arm64', arm64, registry);
  return ['1-amd64', '1-arm64'].map((tag) => t.ref(`acme/app:${tag}`, registry)).join('\n');
}

async function assertContent(t: Scenario, registry: RegistryHandle): Promise<void> {
  for (const { digest } of [amd64, arm64, list])
    assert.ok(await t.served(`acme/app@${digest}`, registry), `${digest} is gone`);
  assert.equal((await t.served('acme/app:1', registry))?.digest, list.digest);
}

scenario(
  "crane's registry removes a tag with 202, and keeps its digest",
  { registries: 0, skip: skipWithoutCrane },
  async (t) => {
    const registry = await startCraneRegistry();
    await stage(t, registry);
    const removed = await requestRegistry(registry, {
      method: 'DELETE',
      path: '/v2/acme/app/manifests/1-amd64',
    });
    assert.equal(removed.status, 202);
    assert.equal(await t.served('acme/app:1-amd64', registry), undefined);
    await assertContent(t, registry);
  },
);

scenario(
  "staging tags of crane's registry go, and their images stay",
  { registries: 0, skip: skipWithoutCrane },
  async (t) => {
    const registry = await startCraneRegistry();
    const tags = await stage(t, registry);
    const run = await t.purge({ tags });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), tags.split('\n'), run.stdout);
    assert.deepEqual(warningsOf(run), []);
    for (const tag of ['1-amd64', '1-arm64'])
      assert.equal(await t.served(`acme/app:${tag}`, registry), undefined);
    await assertContent(t, registry);
  },
);

const refusals = [
  { deletes: 'on', answer: /refused to remove the tag \(400, DIGEST_INVALID/ },
  { deletes: 'off', answer: /refused to remove the tag \(405, UNSUPPORTED/ },
] as const;

for (const { deletes, answer } of refusals)
  scenario(
    `staging tags of CNCF distribution 2 with deletes ${deletes} stay, with a warning`,
    { registries: 0, skip: skipWithout('docker-registry') },
    async (t) => {
      const registry = await startRealRegistry({ deletes });
      const tags = await stage(t, registry);
      const run = await t.purge({ tags });
      assert.equal(run.exitCode, 0, run.stdout);
      assert.equal(run.outputs['purged'], '[]');
      const [warning = '', ...others] = warningsOf(run);
      assert.deepEqual(others, []);
      assert.match(warning, /^Not removed: .*1-amd64, .*1-arm64: /);
      assert.match(warning, answer);
      assert.match(warning, /storage\.delete\.enabled/);
      for (const tag of ['1-amd64', '1-arm64']) assert.ok(await t.served(`acme/app:${tag}`, registry));
      await assertContent(t, registry);
    },
  );
