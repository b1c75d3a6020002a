/** Tags that only move forwards, against time: another job sets latest while this one publishes 1.9.6. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { onTestClock } from '../../support/wire/test-clock.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import { errorOf, everywhere, warningsOf } from '../evidence.ts';

const image = makeImage('linux/amd64', { name: 'ours' });

function release(version: string) {
  const annotations = { 'org.opencontainers.image.version': version };
  return makeIndex([makeImage('linux/amd64', { name: version })], { annotations });
}

const start = release('1.0.0');
const newer = release('2.0.0');
const older = release('1.5.0');

interface Moment {
  readonly on: FaultMatch;
  readonly fault: 'before' | 'after';
  /** Whether latest is ours by then. */
  readonly written: boolean;
}

const head = { method: 'HEAD', path: /\/manifests\/latest$/ };
const moments: Readonly<Record<string, Moment>> = {
  'at the first blob': { on: { method: 'POST', path: /\/uploads\// }, fault: 'before', written: false },
  'at the PUT of the list by digest': {
    on: { method: 'PUT', path: /\/manifests\/sha256:/ },
    fault: 'after',
    written: false,
  },
  'right before latest is looked at': { on: { ...head, nth: 2 }, fault: 'before', written: false },
  'after the PUT of latest': {
    on: { method: 'PUT', path: /\/manifests\/latest$/ },
    fault: 'after',
    written: true,
  },
  'after the read-back': {
    on: { method: 'GET', path: /\/manifests\/latest$/ },
    fault: 'after',
    written: true,
  },
};

const inputsOf = (t: Scenario, version: string, source: string) => ({
  tags: `${t.ref(`app:${version}`)}\n${t.ref('app:latest')}`,
  sources: source,
  'forward-only-tags': 'latest',
});

for (const [moment, { on, fault, written }] of Object.entries(moments)) {
  scenario(`a newer version ${moment} is green, and told`, { registries: 2 }, async (t) => {
    const run = await publishBeside(t, newer, { on, fault });
    assert.equal(run.exitCode, 0, run.stdout);
    const { tags, digest, previous } = run.outputs;
    assert.equal(tags, t.ref('app:1.9.6'));
    assert.equal(run.outputs['held-back'], t.ref('app:latest'));
    assert.deepEqual(Object.keys(JSON.parse(previous ?? '')), [t.ref('app:1.9.6')]);
    assert.equal((await t.served('app:1.9.6'))?.digest, digest);
    assert.equal((await t.served('app:latest'))?.digest, newer.digest);
    assert.match(run.stdout, /\n\S+app:latest stays at 2\.0\.0 \(sha256:\w+\), because 1\.9\.6 is older\n/);
    assert.match(run.summary, /`latest` \| \*\*stays\*\* at 2\.0\.0: 1\.9\.6 is older/);
    assert.deepEqual(warningsOf(run), []);
  });

  scenario(`an older version ${moment} is ${written ? 'red' : 'replaced'}`, { registries: 2 }, async (t) => {
    const run = await publishBeside(t, older, { on, fault });
    assert.equal(run.exitCode, written ? 1 : 0, run.stdout);
    const held = written ? older.digest : run.outputs['digest'];
    assert.equal((await t.served('app:latest'))?.digest, held);
    if (written) assert.ok(errorOf(run).join('\n').includes(older.digest));
  });
}

async function publishBeside(
  t: Scenario<TestRegistry>,
  theirs: typeof newer,
  { on, fault }: Pick<Moment, 'on' | 'fault'>,
) {
  const [target, source] = t.registries;
  assert.ok(source !== undefined && target !== undefined);
  await t.push('app:built', image, source);
  await t.push('app:latest', start);
  const call = () => t.push('app:latest', theirs);
  t.registry.inject({ fault, call, on });
  return t.publish(inputsOf(t, '1.9.6', t.ref('app:built', source)));
}

scenario('where latest alone is overtaken by a newer version, nothing was published', {}, async (t) => {
  await t.push('app:built', image);
  await t.push('app:latest', start);
  const call = () => t.push('app:latest', newer);
  t.registry.inject({ fault: 'before', call, on: { ...head, nth: 2 } });
  const run = await t.publish({
    ...inputsOf(t, '1.9.6', t.ref('app:built')),
    tags: t.ref('app:latest'),
    annotations: 'org.opencontainers.image.version=1.9.6',
    'purge-sources': 'true',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  const { published, tags, images, purged } = run.outputs;
  assert.deepEqual([published, tags, images, purged], ['false', '', '', '[]']);
  assert.equal((await t.served('app:latest'))?.digest, newer.digest);
  assert.ok(await t.served('app:built'));
});

scenario('a write that is tried again spares a newer version', {}, async (t) => {
  await t.push('app:built', image);
  await t.push('app:latest', start);
  const put = { method: 'PUT', path: /\/manifests\/latest$/ };
  t.registry.inject({ fault: 'status', status: 503, on: put });
  const call = () => t.push('app:latest', newer);
  t.registry.inject({ fault: 'before', call, on: { ...head, nth: 3 } });
  const run = await t.publish(inputsOf(t, '1.9.6', t.ref('app:built')));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['held-back'], t.ref('app:latest'));
  assert.equal((await t.served('app:latest'))?.digest, newer.digest);
});

scenario(
  'two releases at once: latest never ends at the older one with both green',
  everywhere,
  async (t) => {
    await t.push('app:latest', start);
    const versions = ['1.9.6', '2.0.0'];
    for (const version of versions)
      await t.push(`app:build-${version}`, makeImage('linux/amd64', { name: version }));
    const runs = await onTestClock(() =>
      Promise.all(
        versions.map((version) =>
          t.publish({
            ...inputsOf(t, version, t.ref(`app:build-${version}`)),
            annotations: `org.opencontainers.image.version=${version}`,
          }),
        ),
      ),
    );
    const latest = (await t.served('app:latest'))?.digest;
    const [old, next] = runs;
    assert.equal(old?.exitCode, 0, old?.stdout);
    if (latest === (await t.served('app:2.0.0'))?.digest) assert.equal(next?.exitCode, 0, next?.stdout);
    else assert.equal(next?.exitCode, 1, next?.stdout);
  },
);

scenario(
  'a guarded tag costs one look before its PUT and one after, and one read of what it holds',
  {},
  async (t) => {
    await t.push('app:built', image);
    await t.push('app:latest', start);
    const requests = async (inputs: Readonly<Record<string, string>>) => {
      t.registry.clearWire();
      const run = await t.publish({ ...inputsOf(t, '2.0.0', t.ref('app:built')), ...inputs });
      assert.equal(run.exitCode, 0, run.stdout);
      const all = t.registry.wire.map(({ method, path }) => `${method} ${path.replace(/.*\//, '')}`);
      await t.push('app:latest', start);
      return [all.filter((request) => request.endsWith(' latest')), all.length] as const;
    };
    const [free, count] = await requests({ 'forward-only-tags': '' });
    assert.deepEqual(free, ['HEAD latest', 'PUT latest', 'GET latest']);
    const [guarded, more] = await requests({});
    assert.deepEqual(guarded, ['HEAD latest', 'HEAD latest', 'PUT latest', 'GET latest', 'HEAD latest']);
    // The list that latest holds is read in any case, to compare its platforms. 2.0.0 exists by now.
    assert.ok(more <= count + 2, `${more} requests, ${count} without a guard`);
  },
);
