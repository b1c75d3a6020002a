/** A publish that is cancelled: its existing tags all move or none does, and every tag is told. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionInputs, ActionRun } from '../../support/run/run-action.ts';
import { RunSignal } from '../../support/run/run-signal.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { testClock } from '../../support/wire/test-clock.ts';
import { CancelAt, type Moment } from '../cancel-at.ts';
import { errorOf } from '../evidence.ts';

const [amd64, arm64] = [makeImage('linux/amd64'), makeImage('linux/arm64')];
const before = makeIndex([makeImage('linux/s390x', { name: 'before' })]);

/** Tags of `app` and other repositories; those with a `+` are new. */
interface Job {
  readonly tags: readonly string[];
  readonly inputs?: ActionInputs;
  /** Where the sources are, if not beside the tags. */
  readonly sources?: string;
  /** What becomes of existing tags once one of them was written. */
  readonly course: 'back' | 'on';
}

const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((tag) => `app:${tag}`);

const jobs: Readonly<Record<string, Job>> = {
  'eight existing tags': { tags: eight, course: 'back' },
  'one existing tag': { tags: ['app:a'], course: 'back' },
  'existing tags of two repositories, and a copy': {
    tags: ['app:a', 'web:a'],
    sources: 'build',
    course: 'back',
  },
  'existing and new tags': { tags: ['app:a', 'app:b', '+app:c', '+app:d'], course: 'back' },
  'an existing tag, and a new one under a guard': {
    tags: ['app:a', '+app:b'],
    inputs: { 'immutable-tags': 'b' },
    course: 'back',
  },
  'a new tag': { tags: ['+app:a'], course: 'on' },
  'existing tags, amended': { tags: eight.slice(5), inputs: { amend: 'true' }, course: 'on' },
  'existing and new tags of a deferring job': {
    tags: ['app:a', '+app:b'],
    inputs: { 'missing-sources': 'defer' },
    course: 'on',
  },
  'existing tags, with sources that may be missing': {
    tags: ['app:a', 'app:b'],
    inputs: { 'missing-sources': 'ignore' },
    course: 'on',
  },
};

for (const [name, job] of Object.entries(jobs)) {
  scenario(`cancelled at each request: ${name}`, {}, async (t) => {
    const { methods } = (await cancelled(t, job, 0, 'after')).cancelAt;
    assert.ok(methods.length > 2 * job.tags.length);
    for (const [at, method] of methods.entries()) {
      assertWhole(await cancelled(t, job, at + 1, 'after'), job);
      // A request that writes has not taken effect yet.
      if (method === 'PUT') assertWhole(await cancelled(t, job, at + 1, 'before'), job);
    }
  });
}

/** A run, and what its tags hold in the end. */
interface Cancelled {
  readonly run: ActionRun;
  readonly cancelAt: CancelAt;
  readonly tags: readonly HeldTag[];
  /** The requests, with those that came after the signal behind a line. */
  readonly wire: string;
}

interface HeldTag {
  /** As the log names it. */
  readonly name: string;
  readonly kind: 'existing' | 'new';
  readonly held: string | undefined;
}

let runs = 0;

async function cancelled(
  t: Scenario<TestRegistry>,
  job: Job,
  at: number,
  moment: Moment,
): Promise<Cancelled> {
  runs += 1;
  const folder = `run-${runs}`;
  const sources = `${folder}/${job.sources ?? 'app'}`;
  for (const [arch, image] of Object.entries({ amd64, arm64 })) await t.push(`${sources}:${arch}`, image);
  const names = job.tags.map((tag) => `${folder}/${tag.replace('+', '')}`);
  for (const [index, name] of names.entries())
    if (job.tags[index]?.startsWith('+') === false) await t.push(name, before);
  const cancelAt = new CancelAt(at, moment);
  cancelAt.watch(t.registry, new RegExp(`/${folder}/`));
  const start = t.registry.wire.length;
  const run = await t.publish(
    {
      tags: names.map((name) => t.ref(name)).join('\n'),
      sources: t.ref(`${sources}:{arch}`),
      platforms: 'linux/amd64,linux/arm64',
      ...job.inputs,
    },
    { cancel: cancelAt.signal },
  );
  // A process would have ended: nothing may follow, and no sleep may take time of the next run.
  await testClock.sleep(60_000);
  return {
    run,
    cancelAt,
    wire: `${moment} ${at}\n${t.registry.wire
      .slice(start)
      .map(({ method, path, outcome }) => `${method} ${path} ${outcome}`)
      .join('\n')}`,
    tags: names.map((name, index) => {
      const [repository = '', tag = ''] = name.split(':');
      const kind = job.tags[index]?.startsWith('+') === true ? 'new' : 'existing';
      return { name: t.ref(name), kind, held: t.registry.tags(repository)[tag] };
    }),
  };
}

function assertWhole({ run, cancelAt, tags, wire }: Cancelled, { course }: Job): void {
  const shown = `${wire}\n${run.stdout}\n${run.summary}`;
  assert.ok(cancelAt.signal.wasSent, shown);
  assert.equal(run.exitCode, 130, shown);
  assert.deepEqual(run.outputs, {}, shown);
  // Every request is answered at once.
  assert.ok(run.durationMs <= 2000, `${run.durationMs} ms\n${shown}`);
  const [existing, fresh] = (['existing', 'new'] as const).map(
    (kind) => new Set(tags.filter((tag) => tag.kind === kind).map(isSet)),
  );
  assert.ok(existing?.size !== 2, shown);
  const goesOn = course === 'on' || fresh?.has(true) === true;
  if (goesOn) assert.equal(new Set(tags.map(isSet)).size, 1, shown);
  else assert.ok(existing?.has(false), shown);
  assertTold(errorOf(run), run.summary, tags, shown);
}

