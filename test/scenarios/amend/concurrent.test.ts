/** Several jobs that amend one tag at the same time. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { ManifestDocument } from '../../support/images/manifest-document.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { onTestClock } from '../../support/wire/test-clock.ts';
import { errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const others = ['linux/arm64', 'linux/arm/v7', 'linux/riscv64', 'linux/s390x', 'linux/ppc64le', 'linux/386'];

async function digestsOf(t: Scenario, name: string): Promise<readonly string[]> {
  const bytes = (await t.served(name))?.bytes.toString() ?? '{}';
  return ((JSON.parse(bytes) as ManifestDocument).manifests ?? []).map(({ digest }) => digest);
}

async function amendAll(
  t: Scenario,
  platforms: readonly string[],
): Promise<readonly (readonly [string, number])[]> {
  await t.push('app:nightly', makeIndex([amd64]));
  for (const [at, platform] of platforms.entries()) await t.push(`app:part-${at}`, makeImage(platform));
  const runs = await onTestClock(() =>
    Promise.all(
      platforms.map((_, at) =>
        t.publish({ amend: 'true', tags: t.ref('app:nightly'), sources: t.ref(`app:part-${at}`) }),
      ),
    ),
  );
  for (const run of runs)
    if (run.exitCode !== 0)
      assert.match(errorOf(run).join('\n'), /during all 6 attempts .+\[AMEND_CONFLICT\]/s);
  return runs.map((run, at) => [makeImage(platforms[at] ?? '').digest, run.exitCode ?? -1] as const);
}

scenario('two at once: both are in the list', everywhere, async (t) => {
  const runs = await amendAll(t, others.slice(0, 2));
  const held = await digestsOf(t, 'app:nightly');
  for (const [digest, exitCode] of runs) {
    assert.equal(exitCode, 0);
    assert.ok(held.includes(digest));
  }
  assert.ok(held.includes(amd64.digest));
});

scenario('six at once: every job that passes is in the list, every other fails clearly', {}, async (t) => {
  const runs = await amendAll(t, others);
  const held = await digestsOf(t, 'app:nightly');
  for (const [digest, exitCode] of runs) if (exitCode === 0) assert.ok(held.includes(digest), digest);
  assert.ok(held.includes(amd64.digest));
});

scenario('another job that looked before and writes after: seen a moment later', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const late = makeIndex([amd64, makeImage('linux/arm64')]);
  // After the read-back, which follows the PUT.
  t.registry.inject({
    on: { method: 'GET', path: /\/manifests\/nightly$/ },
    fault: 'after',
    call: () => t.push('app:nightly', late),
  });
  const run = await t.publish({ amend: 'true', tags: t.ref('app:nightly'), sources: t.ref('app:riscv64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/riscv64');
  assert.equal((await t.served('app:nightly'))?.digest, run.outputs['digest']);
});

scenario('a job that never stops writing ends in a clear error', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  let count = 0;
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/nightly$/, times: 99 },
    fault: 'after',
    call: () => t.push('app:nightly', makeIndex([makeImage('linux/amd64', { name: `${count++}` })])),
  });
  const run = await t.publish({ amend: 'true', tags: t.ref('app:nightly'), sources: t.ref('app:riscv64') });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /during all 6 attempts .+\[AMEND_CONFLICT\].+concurrency/s);
});

scenario('the tag moves while content is read: merged again before anything is written', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const moved = makeIndex([amd64, makeImage('linux/s390x')]);
  t.registry.inject({
    on: { method: 'GET', path: /\/manifests\/riscv64$/ },
    fault: 'after',
    call: () => t.push('app:nightly', moved),
  });
  const run = await t.publish({ amend: 'true', tags: t.ref('app:nightly'), sources: t.ref('app:riscv64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/s390x,linux/riscv64');
  const puts = t.registry.wire.filter(({ method, path }) => method === 'PUT' && path.endsWith('/nightly'));
  assert.equal(puts.length, 1);
});

scenario('of two tags another job amends the second alone, after the write', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:edge', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const late = makeIndex([amd64, makeImage('linux/arm64')]);
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/edge$/ },
    fault: 'after',
    call: () => t.push('app:edge', late),
  });
  const tags = `${t.ref('app:nightly')}\n${t.ref('app:edge')}`;
  const run = await t.publish({ amend: 'true', tags, sources: t.ref('app:riscv64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/riscv64');
  for (const name of ['app:nightly', 'app:edge'])
    assert.equal((await t.served(name))?.digest, run.outputs['digest']);
});

scenario('another job is about to set the second of two tags', {}, async (t) => {
  const late = makeIndex([amd64, makeImage('linux/arm64')]);
  await t.push('app:nightly', late);
  await t.push('app:edge', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  t.registry.inject({
    on: { method: 'HEAD', path: /\/manifests\/edge$/ },
    fault: 'after',
    call: () => t.push('app:edge', late),
  });
  const tags = `${t.ref('app:nightly')}\n${t.ref('app:edge')}`;
  const run = await t.publish({ amend: 'true', tags, sources: t.ref('app:riscv64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/riscv64');
});

scenario('what the first attempt moved goes back when the second one fails', {}, async (t) => {
  const before = makeIndex([amd64]);
  for (const name of ['app:nightly', 'app:edge', 'web:1']) await t.push(name, before);
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const late = makeIndex([amd64, makeImage('linux/arm64')]);
  t.registry.inject({
    on: { method: 'PUT', path: /app\/manifests\/edge$/ },
    fault: 'after',
    call: () => t.push('app:edge', late),
  });
  t.registry.inject({
    on: { method: 'PUT', path: /app\/manifests\/edge$/, nth: 2, times: 9 },
    fault: 'status',
    status: 403,
    code: 'DENIED',
  });
  const spec = [
    { tags: [t.ref('app:nightly'), t.ref('app:edge')], amend: 'true' },
    { tags: [t.ref('web:1')] },
  ].map((list) => ({ ...list, sources: [t.ref('app:riscv64')] }));
  const run = await t.publish({ spec: JSON.stringify(spec) });
  const lines = errorOf(run);
  for (const name of ['app:nightly', 'web:1']) {
    assert.equal((await t.served(name))?.digest, before.digest, name);
    const line = lines.find((each) => each.includes(`/${name}: `)) ?? '';
    assert.ok(line.includes(`put back, holds ${before.digest}`), line);
  }
  assert.equal((await t.served('app:edge'))?.digest, late.digest);
});

for (const { tags, fault } of [
  { tags: ['app:nightly'], fault: { status: 503, headers: {} } },
  { tags: ['app:nightly', 'app:edge'], fault: { status: 409, headers: {} } },
]) {
  scenario(
    `a write that is tried again spares what another job wrote meanwhile: ${fault.status}, ${tags.length} tags`,
    {},
    async (t) => {
      for (const name of tags) await t.push(name, makeIndex([amd64]));
      await t.push('app:riscv64', makeImage('linux/riscv64'));
      const late = makeIndex([amd64, makeImage('linux/arm64')]);
      t.registry.inject({
        on: { method: 'PUT', path: /\/manifests\/nightly$/ },
        fault: 'custom',
        apply: async () => {
          await t.push('app:nightly', late);
          return fault;
        },
      });
      const list = tags.map((name) => t.ref(name)).join('\n');
      const run = await t.publish({ amend: 'true', tags: list, sources: t.ref('app:riscv64') });
      assert.equal(run.exitCode, 0, run.stdout);
      assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/riscv64');
      for (const name of tags) assert.equal((await t.served(name))?.digest, run.outputs['digest']);
    },
  );
}

scenario('SIGTERM while the tag is written: what it does is not known', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  let kill = (): void => undefined;
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/nightly$/ },
    fault: 'custom',
    apply: async ({ proceed }) => {
      await proceed();
      kill();
      return { outcome: 'cancelled', act: () => {} };
    },
  });
  const inputs = { amend: 'true', tags: t.ref('app:nightly'), sources: t.ref('app:riscv64') };
  const run = await t.publish(inputs, {
    onStart: (child) => {
      kill = () => void child.kill('SIGTERM');
    },
  });
  assert.equal(run.exitCode, 143);
  assert.match(errorOf(run).join('\n'), /\/app:nightly: unknown: it was being set to sha256:\w+/);
});
