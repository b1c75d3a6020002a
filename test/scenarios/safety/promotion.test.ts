/** A list goes from staging to production as it is: its digest, its signatures, several tags, with guards on. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere, warningsOf } from '../evidence.ts';

const platforms = ['linux/amd64', 'linux/arm64'];
const images = platforms.map((platform) => makeImage(platform));
const release = makeIndex(images, { attestations: true });
/** The list that production serves before. */
const former = makeIndex(platforms.map((platform) => makeImage(platform, { name: 'former' })));
/** As cosign signs the list, and an image of it: an image under a tag that is made of the digest. */
const signatures = [release, ...images].map((signed) => ({
  tag: `${signed.digest.replace(':', '-')}.sig`,
  content: makeArtifact({ artifactType: `application/vnd.example.of.${signed.digest.slice(7, 15)}` }),
}));
const guards = {
  'removed-platforms': 'error',
  'immutable-tags': '[0-9]*.[0-9]*.[0-9]*',
  platforms: platforms.join(','),
};

async function staged(t: Scenario, production: RegistryHandle): Promise<Record<string, string>> {
  await t.push('staging/app:build-7', release);
  for (const { tag, content } of signatures) await t.push(`staging/app:${tag}`, content);
  for (const tag of ['app:1.4', 'app:latest']) await t.push(tag, former, production);
  const tags = ['app:1.4.2', 'app:1.4', 'app:latest'].map((tag) => t.ref(tag, production));
  return { ...guards, tags: tags.join('\n'), sources: t.ref('staging/app:build-7') };
}

async function assertPromoted(t: Scenario, production: RegistryHandle): Promise<void> {
  for (const tag of ['1.4.2', '1.4', 'latest'])
    assert.deepEqual((await t.served(`app:${tag}`, production))?.bytes, release.bytes, tag);
  for (const { tag, content } of signatures)
    assert.equal((await t.served(`app:${tag}`, production))?.digest, content.digest, tag);
  for (const { digest } of release.children)
    assert.equal((await t.served(`app@${digest}`, production))?.digest, digest);
}

for (const place of ['within a registry', 'to another registry'] as const) {
  scenario(`a list is promoted ${place} with its signatures`, { ...everywhere, registries: 2 }, async (t) => {
    const production = (place === 'to another registry' ? t.registries[1] : undefined) ?? t.registry;
    const inputs = await staged(t, production);
    const rehearsal = await t.publish({ ...inputs, push: 'false' });
    assert.equal(rehearsal.exitCode, 0, rehearsal.stdout);
    assert.equal(await t.served('app:1.4.2', production), undefined);
    const run = await t.publish(inputs);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(warningsOf(run), []);
    assert.equal(run.outputs['digest'], release.digest);
    await assertPromoted(t, production);
    const again = await t.publish(inputs);
    assert.equal(again.exitCode, 0, again.stdout);
    assert.equal(again.outputs['changed'], 'false');
  });

  scenario(
    `a promotion ${place} that would lose a platform moves nothing`,
    { ...everywhere, registries: 2 },
    async (t) => {
      const production = (place === 'to another registry' ? t.registries[1] : undefined) ?? t.registry;
      const inputs = await staged(t, production);
      const run = await t.publish({ ...inputs, platforms: 'linux/amd64' });
      assert.match(
        errorOf(run).join('\n'),
        /linux\/arm64 \(its clients get nothing\)[\s\S]*\[PLATFORM_REMOVED\]/,
      );
      assert.equal(await t.served('app:1.4.2', production), undefined);
      for (const tag of ['app:1.4', 'app:latest'])
        assert.deepEqual((await t.served(tag, production))?.bytes, former.bytes);
    },
  );
}

scenario(
  'a version that is out already is not promoted over',
  { ...everywhere, registries: 2 },
  async (t) => {
    const [, production = t.registry] = t.registries;
    const inputs = await staged(t, production);
    await t.push('app:1.4.2', former, production);
    const run = await t.publish(inputs);
    assert.match(
      errorOf(run).join('\n'),
      /app:1\.4\.2 holds sha256:\w+ \(read when the run started\), and immutable-tags .*\[TAG_IMMUTABLE\]/,
    );
    for (const tag of ['app:1.4.2', 'app:1.4', 'app:latest'])
      assert.deepEqual((await t.served(tag, production))?.bytes, former.bytes);
  },
);
