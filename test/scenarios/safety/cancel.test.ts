/** A job that is cancelled in the middle. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');

for (const { signal, code } of [
  { signal: 'SIGTERM', code: 143 },
  { signal: 'SIGINT', code: 130 },
] as const) {
  scenario(`${signal} between two tags tells which one is set`, {}, async (t) => {
    await t.push('app:amd64', amd64);
    let child: ChildProcess | undefined;
    const second = { method: 'PUT', path: /\/manifests\/second$/ };
    // Its first try fails, so that the other tag is set long before the next one.
    t.registry.inject({ on: second, fault: 'status', status: 503 });
    t.registry.inject({
      on: { ...second, nth: 2 },
      fault: 'custom',
      apply: async () => {
        child?.kill(signal);
        return { outcome: 'cancelled', act: () => {} };
      },
    });
    const inputs = { tags: `${t.ref('app:first')}\n${t.ref('app:second')}`, sources: t.ref('app:amd64') };
    const run = await t.publish(inputs, {
      onStart: (started) => {
        child = started;
      },
    });
    t.snapshot(run, { wire: 'sorted' });
    assert.equal(run.exitCode, code);
    assert.equal(run.signal, null);
    assert.match(errorOf(run).join('\n'), /^Cancelled\. .+\n\S+\/app:first/);
    assert.deepEqual(run.outputs, {});
    assert.deepEqual(Object.keys(t.registry.tags('app')), ['amd64', 'first']);
  });
}

scenario('SIGTERM while the sources are read: no tag was moved', {}, async (t) => {
  await t.push('app:amd64', amd64);
  let child: ChildProcess | undefined;
  t.registry.inject({
    on: { path: /\/manifests\/amd64$/ },
    fault: 'custom',
    apply: async () => {
      child?.kill('SIGTERM');
      return { outcome: 'cancelled', act: () => {} };
    },
  });
  const run = await t.publish(
    { tags: t.ref('app:1'), sources: t.ref('app:amd64') },
    {
      onStart: (started) => {
        child = started;
      },
    },
  );
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 143);
  assert.deepEqual(errorOf(run), ['Cancelled. No tag was moved.']);
});

scenario('SIGTERM while a push is on its way: what it does is not known', {}, async (t) => {
  await t.push('app:amd64', amd64);
  let child: ChildProcess | undefined;
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'custom',
    apply: async ({ proceed }) => {
      await proceed();
      child?.kill('SIGTERM');
      return { outcome: 'cancelled', act: () => {} };
    },
  });
  const run = await t.publish(
    { tags: t.ref('app:1'), sources: t.ref('app:amd64') },
    {
      onStart: (started) => {
        child = started;
      },
    },
  );
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 143);
  assert.deepEqual(errorOf(run), [
    'Cancelled. These tags were being written, and may or may not be set:',
    t.ref('app:1'),
  ]);
});
