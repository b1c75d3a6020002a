/** Inspections that fail when something is not as expected, and what two lists have in common. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const armv7 = makeImage('linux/arm/v7');
const windows = (build: string) =>
  makeImage({ os: 'windows', architecture: 'amd64', 'os.version': `10.0.${build}` });

scenario('a list is as expected', everywhere, async (t) => {
  const list = makeIndex([amd64, arm64, armv7]);
  await t.push('app:1', list);
  const run = await t.inspect({
    image: t.ref('app:1'),
    'expect-platforms': 'linux/amd64, linux/aarch64\nlinux/arm',
    'expect-digest': list.digest,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
});

scenario('platforms are missing and the digest is another', everywhere, async (t) => {
  const list = makeIndex([amd64, armv7]);
  await t.push('app:1', list);
  const run = await t.inspect({
    image: t.ref('app:1'),
    'expect-platforms': 'linux/amd64,linux/arm64,linux/riscv64',
    'expect-digest': amd64.digest,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assert.equal(run.outputs['digest'], list.digest);
  const error = errorOf(run).join('\n');
  assert.match(
    error,
    /linux\/arm64 is missing\nlinux\/riscv64 is missing\nit has linux\/amd64, linux\/arm\/v7\n/,
  );
});

scenario('a platform chooses the image that clients pull', everywhere, async (t) => {
  const list = makeIndex([amd64, armv7, arm64]);
  await t.push('app:1', list);
  const run = await t.inspect({
    image: t.ref('app:1'),
    platform: 'linux/arm64/v8',
    'expect-platforms': 'linux/amd64',
    'expect-digest': arm64.digest,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['json'], JSON.stringify(arm64.document));
  assert.equal(run.outputs['image'], `${t.ref('app')}@${arm64.digest}`);
  const verbose = await t.inspect({ image: t.ref('app:1'), platform: 'linux/arm64', verbose: 'true' });
  assert.equal(JSON.parse(verbose.outputs['json'] ?? '').Ref, t.ref(`app:1@${arm64.digest}`));
});

scenario('no image is for the platform', everywhere, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64]));
  const run = await t.inspect({ image: t.ref('app:1'), platform: 'linux/riscv64' });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('a list compared with an older one', { on: ['in-process', 'real'], registries: 2 }, async (t) => {
  const other = t.registries[1];
  const newer = makeImage('linux/arm64', { name: 'newer' });
  await t.push('app:1', makeIndex([amd64, arm64, armv7, windows('17763.1')]), other);
  await t.push('app:2', makeIndex([makeImage('linux/s390x'), newer, amd64, windows('17763.1')]));
  const inputs = { image: t.ref('app:2'), 'compare-with': t.ref('app:1', other) };
  const run = await t.inspect(inputs);
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['changed'], 'true');
  assert.deepEqual(JSON.parse(run.outputs['differences'] ?? ''), [
    { change: 'added', platform: 'linux/s390x', digest: makeImage('linux/s390x').digest },
    { change: 'replaced', platform: 'linux/arm64', digest: newer.digest, previous: arm64.digest },
    { change: 'removed', platform: 'linux/arm/v7', previous: armv7.digest },
  ]);
});

scenario('the older list has nothing for the platform: its image was added', everywhere, async (t) => {
  await t.push('app:1', makeIndex([amd64]));
  await t.push('app:2', makeIndex([amd64, arm64]));
  const inputs = { image: t.ref('app:2'), 'compare-with': t.ref('app:1'), platform: 'linux/arm64' };
  const run = await t.inspect(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['digest'], arm64.digest);
  assert.equal(run.outputs['changed'], 'true');
  const added = { change: 'added', platform: 'linux/arm64', digest: arm64.digest };
  assert.deepEqual(JSON.parse(run.outputs['differences'] ?? ''), [added]);
  assert.match(run.summary, /Compared with .*: \*\*1 added\*\*/);
  const back = await t.inspect({ ...inputs, image: t.ref('app:1'), 'compare-with': t.ref('app:2') });
  assert.equal(back.exitCode, 1);
});

scenario('lists with the same bytes, and with the same images only', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64]));
  await t.push('app:2', makeIndex([amd64, arm64], { attestations: true }));
  const same = await t.inspect({ image: t.ref('app:1'), 'compare-with': t.ref('app:1') });
  assert.equal(same.outputs['changed'], 'false');
  assert.equal(same.outputs['differences'], '[]');
  assert.match(same.summary, /\*\*the same\*\*/);
  const images = await t.inspect({ image: t.ref('app:2'), 'compare-with': t.ref('app:1') });
  assert.equal(images.outputs['changed'], 'true');
  assert.equal(images.outputs['differences'], '[]');
  assert.match(images.summary, /the images are the same, other content differs/);
});

scenario('the list to compare with does not exist', {}, async (t) => {
  await t.push('app:2', makeIndex([amd64]));
  const run = await t.inspect({ image: t.ref('app:2'), 'compare-with': t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('an image is asked for a platform', everywhere, async (t) => {
  await t.push('app:1', amd64);
  const other = await t.inspect({ image: t.ref('app:1'), platform: 'linux/arm64' });
  assert.match(errorOf(other).join('\n'), /linux\/arm64/);
  assert.equal(other.exitCode, 1);
  const own = await t.inspect({ image: t.ref('app:1'), platform: 'linux/x86_64' });
  assert.equal(own.exitCode, 0);
  assert.equal(own.outputs['digest'], amd64.digest);
});
