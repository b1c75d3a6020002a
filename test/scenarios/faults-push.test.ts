/** Pushes that registries answer strangely: only what a read confirms counts. */
import assert from 'node:assert/strict';
import {
  arm64,
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
} from '../faults/scene.ts';
import type { FaultSpec } from '../support/fault-spec.ts';
import { createFault } from '../support/faults.ts';
import type { ActionRun } from '../support/run-action.ts';
import { scenario } from '../support/scenario.ts';
import type { Fault, FaultContext } from '../support/wire.ts';
import { errorOf, warningsOf } from './evidence.ts';

for (const { code, status } of [
  { code: 'MANIFEST_BLOB_UNKNOWN', status: 400 },
  { code: 'MANIFEST_UNKNOWN', status: 404 },
]) {
  const missing = { fault: 'status', status, code, message: 'not known' } as const;
  scenario(`children that the registry does not see yet (${code}) are waited for`, {}, async (t) => {
    t.registry.inject({ ...missing, on: { ...writeTag, times: 4 } });
    await assertPublished(t, await publishLatest(t, hurriedly));
    assert.equal(requestsOf(t.registry, writeTag).length, 5);
  });

  scenario(`children that the registry never sees (${code}) end the run in half a minute`, {}, async (t) => {
    t.registry.inject({ ...missing, on: { ...writeTag, times: 999 } });
    const run = await publishLatest(t, hurriedly);
    const lines = await assertNothingMoved(t, run, 'CHILDREN_MISSING');
    assertHelpful(lines, t.registry.host);
    assert.ok(lines[0]?.includes(code), lines[0]);
    const writes = requestsOf(t.registry, writeTag).length;
    assert.ok(writes >= 5 && writes <= 12, `${writes} writes`);
    assert.ok(run.durationMs < 7000, `${run.durationMs} ms at ten times the pace`);
    t.snapshot(run, { wire: 'none' });
  });
}

for (const times of [1, 3]) {
  scenario(`a tag that reads stale ${times} times after the push is looked at again`, {}, async (t) => {
    t.registry.inject({ fault: 'stale-read', on: { ...readBack, times } });
    const run = await publishLatest(t);
    await assertPublished(t, run);
    assert.equal(requestsOf(t.registry, readBack).length, times + 1);
    assert.equal(requestsOf(t.registry, writeTag).length, 1);
    assert.deepEqual(warningsOf(run), []);
  });
}

scenario('a new tag that is not there yet after the push is looked at again', {}, async (t) => {
  t.registry.inject({ fault: 'lag-404', on: { method: 'GET', path: /\/new$/, times: 2 } });
  const run = await t.publish(await staged(t, ['app:new']));
  await assertPublished(t, run, ['app:new']);
});

scenario('children that a clean-up deleted are named', {}, async (t) => {
  const gone = (): void => t.registry.remove('app', arm64.digest);
  t.registry.inject({ fault: 'before', call: gone, on: writeTag });
  const run = await publishLatest(t, hurriedly);
  const [headline = ''] = await assertNothingMoved(t, run, 'CHILDREN_MISSING');
  assert.ok(headline.includes(`app: ${arm64.digest} [`), headline);
});

scenario('a replica that stays behind does not fail a push that the registry confirmed', {}, async (t) => {
  const answer = {
    status: 200,
    headers: { 'content-type': before.mediaType, 'docker-content-digest': before.digest },
    body: before.bytes,
  };
  t.registry.inject({ fault: 'custom', apply: async () => answer, on: { ...readBack, times: 999 } });
  const run = await publishLatest(t, hurriedly);
  await assertPublished(t, run);
  const warnings = warningsOf(run);
  assert.equal(warnings.length, 1, run.stdout);
  assert.match(warnings[0] ?? '', new RegExp(`app:latest still shows ${before.digest} 30 s after`));
  assert.ok(run.durationMs < 10_000, `${run.durationMs} ms at ten times the pace`);
});

for (const status of [403, 404, 405, 412, 501]) {
  scenario(`a registry that answers every HEAD with ${status} is asked by GET`, {}, async (t) => {
    t.registry.inject({ fault: 'no-head', status, on: { method: 'HEAD', times: 999 } });
    const run = await publishLatest(t);
    await assertPublished(t, run);
    // 404 is an answer: the tag is taken for a new one.
    const previous = status === 404 ? null : before.digest;
    assert.deepEqual(JSON.parse(run.outputs['previous'] ?? ''), { [t.ref('app:latest')]: previous });
  });
}

scenario(
  'a registry that never names a digest',
  { registry: { noDigestHeader: ['HEAD', 'GET', 'PUT'] } },
  async (t) => {
    const run = await publishLatest(t);
    await assertPublished(t, run);
    assert.deepEqual(JSON.parse(run.outputs['previous'] ?? ''), { [t.ref('app:latest')]: before.digest });
  },
);

scenario(
  'the same when the tag holds the list already',
  { registry: { noDigestHeader: ['HEAD', 'GET', 'PUT'] } },
  async (t) => {
    const inputs = await staged(t);
    await t.publish(inputs);
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
  scenario(`a push answered ${name} counts once it is read back`, {}, async (t) => {
    t.registry.inject({ ...fault, on: writeTag });
    await assertPublished(t, await publishLatest(t));
    assert.equal(requestsOf(t.registry, writeTag).length, 1);
  });

  scenario(`a push answered ${name} that did not take effect is an error`, {}, async (t) => {
    t.registry.inject({
      fault: 'custom',
      apply: (context) => pretending(context, fault),
      on: { ...writeTag, times: 99 },
    });
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
  'an immutable tag that holds the list is a success',
  { registry: { immutableTags: /^latest$/ } },
  async (t) => {
    const inputs = await staged(t, []);
    await t.push('app:latest', list);
    const run = await t.publish({ ...inputs, tags: t.ref('app:latest') });
    await assertPublished(t, run);
    assert.equal(run.outputs['changed'], 'false');
  },
);

scenario(
  'an immutable tag that got the list since the run began is a success',
  { registry: { immutableTags: /^new$/ } },
  async (t) => {
    t.registry.inject({
      fault: 'before',
      call: () => t.push('app:new', list),
      on: { method: 'PUT', path: /\/new$/ },
    });
    const run = await t.publish(await staged(t, ['app:new']));
    await assertPublished(t, run, ['app:new']);
    assert.equal(run.outputs['changed'], 'false');
  },
);

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

scenario('what is put under a tag is the list, once, and nothing else', {}, async (t) => {
  await assertPublished(t, await publishLatest(t));
  const writes = requestsOf(t.registry, { method: 'PUT' });
  assert.deepEqual(
    writes.map(({ path, received, headers }) => [path, received, headers['content-type']]),
    [['/v2/app/manifests/latest', list.size, list.mediaType]],
  );
});

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

scenario('two runs publish the same list to the same tag at once', {}, async (t) => {
  const inputs = await staged(t);
  const runs = await Promise.all([t.publish(inputs), t.publish(inputs)]);
  for (const run of runs) await assertPublished(t, run);
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
