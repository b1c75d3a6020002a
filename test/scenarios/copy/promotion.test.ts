/** A tested list goes from staging to production as it is, within a registry and to another. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import { assertHolds, bothOf } from './copy-cases.ts';

const [amd64, arm64] = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform));
const tested = makeIndex([amd64, arm64] as TestContent[]);
const ofList = makeArtifact({
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: tested,
});
const ofImage = makeArtifact({ artifactType: 'application/vnd.example.sbom', subject: arm64 as TestContent });
const released = makeIndex([amd64, arm64, makeImage('linux/riscv64')] as TestContent[]);

const tags = ['1.2.3', 'latest'];
const guards = {
  'removed-platforms': 'error',
  'immutable-tags': '*.*.*',
  platforms: 'linux/amd64,linux/arm64',
};

async function promote(t: Scenario<TestRegistry>) {
  const [from, to] = bothOf(t);
  for (const each of [ofList, ofImage]) await t.push('app-staging', each, from);
  await t.push('app-staging:1.2.3', tested, from);
  return t.publish({
    tags: [from, to].flatMap((registry) => tags.map((tag) => t.ref(`app:${tag}`, registry))).join('\n'),
    sources: t.ref(`app-staging@${tested.digest}`, from),
    ...guards,
  });
}

scenario(
  'a list is promoted with its digest, its images and their signatures',
  { registries: 2 },
  async (t) => {
    const run = await promote(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['digest'], tested.digest);
    assert.deepEqual(warningsOf(run), []);
    for (const registry of bothOf(t)) {
      for (const tag of tags) assert.deepEqual((await t.served(`app:${tag}`, registry))?.bytes, tested.bytes);
      for (const each of [tested, amd64, arm64, ofList, ofImage])
        assertHolds(registry, 'app', each as TestContent);
    }
    const again = await promote(t);
    assert.equal(again.exitCode, 0, again.stdout);
    assert.equal(again.outputs['changed'], 'false');
  },
);

scenario('a promotion that a guard refuses moves no tag of any registry', { registries: 2 }, async (t) => {
  const [, to] = bothOf(t);
  await t.push('app:latest', released, to);
  const run = await promote(t);
  assert.equal(run.exitCode, 1);
  assert.match(errorOf(run).join('\n'), /linux\/riscv64[\s\S]*\[PLATFORM_REMOVED\]/);
  for (const registry of bothOf(t)) assert.equal(await t.served('app:1.2.3', registry), undefined);
  assert.deepEqual((await t.served('app:latest', to))?.bytes, released.bytes);
});
