/** The main job: images of several architectures become one tag, or many. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { everywhere, methodsOf } from '../evidence.ts';
import { store } from '../stock.ts';

const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
];
const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

async function pushBoth(t: Scenario, repository = 'app', registry = t.registry): Promise<string> {
  await t.push(`${repository}:1-amd64`, amd64, registry);
  await t.push(`${repository}:1-arm64`, arm64, registry);
  const at = t.ref(repository, registry);
  return `${at}:1-amd64\n${at}:1-arm64`;
}

scenario('seven architectures become one tag by seventeen requests', everywhere, async (t) => {
  const tags = platforms.map((platform) => `1-${platform.replaceAll('/', '-')}`);
  for (const [at, platform] of platforms.entries()) await t.push(`app:${tags[at]}`, makeImage(platform));
  const sources = tags.map((tag) => t.ref(`app:${tag}`)).join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], platforms.join(','));
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
  if (!(t.registry instanceof TestRegistry)) return;
  // Each source and its config once, the tag before, the push, the read-back: no ping, no HEAD before a GET.
  assert.deepEqual(methodsOf(t), { GET: 15, HEAD: 1, PUT: 1 });
  assert.deepEqual(
    t.registry.wire.filter(({ path }) => path === '/v2/'),
    [],
  );
  assert.ok(t.registry.connections <= 16, `${t.registry.connections} connections`);
});

scenario('sixty-four architectures and eight tags', {}, async (t) => {
  const variants = Array.from({ length: 64 }, (_, at) => `v${at + 1}`);
  for (const variant of variants) store(t.registry, 'app', variant, makeImage(`linux/riscv64/${variant}`));
  const tags = Array.from({ length: 8 }, (_, at) => t.ref(`app:tag-${at + 1}`)).join('\n');
  const sources = variants.map((variant) => t.ref(`app:${variant}`)).join('\n');
  const run = await t.publish({ tags, sources });
  assert.equal(run.exitCode, 0, run.stdout);
  // Each source and its config once, each tag once before and once after, and the pushes by digest and by tag.
  assert.deepEqual(methodsOf(t), { GET: 136, HEAD: 8, PUT: 9 });
  assert.ok(t.registry.connections <= 32, `${t.registry.connections} connections`);
  assert.ok(t.registry.maxConcurrent <= 32, `${t.registry.maxConcurrent} at once`);
});

scenario('several tags of one repository take the index by digest first', everywhere, async (t) => {
  const sources = await pushBoth(t);
  const names = ['app:1', 'app:1.4', 'app:latest'];
  const run = await t.publish({ tags: names.map((name) => t.ref(name)).join('\n'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  for (const name of names) assert.equal((await t.served(name))?.digest, run.outputs['digest'], name);
});

scenario('several repositories that hold the images already', everywhere, async (t) => {
  const sources = await pushBoth(t);
  await pushBoth(t, 'mirror/app');
  const names = ['app:1', 'mirror/app:1', 'mirror/app:latest'];
  const run = await t.publish({ tags: names.map((name) => t.ref(name)).join('\n'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  for (const name of names) assert.equal((await t.served(name))?.digest, run.outputs['digest'], name);
});

scenario('several registries that hold the images already', { ...everywhere, registries: 2 }, async (t) => {
  const [one, other] = t.registries;
  assert.ok(one !== undefined && other !== undefined);
  const sources = await pushBoth(t);
  await pushBoth(t, 'team/app', other);
  const run = await t.publish({ tags: `${t.ref('app:1')}, ${t.ref('team/app:1', other)}`, sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
  assert.equal((await t.served('team/app:1', other))?.digest, run.outputs['digest']);
});

scenario('the second run changes nothing and writes nothing', everywhere, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: await pushBoth(t) };
  const first = await t.publish(inputs);
  assert.equal(first.outputs['changed'], 'true', first.stdout);
  if (t.registry instanceof TestRegistry) t.registry.clearWire();
  const second = await t.publish(inputs);
  assert.equal(second.exitCode, 0, second.stdout);
  t.snapshot(second, { wire: 'sorted' });
  assert.equal(second.outputs['changed'], 'false');
  assert.equal(second.outputs['digest'], first.outputs['digest']);
  assert.deepEqual(JSON.parse(second.outputs['previous'] ?? ''), {
    [t.ref('app:1')]: first.outputs['digest'],
  });
  assert.equal(methodsOf(t)?.['PUT'], undefined);
});

scenario(
  'a second run waits for no late answer about its tags: it writes the list by digest, and no tag',
  {},
  async (t) => {
    const inputs = { tags: `${t.ref('app:1')}\n${t.ref('app:latest')}`, sources: await pushBoth(t) };
    await t.publish(inputs);
    t.registry.clearWire();
    t.registry.inject({ fault: 'delay', milliseconds: 500, on: { method: 'HEAD', times: 9 } });
    const second = await t.publish(inputs);
    assert.equal(second.exitCode, 0, second.stdout);
    const puts = t.registry.wire.filter(({ method }) => method === 'PUT').map(({ path }) => path);
    assert.deepEqual(puts, [`/v2/app/manifests/${second.outputs['digest']}`]);
    assert.equal(second.outputs['changed'], 'false');
  },
);

scenario('a tag that moves reports what it held before', everywhere, async (t) => {
  const old = makeImage('linux/amd64', { name: 'older' });
  await t.push('app:latest', old);
  const sources = await pushBoth(t);
  const run = await t.publish({ tags: `${t.ref('app:latest')}\n${t.ref('app:2')}`, sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'sorted' });
  assert.equal(run.outputs['changed'], 'true');
  assert.deepEqual(JSON.parse(run.outputs['previous'] ?? ''), {
    [t.ref('app:latest')]: old.digest,
    [t.ref('app:2')]: null,
  });
});

scenario('tags as docker/metadata-action writes them, with commas, comments and repeats', {}, async (t) => {
  const sources = await pushBoth(t);
  const tags = `# from the metadata step\n${t.ref('app:1')},${t.ref('app:1.4')}\n\n  ${t.ref('app:1')}  \r\n`;
  const run = await t.publish({ tags, sources: `# both of them\n\n${sources}\n` });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['tags'], `${t.ref('app:1')}\n${t.ref('app:1.4')}`);
});
