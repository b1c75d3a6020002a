/** Pushes that registries answer strangely: only what a read confirms counts. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { createFault } from '../../support/faults/faults.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import type { Fault, FaultContext } from '../../support/wire/wire.ts';
import { errorOf } from '../evidence.ts';
import {
  assertHelpful,
  assertNothingMoved,
  assertPublished,
  before,
  foreign,
  hurriedly,
  list,
  lookAtTag,
  publishLatest,
  readBack,
  requestsOf,
  staged,
  writeTag,
} from './scene.ts';

scenario('a push that took effect unseen is read, not made again', {}, async (t) => {
  t.registry.inject({ fault: 'reset-after-store', on: writeTag });
  const run = await publishLatest(t);
  await assertPublished(t, run);
  assert.equal(requestsOf(t.registry, writeTag).length, 1);
  assert.deepEqual(JSON.parse(run.outputs['previous'] ?? ''), { [t.ref('app:latest')]: before.digest });
  assert.equal(run.outputs['changed'], 'true');
});

scenario('children that the registry never sees end the run in half a minute', {}, async (t) => {
  const missing = { status: 400, code: 'MANIFEST_BLOB_UNKNOWN', message: 'not known' };
  t.registry.inject({ fault: 'status', ...missing, on: { ...writeTag, times: 999 } });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'CHILDREN_MISSING'), t.registry.host);
  const writes = requestsOf(t.registry, writeTag).length;
  assert.ok(writes >= 5 && writes <= 12, `${writes} writes`);
  t.snapshot(run, { wire: 'none' });
});

scenario('404 for a list whose images are not there yet, as Gitea answers, is waited out', {}, async (t) => {
  const missing = { status: 404, code: 'UNKNOWN', message: 'not found' };
  t.registry.inject({ fault: 'status', ...missing, on: { ...writeTag, times: 3 } });
  await assertPublished(t, await publishLatest(t));
  assert.equal(requestsOf(t.registry, writeTag).length, 4);
});

scenario(
  'a registry that never names a digest',
  { registry: { noDigestHeader: ['HEAD', 'GET', 'PUT'] } },
  async (t) => {
    const inputs = await staged(t);
    const first = await t.publish(inputs);
    await assertPublished(t, first);
    assert.deepEqual(JSON.parse(first.outputs['previous'] ?? ''), { [t.ref('app:latest')]: before.digest });
    t.registry.clearWire();
    const run = await t.publish(inputs);
    await assertPublished(t, run);
    assert.equal(run.outputs['changed'], 'false');
    assert.deepEqual(requestsOf(t.registry, { method: 'PUT' }), []);
  },
);

const strangeSuccesses: readonly { readonly name: string; readonly fault: FaultSpec }[] = [
  { name: '200', fault: { fault: 'success-status', status: 200 } },
  { name: '202', fault: { fault: 'success-status', status: 202 } },
  { name: '201 and another digest', fault: { fault: 'wrong-digest-header' } },
  { name: '201 and no digest', fault: { fault: 'no-digest-header' } },
  {
    name: '201 and no readable digest',
    fault: { fault: 'headers', set: { 'docker-content-digest': 'sha256:../..' } },
  },
  { name: '201 as text/html', fault: { fault: 'content-type', value: 'text/html; charset=utf-8' } },
];

for (const { name, fault } of strangeSuccesses) {
  scenario(`a push answered ${name} that did not take effect is an error`, {}, async (t) => {
    const apply = (context: FaultContext) => pretending(context, fault);
    t.registry.inject({ fault: 'custom', apply, on: { ...writeTag, times: 99 } });
    const run = await publishLatest(t, hurriedly);
    assertHelpful(await assertNothingMoved(t, run, '(NOT_STORED|NOT_SERVED)'), t.registry.host);
  });
}

/** Answers as the fault would, without storing anything. */
async function pretending(context: FaultContext, fault: FaultSpec): ReturnType<Fault> {
  for await (const _ of context.request.body);
  const stored = {
    status: 201,
    headers: { location: '/v2/app/manifests/x', 'docker-content-digest': list.digest },
  };
  return createFault(fault)({ ...context, proceed: async () => stored });
}

for (const { status, code } of [
  { status: 413, code: 'TOO_LARGE' },
  { status: 403, code: 'DENIED' },
  { status: 401, code: 'CHALLENGE' },
  { status: 409, code: 'TAG_REFUSED' },
  { status: 400, code: 'REFUSED' },
]) {
  scenario(
    `a push refused with ${status} is not tried again, and what was refused is named`,
    {},
    async (t) => {
      t.registry.inject({
        fault: 'status',
        status,
        code: 'X_Y',
        message: 'no way',
        on: { ...writeTag, times: 99 },
      });
      const run = await publishLatest(t);
      assertHelpful(await assertNothingMoved(t, run, code), t.registry.host);
      assert.equal(requestsOf(t.registry, writeTag).length, 1);
      t.snapshot(run, { wire: 'none' });
    },
  );
}

scenario(
  'an immutable tag that holds another list: both are named',
  { registry: { immutableTags: /^latest$/ } },
  async (t) => {
    const run = await publishLatest(t);
    const [headline = ''] = await assertNothingMoved(t, run, 'TAG_REFUSED');
    assert.ok(headline.includes(before.digest) && headline.includes(list.digest), headline);
    t.snapshot(run, { wire: 'none' });
  },
);

scenario('someone else pushes the tag before the read-back', {}, async (t) => {
  t.registry.inject({ fault: 'before', call: () => t.push('app:latest', foreign), on: readBack });
  const run = await publishLatest(t, hurriedly);
  assert.equal(run.exitCode, 1);
  const [headline = ''] = errorOf(run);
  assert.match(headline, /\[OVERTAKEN\]/);
  assert.ok(headline.includes(foreign.digest) && headline.includes(list.digest), headline);
  assert.equal((await t.served('app:latest'))?.digest, foreign.digest);
  t.snapshot(run, { wire: 'none' });
});

scenario('someone else pushes the tag between the look at it and the push', {}, async (t) => {
  t.registry.inject({ fault: 'after', call: () => t.push('app:latest', foreign), on: lookAtTag });
  await assertPublished(t, await publishLatest(t));
});

scenario(
  'runs that publish different lists to a tag at once each know what it holds in the end',
  {},
  async (t) => {
    const inputs = await staged(t);
    const orders = [inputs.sources, inputs.sources.split('\n').reverse().join('\n'), t.ref('app:amd64')];
    for (let round = 0; round < 3; round += 1) {
      const runs = await Promise.all(orders.map((sources) => t.publish({ ...inputs, sources }, hurriedly)));
      const held = (await t.served('app:latest'))?.digest;
      assert.equal(
        runs.filter((run) => endsRight(run, held)).length,
        runs.length,
        runs.map((run) => run.stdout).join(),
      );
      assert.ok(runs.some((run) => run.exitCode === 0 && run.outputs['digest'] === held));
    }
  },
);

/** Says that it published what the tag holds, or that it was overtaken. */
function endsRight(run: ActionRun, held: string | undefined): boolean {
  if (run.exitCode === 0) return run.outputs['digest'] === held || wasThere(run);
  return /\[OVERTAKEN\]/.test(run.stdout);
}

/** Whether the run read its own list back: what comes after the read-back is another run's doing. */
function wasThere(run: ActionRun): boolean {
  return run.stdout.includes('Read back 1 of 1 tags');
}
