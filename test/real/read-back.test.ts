/** What the action published, as other clients see it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage, makeIndex } from '../support/images/images.ts';
import type { ActionInputs } from '../support/run/run-action.ts';
import { type Scenario, scenario } from '../support/run/scenario.ts';
import { skipWithout } from '../support/wire/programs.ts';
import { DockerCli, skopeoRaw } from './client.ts';

const needed = { on: ['real'], skip: skipWithout('docker', 'skopeo') } as const;
const windows = {
  os: 'windows',
  architecture: 'amd64',
  'os.version': '10.0.20348.2402',
  'os.features': ['win32k'],
};

async function sourcesOf(t: Scenario, types: 'docker' | 'oci'): Promise<string> {
  const images = ['linux/amd64', 'linux/arm/v7', 'linux/arm64/v8', windows] as const;
  for (const [at, platform] of images.entries())
    await t.push(`acme/app:${at}`, makeImage(platform, { types }));
  return images.map((_, at) => t.ref(`acme/app:${at}`)).join('\n');
}

interface InspectedList {
  readonly mediaType: string;
  readonly manifests: readonly {
    readonly digest: string;
    readonly size: number;
    readonly platform: object;
  }[];
}

/** Publishes and lets docker and skopeo say what they find. */
async function assertSeen(t: Scenario, inputs: ActionInputs): Promise<void> {
  const tag = t.ref('acme/app:list');
  const run = await t.publish({ tags: tag, 'registry-auth': t.registryAuth, ...inputs });
  assert.equal(run.exitCode, 0, run.stdout);
  const bytes = await skopeoRaw(tag, t.registry.credentials);
  assert.deepEqual(bytes, (await t.served('acme/app:list'))?.bytes);
  const list = JSON.parse(bytes.toString()) as InspectedList;
  assert.deepEqual(list, JSON.parse(run.outputs['json'] ?? ''));
  // docker rebuilds lists without their annotations.
  const inspected = await new DockerCli(t.test, t.registries).manifest('inspect', tag);
  const { manifests } = JSON.parse(inspected) as InspectedList;
  const entries = list.manifests.map(({ digest, size, platform }) => ({ digest, size, platform }));
  const found = manifests.map(({ digest, size, platform }) => ({ digest, size, platform }));
  assert.deepEqual(found, entries);
}

for (const types of ['docker', 'oci'] as const)
  for (const format of ['auto', 'docker', 'oci'])
    scenario(`${types} images, format ${format}, seen by docker and skopeo`, needed, async (t) => {
      await assertSeen(t, { sources: await sourcesOf(t, types), format });
    });

scenario('annotations seen by docker and skopeo', needed, async (t) => {
  const annotations = 'org.example.note=<a> & "b" é\nmanifest-descriptor[linux/amd64]:org.example.note=x';
  await assertSeen(t, { sources: await sourcesOf(t, 'oci'), annotations });
});

scenario('attestations seen by docker and skopeo', needed, async (t) => {
  const images = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform));
  for (const [at, image] of images.entries())
    await t.push(`acme/app:${at}`, makeIndex([image], { attestations: true }));
  await assertSeen(t, { sources: `${t.ref('acme/app:0')}\n${t.ref('acme/app:1')}` });
});

scenario('a registry with a password, seen by docker and skopeo', { ...needed, auth: 'basic' }, async (t) => {
  await assertSeen(t, { sources: await sourcesOf(t, 'docker') });
});

scenario(
  "docker's own login, and docker's own draft, gone after the push",
  { ...needed, auth: 'basic' },
  async (t) => {
    const sources = await sourcesOf(t, 'docker');
    const cli = new DockerCli(t.test, t.registries);
    const tag = t.ref('acme/app:list');
    await cli.manifest('create', tag, t.ref('acme/app:0'));
    const draft = join(cli.config, 'manifests', tag.replaceAll(':', '-').replaceAll('/', '_'));
    assert.equal(existsSync(draft), true);
    const env = { DOCKER_CONFIG: cli.config };
    const run = await t.publish({ tags: tag, sources }, { env });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [tag]);
    assert.equal(existsSync(draft), false);
    // Before, this would have said that the list exists already.
    await cli.manifest('create', tag, t.ref('acme/app:1'));
  },
);

scenario('a draft of docker published as docker would publish it', needed, async (t) => {
  await sourcesOf(t, 'docker');
  const cli = new DockerCli(t.test);
  const list = t.ref('acme/app:draft');
  const images = [t.ref('acme/app:0'), t.ref('acme/app:1')];
  await cli.manifest('create', list, ...images);
  await cli.annotate(list, images[1] ?? '', ['--os-version', '12']);
  const inputs = { tags: t.ref('acme/app:ours'), sources: `docker-manifest:${list}` };
  const run = await t.publish(inputs, { env: { DOCKER_CONFIG: cli.config } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await cli.manifest('push', list)).trim(), run.outputs['digest']);
});
