/** Tags whose push a registry confirms, and that it shows late, never, or not to this login. */
import assert from 'node:assert/strict';
import type { ActionRun } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import {
  assertPublished,
  before,
  type FaultScenario,
  hurriedly,
  list,
  publishLatest,
  readBack,
  staged,
} from './scene.ts';

/** Confirms every push of a tag, and changes nothing. */
function confirmOnly(t: FaultScenario, tag: string): void {
  t.registry.inject({
    fault: 'custom',
    on: { method: 'PUT', path: new RegExp(`/manifests/${tag}$`), times: 99 },
    apply: async ({ request }) => {
      for await (const _ of request.body);
      return { status: 201, headers: { location: '/', 'docker-content-digest': list.digest } };
    },
  });
}

/** The text of a run's error and its summary, which say the same of each tag. */
function assertTold(t: FaultScenario, run: ActionRun, states: Readonly<Record<string, string>>): void {
  const [first] = errorOf(run);
  assert.match(first ?? '', /holds (nothing|sha256:\w+) 30 s after the registry accepted sha256:\w+ for it/);
  for (const [tag, state] of Object.entries(states)) {
    const row =
      run.summary
        .split('\n')
        .find((line) => line.startsWith(`| \`${tag.slice(tag.lastIndexOf(':') + 1)}\` |`)) ?? '';
    assert.match(row, new RegExp(`\\| \\**${state}\\b`));
    if (state !== 'unknown')
      assert.ok(errorOf(run).some((line) => line.startsWith(`${t.ref(tag)}: ${state}`)));
  }
}

for (const { name, tags, never, holds, states } of [
  {
    name: 'one tag, created',
    tags: ['app:new'],
    never: 'new',
    holds: [undefined],
    states: { 'app:new': 'unknown' },
  },
  {
    name: 'one tag, moved',
    tags: ['app:latest'],
    never: 'latest',
    holds: [before],
    states: { 'app:latest': 'unknown' },
  },
  {
    name: 'one of several, created',
    tags: ['app:latest', 'app:new'],
    never: 'new',
    holds: [list, undefined],
    states: { 'app:latest': 'moved', 'app:new': 'unknown' },
  },
  {
    name: 'one of several, moved',
    tags: ['app:1', 'app:latest', 'app:new'],
    never: 'latest',
    holds: [list, before, list],
    states: { 'app:1': 'moved', 'app:latest': 'unknown', 'app:new': 'created' },
  },
]) {
  for (const digest of ['is new', 'was there before'])
    scenario(`confirmed and never shown: ${name}; the list's digest ${digest}`, {}, async (t) => {
      const inputs = await staged(t, tags);
      if (digest === 'was there before') await t.push('app:elsewhere', list);
      confirmOnly(t, never);
      const run = await t.publish(inputs);
      assert.equal(run.exitCode, 1, run.stdout);
      assert.deepEqual(run.outputs, {});
      assert.match(errorOf(run).join('\n'), /\[NOT_SERVED\]/);
      assertTold(t, run, states);
      // The registry confirmed the tag, so it may still come: the others are no half.
      for (const [at, tag] of tags.entries())
        assert.deepEqual((await t.served(tag))?.bytes, holds[at]?.bytes, tag);
    });
}

/** A read that shows what the tag held before. */
const stale = {
  status: 200,
  headers: { 'content-type': before.mediaType, 'docker-content-digest': before.digest },
  body: before.bytes,
};

scenario('a replica that shows the tag within half a minute is waited for', {}, async (t) => {
  t.registry.inject({ fault: 'custom', apply: async () => stale, on: { ...readBack, times: 8 } });
  const run = await publishLatest(t);
  await assertPublished(t, run);
  assert.deepEqual(warningsOf(run), []);
});

scenario('a login that may push and not read relies on what the registry confirmed', {}, async (t) => {
  t.registry.inject({ fault: 'status', status: 403, code: 'DENIED', on: { ...readBack, times: 99 } });
  const run = await publishLatest(t);
  await assertPublished(t, run);
  assert.match(
    warningsOf(run).join(),
    /latest could not be read back, though the registry confirmed sha256:\w+: .*denied/,
  );
});

scenario('a registry that dies before the read-back: its tags are unknown', { registries: 2 }, async (t) => {
  const [, dying = t.registry] = t.registries;
  const inputs = await staged(t, ['app:latest']);
  for (const tag of ['latest', 'new']) {
    dying.inject({
      fault: 'reset',
      on: { method: 'GET', path: new RegExp(`/manifests/${tag}$`), times: 999 },
    });
  }
  const tags = [inputs.tags, t.ref('app:latest', dying), t.ref('app:new', dying)].join('\n');
  const run = await t.publish({ ...inputs, tags }, hurriedly);
  assert.equal(run.exitCode, 1, run.stdout);
  const lines = errorOf(run);
  const [, right = ''] = lines.join('\n').split('The other tags stay as they are:\n');
  for (const [at, tag] of ['app:latest', 'app:new'].entries()) {
    const unknown = `${t.ref(tag, dying)}: unknown, set to ${list.digest} but not read back: ${dying.host} closed`;
    assert.ok(lines[at]?.startsWith(unknown), lines[at]);
  }
  assert.ok(right.startsWith(`${t.ref('app:latest')}: moved, holds ${list.digest} [CONNECTION]`), right);
});
