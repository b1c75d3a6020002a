/** The action reads annotations from its workflow and declares artifacts to it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { dockerManifest } from '../../../src/oci/media-types.ts';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, warningsOf } from '../evidence.ts';

const image = 'org.opencontainers.image';
const sha = '0123456789abcdef0123456789abcdef01234567';
const repository = { full_name: 'acme/app', description: 'An app.', license: { spdx_id: 'MIT' } };
const own = {
  [`${image}.description`]: 'An app.',
  [`${image}.licenses`]: 'MIT',
  [`${image}.revision`]: sha,
  [`${image}.source`]: 'https://github.invalid/acme/app',
  [`${image}.title`]: 'app',
};

/** The variables of a run whose event says this. */
function variablesOf(test: TestContext, event: object): Record<string, string> {
  const path = join(temporaryDirectory(test), 'event.json');
  writeFileSync(path, JSON.stringify(event));
  return { GITHUB_SHA: sha, GITHUB_EVENT_PATH: path };
}

async function pushed(t: Scenario): Promise<string> {
  await t.push('app:amd64', makeImage('linux/amd64'));
  return t.ref('app:amd64');
}

scenario('the repository describes the index, but not over annotations of the user', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), 'repository-annotations': 'true' };
  const env = variablesOf(t.test, { repository });
  const one = await t.publish(inputs, { env });
  assert.equal(one.exitCode, 0, one.stdout);
  assert.deepEqual(JSON.parse(one.outputs['json'] ?? '').annotations, own);
  const again = await t.publish(inputs, { env });
  assert.equal(again.outputs['changed'], 'false');
  const annotations = `${image}.description=Ours.\nmanifest:${image}.title=Theirs`;
  const other = await t.publish({ ...inputs, annotations }, { env });
  assert.deepEqual(JSON.parse(other.outputs['json'] ?? '').annotations, {
    ...own,
    [`${image}.description`]: 'Ours.',
    [`${image}.title`]: 'Theirs',
  });
});

scenario('the repository turns a Docker list into an index', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64', { types: 'docker' }));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const env = variablesOf(t.test, { repository });
  const plain = await t.publish(inputs, { env });
  assert.match(plain.outputs['media-type'] ?? '', /docker/);
  const described = await t.publish({ ...inputs, 'repository-annotations': 'true' }, { env });
  assert.match(described.outputs['media-type'] ?? '', /oci/);
  const [entry] = JSON.parse(described.outputs['json'] ?? '').manifests;
  assert.equal(entry.mediaType, dockerManifest);
});

scenario('a list that describes itself keeps its bytes', {}, async (t) => {
  const keys = Object.keys(own).map((key) => [key, 'of the list']);
  const built = makeIndex([makeImage('linux/amd64')], { annotations: Object.fromEntries(keys) });
  await t.push('app:built', built);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), 'repository-annotations': 'true' };
  const env = variablesOf(t.test, { repository });
  const run = await t.publish(inputs, { env });
  assert.equal(run.outputs['digest'], built.digest, run.stdout);
});

scenario('a list that is amended gets what it lacks, and keeps what it has', {}, async (t) => {
  const annotations = { [`${image}.title`]: 'of the list' };
  await t.push('app:1', makeIndex([makeImage('linux/arm64')], { annotations }));
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), amend: 'true' };
  const env = variablesOf(t.test, { repository });
  const run = await t.publish({ ...inputs, 'repository-annotations': 'true' }, { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['json'] ?? '').annotations, { ...own, ...annotations });
});

scenario('an event that cannot be read leaves the description out, with a warning', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), 'repository-annotations': 'true' };
  const run = await t.publish(inputs, { env: { GITHUB_SHA: sha, GITHUB_EVENT_PATH: '/nonexistent' } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(warningsOf(run).join(), /repository-annotations adds no description/);
  assert.equal(Object.keys(JSON.parse(run.outputs['json'] ?? '').annotations).length, 3);
});

scenario('a Docker list cannot hold annotations of the repository', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), format: 'docker' };
  const run = await t.publish({ ...inputs, 'repository-annotations': 'true' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(run.stdout, /repository-annotations: needs an OCI index, but `format: docker` cannot hold/);
});

scenario('each repository that was published is an artifact of the job', {}, async (t) => {
  const tags = ['app:1', 'app:latest', 'mirror:1'].map((name) => t.ref(name)).join('\n');
  const run = await t.publish({ tags, sources: await pushed(t), 'declare-subjects': 'true' });
  assert.equal(run.exitCode, 0, run.stdout);
  const lines = ['app', 'mirror'].map((name) => `oci://${t.ref(name)}@${run.outputs['digest']}\n`);
  assert.equal(run.directory.read('GITHUB_ARTIFACTS'), lines.join(''));
});

scenario('a dry run declares nothing', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), push: 'false' };
  const run = await t.publish({ ...inputs, 'declare-subjects': 'true' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.directory.read('GITHUB_ARTIFACTS'), '');
});

scenario('a runner that knows no artifacts: a warning after the push', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), 'declare-subjects': 'true' };
  const run = await t.publish(inputs, { env: { GITHUB_ARTIFACTS: undefined } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(warningsOf(run).join(), /this runner does not set GITHUB_ARTIFACTS/);
  assert.ok(await t.served('app:1'));
});

scenario('a digest that an earlier step gave the repository is refused before the push', {}, async (t) => {
  const path = join(temporaryDirectory(t.test), 'list.json');
  const subject = { name: t.ref('app'), digest: `sha256:${'e'.repeat(64)}`, kind: 'oci' };
  writeFileSync(path, JSON.stringify({ version: 1, subjects: [subject] }));
  const inputs = { tags: t.ref('app:1'), sources: await pushed(t), 'declare-subjects': 'true' };
  const run = await t.publish(inputs, { env: { GITHUB_ARTIFACTS_LIST: path } });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
});
