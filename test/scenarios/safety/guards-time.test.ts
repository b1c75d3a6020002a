/** Guards against time: another job sets a guarded tag while this one runs. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { onTestClock } from '../../support/wire/test-clock.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import { errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const ours = makeIndex([amd64, arm64]);
const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);
/** What another job publishes: a platform more than ours has. */
const theirs = makeIndex([makeImage('linux/amd64', { name: 'theirs' }), makeImage('linux/s390x')]);

interface Guard {
  readonly name: string;
  /** The guarded tag, and what it holds before the run. */
  readonly tag: string;
  readonly held?: typeof before;
  readonly inputs: Readonly<Record<string, string>>;
  /** The refusal of a tag that was set before it is written. */
  readonly refusal: RegExp;
}

const guards: readonly Guard[] = [
  {
    name: 'a new immutable tag',
    tag: 'v1',
    inputs: { 'immutable-tags': 'v*' },
    refusal:
      /app:v1 holds sha256:\w+ \(read [\d.]+ s after the start; at the start: nothing\), and immutable-tags \(v\*\)/,
  },
  {
    name: 'removed-platforms: error',
    tag: 'stable',
    held: before,
    inputs: { 'removed-platforms': 'error' },
    refusal:
      /linux\/s390x .+app:stable holds sha256:\w+ \(read [\d.]+ s after the start; at the start: sha256:\w+\)/s,
  },
];

interface Moment {
  readonly name: string;
  readonly on: (tag: string) => FaultMatch;
  readonly fault: 'before' | 'after';
  /** Whether the tag is ours by then. */
  readonly written?: boolean;
}

