/** missing-sources: ignore. Each leg publishes what is there, and again when more has appeared. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const riscv = makeImage('linux/riscv64');
const platforms = 'linux/amd64\nlinux/arm64\nlinux/riscv64';
const ignore = { 'missing-sources': 'ignore', 'wait-for-sources': '1s' };

scenario('publishes what exists, and tells what is missing', everywhere, async (t) => {
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.outputs['published'], 'true');
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.match(warningsOf(run).join('\n'), /app:9-riscv64/);
});

scenario('a source that appears after the PUT is published, too', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:9-arm64', arm64),
  });
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64', run.stdout);
  assert.equal(run.outputs['previous'], JSON.stringify({ [t.ref('app:1')]: null }));
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
});

scenario('the list of a faster leg, with more in it: green, and the tag is left alone', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  const more = makeIndex([amd64, arm64, riscv]);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:1', more),
  });
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await t.served('app:1'))?.digest, more.digest);
  assert.equal(run.outputs['digest'], more.digest);
});

scenario('an older list of a slower leg is replaced again', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:1', makeIndex([arm64])),
  });
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('another list that keeps coming back is an error', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  const other = makeIndex([makeImage('linux/amd64', { name: 'another run' })]);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/, times: 20 },
    fault: 'after',
    call: () => t.push('app:1', other),
  });
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[OVERTAKEN\]/);
});

scenario('no source at all is an error', {}, async (t) => {
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /None of the sources exists.+\[SOURCE_MISSING\]/);
});

scenario('a platform that a source there does not have', {}, async (t) => {
  await t.push('app:9', makeIndex([amd64, arm64]));
  const run = await t.publish({ ...ignore, tags: t.ref('app:1'), sources: t.ref('app:9'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(warningsOf(run).join('\n'), /linux\/riscv64/);
});

scenario('a dry run looks once, and writes nothing', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  const run = await t.publish({
    ...ignore,
    push: 'false',
    tags: t.ref('app:1'),
    sources: t.ref('app:9-{arch}'),
    platforms,
  });
  assert.equal(run.outputs['published'], 'false', run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64');
  assert.equal(await t.served('app:1'), undefined);
});
