/** Platforms that are half written, and lists that hold one platform twice on purpose. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

const arm64 = makeImage('linux/arm64');
const armv7 = makeImage('linux/arm/v7');

const parts: readonly Readonly<Record<string, string>>[] = [
  { os: 'linux' },
  { architecture: 'arm64' },
  { os: 'linux', architecture: '' },
  {},
];

for (const platform of parts) {
  const name = JSON.stringify(platform);

  scenario(`a descriptor with the platform ${name} is completed from the config`, {}, async (t) => {
    await t.push('app', arm64);
    const sources = JSON.stringify({ ...describe(arm64), platform });
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(entriesOf(run)[0]?.platform, { architecture: 'arm64', os: 'linux' });
  });

  scenario(`an entry of a list with the platform ${name} is completed from the config`, {}, async (t) => {
    await t.push('app:built', makeIndex([{ content: arm64, platform: null, fields: { platform } }]));
    await t.push('app:armv7', armv7);
    const sources = `${t.ref('app:built')}\n${t.ref('app:armv7')}`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(entriesOf(run)[0]?.platform, { architecture: 'arm64', os: 'linux' });
  });
}

scenario('a part of a platform that the config contradicts is an error', {}, async (t) => {
  await t.push('app', arm64);
  const sources = JSON.stringify({ ...describe(arm64), platform: { os: 'windows' } });
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /\[PLATFORM_MISMATCH\]/);
});

const zstd = { 'io.github.containers.compression.zstd': 'true' };
const copies = [
  { content: makeImage('linux/amd64') },
  { content: arm64 },
  { content: makeImage('linux/amd64', { name: 'zstd' }), annotations: zstd },
  { content: makeImage('linux/arm64', { name: 'zstd' }), annotations: zstd },
];

// Entries of one list with one platform are copies when their annotations tell them apart: a client chooses by these.
scenario('a list with zstd copies is narrowed with both copies of a platform', {}, async (t) => {
  await t.push('app:podman', makeIndex(copies));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:podman'), platforms: 'linux/arm64' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [copies[1]?.content.digest, copies[3]?.content.digest],
  );
  assert.equal(run.outputs['platforms'], 'linux/arm64');
});

scenario('a list with zstd copies is joined with another image', {}, async (t) => {
  await t.push('app:podman', makeIndex(copies));
  await t.push('app:armv7', armv7);
  const sources = `${t.ref('app:podman')}\n${t.ref('app:armv7')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(entriesOf(run).length, 5);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/arm/v7');
});

scenario(
  'two lists with the same platforms are duplicates, whatever their copies are annotated',
  {},
  async (t) => {
    await t.push('app:podman', makeIndex(copies));
    await t.push(
      'app:other',
      makeIndex([{ content: makeImage('linux/arm64', { name: 'x' }), annotations: { a: 'b' } }]),
    );
    const sources = `${t.ref('app:podman')}\n${t.ref('app:other')}`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /linux\/arm64.*\[DUPLICATE_PLATFORM\]/s);
  },
);

scenario('two images for one platform in one list are told apart by their digests', {}, async (t) => {
  const [one, other] = [makeImage('linux/amd64'), makeImage('linux/amd64', { name: 'other' })];
  await t.push('app:built', makeIndex([one, other]));
  await t.push('app:arm64', arm64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  const said = errorOf(run).join('\n');
  assert.match(said, /\[DUPLICATE_PLATFORM\]/);
  assert.ok(said.includes(one.digest) && said.includes(other.digest), said);
  assert.doesNotMatch(said, /(\S+) and \1\b/);
});