const moments: readonly Moment[] = [
  { name: 'before the copy', on: () => ({ method: 'POST', path: /\/uploads\// }), fault: 'before' },
  { name: 'at the first blob', on: () => ({ method: 'PUT', path: /\/uploads\// }), fault: 'after' },
  {
    name: 'at the PUT of the list by digest',
    on: () => ({ method: 'PUT', path: new RegExp(`/manifests/${ours.digest}$`) }),
    fault: 'after',
  },
  {
    name: 'right before the tag is looked at',
    on: (tag) => ({ method: 'HEAD', path: new RegExp(`/manifests/${tag}$`), nth: 2 }),
    fault: 'before',
  },
  {
    name: 'after the PUT of the tag',
    on: (tag) => ({ method: 'PUT', path: new RegExp(`/manifests/${tag}$`) }),
    fault: 'after',
    written: true,
  },
  {
    name: 'after the read-back',
    on: (tag) => ({ method: 'GET', path: new RegExp(`/manifests/${tag}$`) }),
    fault: 'after',
    written: true,
  },
];

/** Images in one registry, and tags to publish in the other: one that exists beside the guarded one. */
async function staged(t: Scenario<TestRegistry>, { tag, held, inputs }: Guard) {
  const [source, target] = t.registries;
  assert.ok(source !== undefined && target !== undefined);
  await t.push('app:amd64', amd64, source);
  await t.push('app:arm64', arm64, source);
  await t.push('app:latest', held ?? before, target);
  if (held !== undefined) await t.push(`app:${tag}`, held, target);
  return {
    target,
    inputs: {
      ...inputs,
      tags: [`app:${tag}`, 'app:latest'].map((name) => t.ref(name, target)).join('\n'),
      sources: `${t.ref('app:amd64', source)}\n${t.ref('app:arm64', source)}`,
    },
  };
}

for (const guard of guards) {
  for (const { name, on, fault, written = false } of moments)
    scenario(`${guard.name}: another job sets it ${name}`, { registries: 2 }, async (t) => {
      const { target, inputs } = await staged(t, guard);
      const call = () => t.push(`app:${guard.tag}`, theirs, target);
      target.inject({ fault, call, on: on(guard.tag) });
      const run = await t.publish(inputs);
      assert.equal(run.exitCode, 1, run.stdout);
      assert.deepEqual((await t.served(`app:${guard.tag}`, target))?.bytes, theirs.bytes);
      assert.deepEqual((await t.served('app:latest', target))?.bytes, before.bytes);
      const text = errorOf(run).join('\n');
      assert.ok(text.includes(theirs.digest), text);
      assert.match(text, written ? /: overtaken, holds sha256:/ : guard.refusal);
      assert.match(rowOf(run, t.ref('app:latest', target)), /not changed|put back/);
      assert.match(rowOf(run, t.ref(`app:${guard.tag}`, target)), written ? /overtaken/ : /not changed/);
      const puts = target.wire.filter(
        ({ method, path }) => method === 'PUT' && path.endsWith(`/${guard.tag}`),
      );
      assert.equal(puts.length, written ? 1 : 0);
      const moves = target.wire.filter(({ method, path }) => method === 'PUT' && path.endsWith('/latest'));
      if (!written) assert.equal(moves.length, 0, 'no other tag moves if a guard refuses one');
    });
}

scenario('a tag beside a guarded one that another job puts back is red', { registries: 2 }, async (t) => {
  const { target, inputs } = await staged(t, guards[0] as Guard);
  const call = () => t.push('app:latest', before, target);
  target.inject({ fault: 'after', call, on: { method: 'GET', path: /\/manifests\/latest$/ } });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /app:latest holds sha256:\w+ .*\[NOT_SERVED\]/s);
});

function rowOf({ summary }: ActionRun, name: string): string {
  const tag = `\`${name.slice(name.lastIndexOf(':') + 1)}\` `;
  return summary.split('\n').find((line) => ['| ', '- '].some((mark) => line.startsWith(mark + tag))) ?? '';
}

scenario('a tag that another job sets to the same list is unchanged', { registries: 2 }, async (t) => {
  const guard = guards[0] as Guard;
  const { target, inputs } = await staged(t, guard);
  const call = () => t.push('app:v1', ours, target);
  target.inject({ fault: 'after', call, on: { method: 'PUT', path: /\/manifests\/latest$/ } });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(run.stdout, /\nUnchanged \S+app:v1 /);
});

scenario(
  'a list of another job that the guard allows is replaced, and reported',
  { registries: 2 },
  async (t) => {
    const guard = guards[1] as Guard;
    const { target, inputs } = await staged(t, guard);
    const allowed = makeIndex([makeImage('linux/amd64', { name: 'allowed' })]);
    const call = () => t.push('app:stable', allowed, target);
    target.inject({ fault: 'before', call, on: { method: 'POST', path: /\/uploads\// } });
    const run = await t.publish(inputs);
    assert.equal(run.exitCode, 0, run.stdout);
    const previous = JSON.parse(run.outputs['previous'] ?? '') as Record<string, string>;
    assert.equal(previous[t.ref('app:stable', target)], allowed.digest);
  },
);

scenario('a guarded tag that may not be read any more: the permission is named', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const denied = { fault: 'status', status: 403, code: 'DENIED', message: 'no' } as const;
  t.registry.inject({ ...denied, on: { path: /\/manifests\/v1$/, nth: 2, times: 99 } });
  const run = await t.publish({ tags: t.ref('app:v1'), sources: t.ref('app:amd64'), 'immutable-tags': 'v*' });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.equal(await t.served('app:v1'), undefined);
  assert.match(
    errorOf(run).join('\n'),
    /does not let this login read .+\[TAG_IMMUTABLE\]\n.*may read the repository/s,
  );
});

scenario('a replica that is behind when the guarded tag is read once more', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const missing = { fault: 'status', status: 404, code: 'MANIFEST_UNKNOWN' } as const;
  t.registry.inject({ ...missing, on: { method: 'HEAD', path: /\/manifests\/v1$/, nth: 3 } });
  t.registry.inject({ ...missing, on: { method: 'GET', path: /\/manifests\/v1$/, nth: 2, times: 5 } });
  const run = await t.publish({ tags: t.ref('app:v1'), sources: t.ref('app:amd64'), 'immutable-tags': 'v*' });
  assert.equal(run.exitCode, 0, run.stdout);
});

scenario('two runs with one new immutable tag: exactly one is green', everywhere, async (t) => {
  const images = [amd64, makeImage('linux/amd64', { name: 'theirs' })];
  for (const [at, image] of images.entries()) await t.push(`app:build-${at}`, image);
  const runs = await onTestClock(() =>
    Promise.all(
      images.map((_, at) =>
        t.publish({ tags: t.ref('app:v1'), sources: t.ref(`app:build-${at}`), 'immutable-tags': 'v*' }),
      ),
    ),
  );
  const [green, ...others] = runs.filter(({ exitCode }) => exitCode === 0);
  assert.ok(green !== undefined && others.length === 0, runs.map(({ stdout }) => stdout).join('\n'));
  const held = (await t.served('app:v1'))?.digest;
  assert.equal(green.outputs['digest'], held);
  const red = runs.find(({ exitCode }) => exitCode !== 0);
  assert.ok(
    red !== undefined &&
      errorOf(red)
        .join('\n')
        .includes(held ?? 'nothing'),
  );
});

scenario('a guarded tag costs one look before its PUT and one after', {}, async (t) => {
  await t.push('app:amd64', amd64);
  t.registry.clearWire();
  const inputs = { tags: t.ref('app:v1'), sources: t.ref('app:amd64') };
  await t.publish({ ...inputs, 'immutable-tags': 'v*' });
  const requests = t.registry.wire.map(({ method, path }) => `${method} ${path.replace(/.*\//, '')}`);
  assert.deepEqual(
    requests.filter((request) => request.endsWith(' v1')),
    ['HEAD v1', 'HEAD v1', 'PUT v1', 'GET v1', 'HEAD v1'],
  );
});
