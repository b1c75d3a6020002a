/** Sources that are lists themselves. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere, methodsOf, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const armv7 = makeImage('linux/arm/v7');
const riscv = makeImage('linux/riscv64');

scenario('two lists and an image become one list', everywhere, async (t) => {
  await t.push('app:one', makeIndex([amd64, arm64], { annotations: { 'org.example.lost': 'on the index' } }));
  await t.push('app:other', makeIndex([armv7]));
  await t.push('app:riscv', riscv);
  const sources = ['one', 'riscv', 'other'].map((tag) => t.ref(`app:${tag}`)).join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/riscv64,linux/arm/v7');
});

scenario('fields of entries that this action does not know go along', everywhere, async (t) => {
  const annotated = {
    content: amd64,
    annotations: { 'org.example.kept': 'yes' },
    fields: { 'x-origin': { builder: 7 }, artifactType: 'application/vnd.example' },
  };
  await t.push('app:one', makeIndex([annotated]));
  await t.push('app:arm64', arm64);
  const sources = `${t.ref('app:one')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  const [first] = entriesOf(run) as readonly unknown[];
  assert.deepEqual(first, {
    mediaType: amd64.mediaType,
    digest: amd64.digest,
    size: amd64.size,
    annotations: { 'org.example.kept': 'yes' },
    platform: { architecture: 'amd64', os: 'linux' },
    artifactType: 'application/vnd.example',
    'x-origin': { builder: 7 },
  });
});

scenario('a sole list is tagged as it is, whatever its spacing', everywhere, async (t) => {
  const list = makeIndex([amd64, arm64], { indent: 7, annotations: { 'org.example.kept': 'yes' } });
  await t.push('app:built', list);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['digest'], list.digest);
  assert.deepEqual((await t.served('app:1'))?.bytes, list.bytes);
});

scenario('a sole list of which not all is wanted keeps its annotations', everywhere, async (t) => {
  const list = makeIndex([amd64, arm64, armv7], { annotations: { 'org.example.kept': 'on the index' } });
  await t.push('app:built', list);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), platforms: 'linux/arm64\nlinux/amd64' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.notEqual(run.outputs['digest'], list.digest);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('a platform behind a list picks that image of it', everywhere, async (t) => {
  await t.push('app:built', makeIndex([amd64, arm64, armv7]));
  await t.push('app:arm64', makeImage('linux/arm64', { name: 'native' }));
  const sources = `${t.ref('app:built')} linux/amd64\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.equal(entriesOf(run)[0]?.digest, amd64.digest);
});

scenario('a platform that a list does not have', everywhere, async (t) => {
  await t.push('app:built', makeIndex([amd64, arm64]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: `${t.ref('app:built')} linux/s390x` });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(
    errorOf(run)[0] ?? '',
    /without linux\/s390x; it holds linux\/amd64, linux\/arm64 \[PLATFORM_MISSING\]/,
  );
});

scenario('lists inside a list', everywhere, async (t) => {
  await t.push('app:built', makeIndex([{ content: makeIndex([amd64, arm64]) }, armv7]));
  await t.push('app:riscv', riscv);
  const sources = `${t.ref('app:built')}\n${t.ref('app:riscv')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/arm/v7,linux/riscv64');
});

scenario('lists inside a sole list are flattened with a warning', everywhere, async (t) => {
  const nested = makeIndex([{ content: makeIndex([amd64]) }, { content: makeIndex([arm64]) }]);
  await t.push('app:built', nested);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.deepEqual(warningsOf(run), [
    `${t.ref('app:built')} has lists inside its list. They are flattened, so the published list has another digest.`,
  ]);
});

scenario('lists inside lists without an end in sight', {}, async (t) => {
  let nested = makeIndex([amd64]);
  for (let depth = 0; depth < 5; depth++) nested = makeIndex([{ content: nested }]);
  await t.push('app:deep', nested);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:deep') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
});

scenario('entries without a platform get that of their config, or stay without', everywhere, async (t) => {
  const sbom = makeArtifact({ artifactType: 'application/spdx+json' });
  await t.push(
    'app:built',
    makeIndex([
      { content: amd64, platform: null },
      { content: sbom, platform: null },
    ]),
  );
  await t.push('app:arm64', arm64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ platform }) => platform?.['architecture']),
    ['amd64', undefined, 'arm64'],
  );
});

scenario('an entry that is not what its list says', {}, async (t) => {
  await t.push('app', amd64);
  const wrong = makeIndex([{ content: amd64, fields: { size: amd64.size + 1 } }]);
  t.registry.plant('app', 'built', wrong);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
});

scenario('an entry that is gone', {}, async (t) => {
  await t.push('app:built', makeIndex([amd64, arm64]));
  t.registry.remove('app', arm64.digest);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), 'wait-for-sources': '0' };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /sources line 1: \S+app:built is incomplete: sha256:\w+ is missing/);
});

scenario('an image of a list whose config is gone, and one whose config is none', {}, async (t) => {
  const list = makeIndex([{ content: amd64, platform: null }]);
  await t.push('app:built', list);
  const config = amd64.document.config?.digest ?? '';
  t.registry.addBlob('app', { digest: config, size: 2, read: () => [Buffer.from('{}')] });
  const broken = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  t.snapshot(broken, { wire: 'none' });
  await assertNothingDone(t, broken, ['app:1']);
  const page = Buffer.from('<html>');
  const digest = t.registry.addBlob('app', page);
  const image = { ...amd64.document, config: { ...amd64.document.config, digest, size: page.length } };
  const mediaType = amd64.mediaType;
  t.registry.plant('app', 'page', { bytes: JSON.stringify(image), mediaType });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:page') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(
    errorOf(run)[0] ?? '',
    /sources line 1: \S+app:page has an invalid config: .+\[SOURCE_NOT_AN_IMAGE\]/,
  );
});

scenario('a list without entries', everywhere, async (t) => {
  await t.push('app:empty', makeIndex([]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:empty') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
});

scenario('no more is read of the images of a list than what the result needs', {}, async (t) => {
  await t.push('app:built', makeIndex([amd64, arm64]));
  await t.push('app:riscv', riscv);
  const sources = `${t.ref('app:built')}\n${t.ref('app:riscv')}`;
  await t.publish({ tags: t.ref('app:1'), sources });
  // The list, its two images and their configs, the third image and its config, the read-back.
  assert.deepEqual(methodsOf(t), { GET: 8, HEAD: 1, PUT: 1 });
});
