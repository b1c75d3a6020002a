/** Several tags of which some cannot be set: the others go back, and the error tells how each one stands. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import type { ActionRun, RunOptions } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import { errorOf } from '../evidence.ts';
import {
  assertNothingMoved,
  assertPublished,
  before,
  type FaultScenario,
  foreign,
  list,
  requestsOf,
  staged,
} from './scene.ts';

const three = ['app:1', 'app:1.2', 'app:latest'];

const put = (tag: string): FaultMatch => ({
  method: 'PUT',
  path: new RegExp(`/manifests/${tag}$`),
  times: 99,
});

const denied: FaultSpec = { fault: 'status', status: 403, code: 'DENIED', message: 'no' };

async function publishAll(
  t: FaultScenario,
  tags: readonly string[],
  options?: RunOptions,
): Promise<ActionRun> {
  return t.publish(await staged(t, tags), options);
}

/** The line of an error that is about a tag. */
function lineOf(run: ActionRun, tag: string): string {
  const line =
    errorOf(run).find((each) => each.includes(`/${tag}: `)) ?? `nothing about ${tag} in ${errorOf(run)}`;
  return line.replace(' [TAGS_FAILED]', '');
}

scenario('a tag whose push is denied takes the others back', {}, async (t) => {
  t.registry.inject({ ...denied, on: put('1.2') });
  const run = await publishAll(t, three);
  await assertNothingMoved(t, run, 'TAGS_FAILED', three);
  t.snapshot(run, { wire: 'none' });
});

scenario('new tags are not created when a tag that exists cannot be moved', {}, async (t) => {
  t.registry.inject({ ...denied, on: put('latest') });
  const tags = ['app:new', 'app:1', 'app:latest'];
  const run = await publishAll(t, tags);
  await assertNothingMoved(t, run, 'TAGS_FAILED', tags);
  assert.deepEqual(requestsOf(t.registry, { method: 'PUT', path: /\/new$/ }), []);
  t.snapshot(run, { wire: 'none' });
});

scenario('tags that exist go back when a new one cannot be created', {}, async (t) => {
  t.registry.inject({ ...denied, on: put('new') });
  const tags = ['app:new', 'app:1', 'app:latest'];
  const run = await publishAll(t, tags);
  await assertNothingMoved(t, run, 'TAGS_FAILED', tags);
});

scenario('of two new tags one is refused: the other stays, and the error says so', {}, async (t) => {
  t.registry.inject({ ...denied, on: put('new-b') });
  const run = await publishAll(t, ['app:new-a', 'app:new-b']);
  assert.equal(run.exitCode, 1);
  assert.ok(lineOf(run, 'app:new-a').endsWith(`: created, holds ${list.digest}`));
  assert.match(lineOf(run, 'app:new-b'), /: not changed: \S+ denied /);
  assert.deepEqual((await t.served('app:new-a'))?.bytes, list.bytes);
  assert.equal(await t.served('app:new-b'), undefined);
});

for (const fault of [
  { fault: 'rate-limit', form: 'hour' },
  { fault: 'redirect', to: 'loop' },
] as const) {
  scenario(`no tag moves when one cannot even be looked at (${fault.fault})`, {}, async (t) => {
    t.registry.inject({ ...fault, on: { method: 'HEAD', path: /\/1\.2$/, times: 99 } });
    const run = await publishAll(t, three);
    await assertNothingMoved(t, run, fault.fault === 'redirect' ? 'REDIRECT' : 'RATE_LIMITED', three);
    assert.deepEqual(requestsOf(t.registry, { method: 'PUT', path: /\/(1|1\.2|latest)$/ }), []);
  });
}

scenario('a tag that someone else moved meanwhile is left to them', {}, async (t) => {
  t.registry.inject({
    fault: 'after',
    call: () => t.push('app:1', foreign),
    on: { method: 'PUT', path: /\/1$/ },
  });
  t.registry.inject({ ...denied, on: put('latest') });
  const run = await publishAll(t, three);
  assert.equal(run.exitCode, 1);
  assert.ok(lineOf(run, 'app:1').endsWith(`: overtaken, holds ${foreign.digest}: something else pushed it`));
  assert.ok(lineOf(run, 'app:1.2').endsWith(`: put back, holds ${before.digest}`));
  assert.deepEqual((await t.served('app:1'))?.bytes, foreign.bytes);
  for (const tag of ['app:1.2', 'app:latest']) assert.deepEqual((await t.served(tag))?.bytes, before.bytes);
});

scenario('a tag that cannot be put back is reported, never hidden', {}, async (t) => {
  t.registry.inject({ ...denied, on: put('latest') });
  t.registry.inject({ ...denied, on: { ...put('1.2'), nth: 2 } });
  const run = await publishAll(t, three);
  assert.equal(run.exitCode, 1);
  assert.match(
    lineOf(run, 'app:1.2'),
    new RegExp(`moved, holds ${list.digest}: could not be put back to ${before.digest}`),
  );
  assert.deepEqual((await t.served('app:1.2'))?.bytes, list.bytes);
  assert.deepEqual((await t.served('app:1'))?.bytes, before.bytes);
  t.snapshot(run, { wire: 'none' });
});

scenario('a tag that held the list before stays as it is when another fails', {}, async (t) => {
  const inputs = await staged(t, three);
  await t.push('app:1', list);
  t.registry.inject({ ...denied, on: put('latest') });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 1);
  assert.ok(lineOf(run, 'app:1').endsWith(`: not changed, holds ${list.digest}`));
  assert.deepEqual((await t.served('app:1'))?.bytes, list.bytes);
  assert.deepEqual((await t.served('app:1.2'))?.bytes, before.bytes);
});

scenario('tags of two registries go back together', { registries: 2 }, async (t) => {
  const [one, other] = t.registries;
  assert.ok(one !== undefined && other !== undefined);
  const inputs = await staged(t, ['app:latest']);
  await t.push('app:latest', before, other);
  other.inject({ ...denied, on: put('latest') });
  const run = await t.publish({ ...inputs, tags: `${t.ref('app:latest')}\n${t.ref('app:latest', other)}` });
  await assertNothingMoved(t, run, 'TAGS_FAILED');
  assert.deepEqual((await t.served('app:latest', other))?.bytes, before.bytes);
});

scenario(
  'a registry that takes one write of a manifest at a time also gets tags back one by one',
  { registry: { refuseParallelWrites: true } },
  async (t) => {
    t.registry.inject({ ...denied, on: put('latest') });
    const tags = ['app:1', 'app:1.2', 'app:1.2.3', 'app:latest'];
    await assertNothingMoved(t, await publishAll(t, tags), 'TAGS_FAILED', tags);
  },
);

scenario('two runs publish the same list to the same tags at once', {}, async (t) => {
  const inputs = await staged(t, three);
  const runs = await Promise.all([t.publish(inputs), t.publish(inputs)]);
  for (const run of runs) await assertPublished(t, run, three);
});
