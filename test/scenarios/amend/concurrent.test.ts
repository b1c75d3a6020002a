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
    if (run.exitCode !== 0) assert.match(errorOf(run).join('\n'), /5 times .+\[AMEND_CONFLICT\]/s);
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
  assert.match(errorOf(run).join('\n'), /during all 5 attempts .+\[AMEND_CONFLICT\].+concurrency/s);
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
  assert.match(errorOf(run).join('\n'), /may or may not be set:\n\S+\/app:nightly/);
});
