/** Sources with placeholders, one for each platform. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, everywhere } from '../evidence.ts';

const platforms = 'linux/amd64\nlinux/arm64\nlinux/arm/v7';

scenario('one line stands for a source of every platform', everywhere, async (t) => {
  for (const platform of platforms.split('\n'))
    await t.push(`app:1-${platform.replaceAll('/', '-')}`, makeImage(platform));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:1-{platform}'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], platforms.replaceAll('\n', ','));
});

scenario('placeholders for os, arch and variant, with keys behind them', everywhere, async (t) => {
  await t.push('linux/app:amd64', makeImage('linux/amd64'));
  await t.push('linux/app:armv7', makeImage('linux/arm/v7'));
  const inputs = {
    tags: t.ref('linux/app:1'),
    sources: `${t.ref('{os}/app:{arch}{variant}')} annotation.org.example.note=x`,
    platforms: 'linux/amd64\nlinux/arm/v7',
  };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ annotations }) => annotations),
    [{ 'org.example.note': 'x' }, { 'org.example.note': 'x' }],
  );
});

scenario('templates without platforms, and with unknown placeholders', {}, async (t) => {
  const sources = `${t.ref('app:{arch}')}\n${t.ref('app:{cpu}')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
});