function isSet({ held }: HeldTag): boolean {
  return held !== undefined && held !== before.digest;
}

function assertTold(
  [headline, ...lines]: readonly string[],
  summary: string,
  tags: readonly HeldTag[],
  shown: string,
): void {
  assert.equal(headline, 'Cancelled.', shown);
  assert.ok(summary.includes('Cancelled'), shown);
  for (const tag of tags) {
    const { name, held, kind } = tag;
    const line = lines.find((each) => each.startsWith(`${name}: `)) ?? lines[0] ?? '';
    const set = kind === 'new' ? `created, holds ${held}` : `moved, holds ${held}`;
    const old =
      kind === 'new'
        ? /not changed(?:: The job was cancelled)?$|No tag was moved/
        : /put back, holds|not changed$|No tag was moved/;
    if (isSet(tag)) assert.ok(line.endsWith(set), `${line}\n${shown}`);
    else assert.match(line, old, shown);
  }
}

type Inject = Parameters<TestRegistry['inject']>[0];

/** Faults of a job that is cancelled at the push of its last tag, `app:h`. */
const late: Readonly<
  Record<
    string,
    {
      readonly faults: readonly Inject[];
      /** The line of `app:c`, which holds this in the end. */
      readonly line: RegExp;
      readonly held: 'before' | 'ours' | 'theirs';
    }
  >
> = {
  'a push that took effect without an answer goes back': {
    faults: [{ on: { method: 'PUT', path: /c$/ }, fault: 'never-answer-after-store' }],
    line: /: put back, holds sha256:\w+$/,
    held: 'before',
  },
  'a push without an answer may still take effect': {
    faults: [{ on: { method: 'PUT', path: /c$/ }, fault: 'never-answer' }],
    line: /: unknown: it may still be moved to sha256:\w+$/,
    held: 'before',
  },
  'a push that failed is not repeated': {
    faults: [{ on: { method: 'PUT', path: /c$/, times: 9 }, fault: 'status', status: 503 }],
    line: /: not changed: The job was cancelled$/,
    held: 'before',
  },
  'a tag that cannot be put back is told': {
    faults: [{ on: { method: 'PUT', path: /c$/, nth: 2 }, fault: 'status', status: 403 }],
    line: /: moved, holds sha256:\w+: could not be put back to sha256:\w+: \S+ denied/,
    held: 'ours',
  },
  'a tag that is put back for too long is told': {
    faults: [{ on: { method: 'PUT', path: /c$/, nth: 2 }, fault: 'never-answer' }],
    line: /: unknown: it was being put back to sha256:\w+$/,
    held: 'ours',
  },
};

for (const [name, { faults, line, held }] of Object.entries(late)) {
  scenario(`cancelled: ${name}`, {}, async (t) => {
    await t.push('app:amd64', amd64);
    for (const tag of eight) await t.push(tag, before);
    for (const fault of faults) t.registry.inject(fault);
    const signal = new RunSignal();
    t.registry.inject({ on: { method: 'PUT', path: /h$/ }, fault: 'before', call: () => signal.send() });
    const tags = eight.map((tag) => t.ref(tag)).join('\n');
    const run = await t.publish({ tags, sources: t.ref('app:amd64') }, { cancel: signal });
    assert.equal(run.exitCode, 130);
    assert.ok(run.durationMs <= 6200, `${run.durationMs} ms`);
    const lines = errorOf(run);
    assert.match(lines[3] ?? '', line);
    const { c, ...others } = t.registry.tags('app');
    assert.equal(c === before.digest ? 'before' : 'ours', held);
    for (const tag of ['a', 'b', 'd', 'h']) assert.equal(others[tag], before.digest, run.stdout);
  });
}

scenario('cancelled: a tag that something else has pushed since stays', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const theirs = await t.push('app:theirs', arm64);
  for (const tag of ['app:a', 'app:b']) await t.push(tag, before);
  const signal = new RunSignal();
  t.registry.inject({
    on: { method: 'GET', path: /\/a$/ },
    fault: 'before',
    call: () => {
      t.registry.plant('app', 'a', arm64);
      signal.send();
    },
  });
  const tags = `${t.ref('app:a')}\n${t.ref('app:b')}`;
  const run = await t.publish({ tags, sources: t.ref('app:amd64') }, { cancel: signal });
  assert.deepEqual(errorOf(run), [
    'Cancelled.',
    `${t.ref('app:a')}: overtaken, holds ${theirs.split('@')[1]}: something else pushed it`,
    `${t.ref('app:b')}: put back, holds ${before.digest}`,
  ]);
  assert.match(run.summary, /^### 🚫 Cancelled: .*app:a/);
});

scenario('cancelled: no copy begins any more', {}, async (t) => {
  await t.push('build:amd64', amd64);
  const signal = new RunSignal();
  const upload = { method: 'POST', path: /\/app\/blobs\/uploads\// };
  t.registry.inject({ on: upload, fault: 'after', call: () => signal.send() });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('build:amd64') }, { cancel: signal });
  // A process would have ended.
  await testClock.sleep(60_000);
  assert.deepEqual(errorOf(run), ['Cancelled.', 'No tag was moved.']);
  assert.equal(
    t.registry.wire.filter(({ method, path }) => method === 'PUT' && path.includes('/app/')).length,
    0,
  );
});

scenario('cancelled: with `summary: false` there is none', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const signal = new RunSignal();
  t.registry.inject({ on: { method: 'HEAD' }, fault: 'before', call: () => signal.send() });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), summary: 'false' };
  const run = await t.publish(inputs, { cancel: signal });
  assert.equal(run.exitCode, 130);
  assert.equal(run.summary, '');
});
