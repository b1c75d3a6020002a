/** The platform of an entry inside a list is compared with its image's config, as a single image's is. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { countWaves } from '../../../support/wire/waves.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const mislabelled = {
  content: makeImage('linux/amd64', { name: 'other' }),
  platform: arm64.platform ?? null,
};
const mismatch = /sources line 1: .*linux\/arm64.*linux\/amd64.*\[PLATFORM_MISMATCH\]/s;

scenario('an entry of a list that contradicts its config, beside another source', {}, async (t) => {
  await t.push('app:built', makeIndex([mislabelled]));
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), mismatch);
});

scenario('an entry of a sole list that contradicts its config', {}, async (t) => {
  // Also a list that would be tagged as it is: users of that platform would pull the wrong image.
  await t.push('app:built', makeIndex([amd64, mislabelled]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), mismatch);
});

scenario('an entry of a list inside a list that contradicts its config', {}, async (t) => {
  const inner = makeIndex([mislabelled]);
  await t.push('app:built', makeIndex([amd64, { content: inner, platform: null }]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), mismatch);
});

scenario('an entry whose variant its config contradicts', {}, async (t) => {
  const armv7 = { os: 'linux', architecture: 'arm', variant: 'v7' };
  await t.push('app:built', makeIndex([{ content: makeImage('linux/arm/v6'), platform: armv7 }]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /linux\/arm\/v7.*linux\/arm\/v6.*\[PLATFORM_MISMATCH\]/s);
});

scenario('an entry in another spelling of the same platform keeps its bytes', {}, async (t) => {
  const aarch64 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
  const list = makeIndex([amd64, { content: arm64, platform: aarch64 }]);
  await t.push('app:built', list);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.outputs['digest'], list.digest, run.stdout);
});

scenario('an entry that names what its config leaves out contradicts nothing', {}, async (t) => {
  const armv7 = { os: 'linux', architecture: 'arm', variant: 'v7' };
  await t.push('app:built', makeIndex([{ content: makeImage('linux/arm'), platform: armv7 }]));
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(entriesOf(run)[0]?.platform, { architecture: 'arm', os: 'linux', variant: 'v7' });
});

scenario('an entry whose config names no platform goes by its own word', {}, async (t) => {
  const silent = makeImage('linux/riscv64', { configPlatform: null });
  const list = makeIndex([amd64, silent]);
  await t.push('app:built', list);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.outputs['digest'], list.digest, run.stdout);
});

scenario('the configs of a list are read beside each other', {}, async (t) => {
  const images = ['amd64', 'arm64', 'riscv64', 's390x'].map((architecture) =>
    makeImage({ os: 'linux', architecture }),
  );
  await t.push('app:built', makeIndex(images));
  await t.push('app:ppc64le', makeImage('linux/ppc64le'));
  const waves = countWaves(t.registry);
  const sources = `${t.ref('app:built')}\n${t.ref('app:ppc64le')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  // The list, its images, their configs, the tag, and the tag again.
  assert.ok(waves.count <= 5, waves.sizes.join(' '));
  assert.equal(t.registry.wire.filter(({ path }) => path.includes('/blobs/')).length, 5);
});
