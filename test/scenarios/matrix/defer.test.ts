/** missing-sources: defer. Every leg pushes its image, then runs the step; the one that finds all of them publishes. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads, errorOf, everywhere, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const platforms = 'linux/amd64\nlinux/arm64';
const defer = { 'missing-sources': 'defer', 'wait-for-sources': '1s' };

scenario('a leg that finds a source missing defers, the last one publishes', everywhere, async (t) => {
  const inputs = { ...defer, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms };
  await t.push('app:9-amd64', amd64);
  const first = await t.publish(inputs);
  assert.equal(first.exitCode, 0, first.stdout);
  t.snapshot(first, { wire: 'sorted' });
  assertOnlyReads(t);
  assert.deepEqual(first.outputs, { deferred: 'true' });
  assert.equal(await t.served('app:1'), undefined);

  await t.push('app:9-arm64', arm64);
  const second = await t.publish(inputs);
  assert.equal(second.exitCode, 0, second.stdout);
  t.snapshot(second, { wire: 'none' });
  assert.equal(second.outputs['published'], 'true');
  assert.equal(second.outputs['deferred'], undefined);
  assert.equal(second.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.equal((await t.served('app:1'))?.digest, second.outputs['digest']);
});

scenario('listed sources, several tags: nothing is written before all are there', everywhere, async (t) => {
  const sources = `${t.ref('app:9-amd64')}\n${t.ref('parts:9-arm64')}`;
  const inputs = { ...defer, tags: `${t.ref('app:1')}\n${t.ref('app:latest')}`, sources };
  await t.push('app:9-amd64', amd64);
  const deferred = await t.publish(inputs);
  assert.equal(deferred.exitCode, 0, deferred.stdout);
  assert.match(deferred.summary.replaceAll('<wbr>', ''), /parts:9-arm64.*missing/s);
  assertOnlyReads(t);
  await t.push('parts:9-arm64', arm64);
  const run = await t.publish(inputs);
  assert.equal(run.outputs['published'], 'true', run.stdout);
  assert.equal((await t.served('app:latest'))?.digest, run.outputs['digest']);
});

scenario(
  'no source at all: a leg looks only when its own is there, so the names are wrong',
  {},
  async (t) => {
    const run = await t.publish({
      ...defer,
      tags: t.ref('app:1'),
      sources: t.ref('app:9-{arch}'),
      platforms,
    });
    assert.equal(run.exitCode, 1, run.stdout);
    t.snapshot(run, { wire: 'none' });
    assert.match(errorOf(run)[0] ?? '', /^None of the sources exists: .+ \[SOURCE_MISSING\]$/);
  },
);

scenario('a broken source fails in the job that pushed it', {}, async (t) => {
  await t.push('app:9-amd64', makeImage('linux/arm64', { name: 'wrong runner' }));
  const run = await t.publish({ ...defer, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[PLATFORM_MISMATCH\]/);
});

scenario('a source that cannot be read is not missing', {}, async (t) => {
  for (const status of [401, 403, 500]) {
    await t.push('app:9-amd64', amd64);
    t.registry.inject({ on: { path: /\/manifests\/9-arm64$/, times: 9 }, fault: 'status', status });
    const run = await t.publish({
      ...defer,
      tags: t.ref('app:1'),
      sources: t.ref('app:9-{arch}'),
      platforms,
    });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.equal(run.outputs['published'], undefined);
  }
});

scenario('a look lasts as long as the registry may hide a new tag', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  t.registry.inject({ on: { path: /\/manifests\/9-arm64$/, times: 2 }, fault: 'lag-404' });
  const run = await t.publish({
    ...defer,
    'wait-for-sources': '15s',
    tags: t.ref('app:1'),
    sources: t.ref('app:9-{arch}'),
    platforms,
  });
  assert.equal(run.outputs['published'], 'true', run.stdout);
});

scenario('no wait: the risk is told', {}, async (t) => {
  await t.push('app:9-amd64', amd64);
  const run = await t.publish({
    ...defer,
    'wait-for-sources': '0',
    tags: t.ref('app:1'),
    sources: t.ref('app:9-{arch}'),
    platforms,
  });
  assert.deepEqual(run.outputs, { deferred: 'true' }, run.stdout);
  assert.match(warningsOf(run).join('\n'), /wait-for-sources is 0: .+ none of them publishes/);
});

scenario('a source that is pushed again after the PUT is published, too', {}, async (t) => {
  const again = makeImage('linux/arm64', { name: 'again' });
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:9-arm64', again),
  });
  const run = await t.publish({ ...defer, tags: t.ref('app:1'), sources: t.ref('app:9-{arch}'), platforms });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.ok((await t.served('app:1'))?.bytes.toString().includes(again.digest));
  assert.equal(run.outputs['previous'], JSON.stringify({ [t.ref('app:1')]: null }));
});

scenario('a dry run looks once', {}, async (t) => {
  const inputs = {
    ...defer,
    push: 'false',
    tags: t.ref('app:1'),
    sources: t.ref('app:9-{arch}'),
    platforms,
  };
  await t.push('app:9-amd64', amd64);
  const deferred = await t.publish(inputs);
  assert.deepEqual(deferred.outputs, { deferred: 'true' }, deferred.stdout);
  await t.push('app:9-arm64', arm64);
  const whole = await t.publish(inputs);
  assert.equal(whole.outputs['published'], 'false', whole.stdout);
  assert.equal(whole.outputs['platforms'], 'linux/amd64,linux/arm64');
  assertOnlyReads(t);
});

scenario('a tag that cannot be set: another leg may rely on the one that was moved', {}, async (t) => {
  const before = makeImage('linux/amd64', { name: 'before' });
  for (const tag of ['1', '2']) await t.push(`app:${tag}`, before);
  await t.push('app:9-amd64', amd64);
  await t.push('app:9-arm64', arm64);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/2$/, times: 9 },
    fault: 'status',
    status: 403,
  });
  const inputs = {
    ...defer,
    tags: `${t.ref('app:1')}\n${t.ref('app:2')}`,
    sources: t.ref('app:9-{arch}'),
    platforms,
  };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 1, run.stdout);
  t.snapshot(run, { wire: 'none' });
  assert.notEqual((await t.served('app:1'))?.digest, before.digest);
  assert.equal((await t.served('app:2'))?.digest, before.digest);
});

scenario('defer with amend is refused', {}, async (t) => {
  const run = await t.publish({
    ...defer,
    amend: 'true',
    tags: t.ref('app:1'),
    sources: t.ref('app:9-amd64'),
  });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /amend: .+`missing-sources: defer`/);
});
