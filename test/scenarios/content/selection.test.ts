/** Which of the sources' platforms go into the list. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const other = makeImage('linux/arm64/v8', { name: 'other' });

scenario('one platform from two sources is refused, and both are named', everywhere, async (t) => {
  await t.push('app:arm64', arm64);
  await t.push('app:aarch64', other);
  const sources = `# builds\n${t.ref('app:arm64')}\n${t.ref('app:aarch64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /lines 2 and 3 .+app:arm64 and \S+app:aarch64 \[DUPLICATE_PLATFORM\]/);
});

scenario('of two sources for one platform the first is taken', everywhere, async (t) => {
  await t.push('app:arm64', arm64);
  await t.push('app:aarch64', other);
  const inputs = {
    tags: t.ref('app:1'),
    sources: `${t.ref('app:arm64')}\n${t.ref('app:aarch64')}`,
    'duplicate-platforms': 'first',
  };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [arm64.digest],
  );
});

scenario('of two sources for one platform the last is taken', everywhere, async (t) => {
  await t.push('app:list', makeIndex([arm64, amd64]));
  await t.push('app:aarch64', other);
  const inputs = {
    tags: t.ref('app:1'),
    sources: `${t.ref('app:list')}\n${t.ref('app:aarch64')}`,
    'duplicate-platforms': 'last',
  };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [amd64.digest, other.digest],
  );
});

scenario('a platform that no source supplies', everywhere, async (t) => {
  await t.push('app:list', makeIndex([arm64, amd64]));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:list'), platforms: 'linux/amd64\nlinux/s390x' };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /No source supplies linux\/s390x.+\[PLATFORM_MISSING\]/);
});

scenario('an image whose platform is not among those to publish', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  const inputs = {
    tags: t.ref('app:1'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
    platforms: 'linux/amd64',
  };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /sources line 2: .+linux\/arm64.+\[PLATFORM_UNWANTED\]/);
});

scenario('one image with two platforms is two entries', everywhere, async (t) => {
  const portable = makeImage('linux/amd64', { configPlatform: { os: 'wasi', architecture: 'wasm' } });
  await t.push('app:wasm', portable);
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:wasm')} variant=v1\n${t.ref('app:wasm')} variant=v2\n${t.ref('app:amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'wasi/wasm/v1,wasi/wasm/v2,linux/amd64');
});
