/** Checks of the tags before anything is written: platforms that would go, and tags that may not move. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { serverPause } from '../../support/wire/test-clock.ts';
import { errorOf, everywhere, methodsOf, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const pair = makeIndex([amd64, arm64]);
const armv7 = makeImage('linux/arm/v7', { name: 'before' });
const i386 = makeImage('linux/386', { name: 'before' });
/** The list that the tags serve before: the new list lacks two of its platforms. */
const wide = makeIndex([makeImage('linux/amd64', { name: 'before' }), armv7, i386]);

async function staged(t: Scenario, tags: readonly string[] = ['app:latest']) {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  return {
    tags: tags.map((name) => t.ref(name)).join('\n'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
  };
}

scenario('platforms that a tag serves and the new list lacks are a warning', everywhere, async (t) => {
  await t.push('app:latest', wide);
  await t.push('app:1', wide);
  const run = await t.publish(await staged(t, ['app:latest', 'app:1', 'app:new']));
  t.snapshot(run, { wire: 'sorted' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual((await t.served('app:latest'))?.bytes, pair.bytes);
  const [warning, ...others] = warningsOf(run);
  assert.deepEqual(others, []);
  assert.match(
    warning ?? '',
    /^The new list lacks platforms that clients get from \S+app:latest, \S+app:1 today: linux\/arm\/v7 \(its clients get nothing\), linux\/386 \(its clients get nothing\)\. It has linux\/amd64, linux\/arm64\. If that is intended, set removed-platforms to "allow"\.$/,
  );
});

scenario('removed-platforms: error refuses before anything is written', everywhere, async (t) => {
  await t.push('app:latest', wide);
  await t.push('other:1', wide);
  const inputs = await staged(t, ['app:latest', 'other:1']);
  const before = methodsOf(t);
  for (const push of ['true', 'false']) {
    const run = await t.publish({ ...inputs, 'removed-platforms': 'error', push });
    assert.equal(run.exitCode, 1);
    if (push === 'true') t.snapshot(run, { wire: 'none' });
    assert.deepEqual(warningsOf(run), []);
    const text = errorOf(run).join('\n');
    for (const tag of ['app:latest', 'other:1']) assert.ok(text.includes(t.ref(tag)), text);
    assert.match(text, /linux\/arm\/v7.*linux\/386[\s\S]*\[PLATFORM_REMOVED\]\n.*removed-platforms: allow/);
    for (const tag of ['app:latest', 'other:1']) assert.deepEqual((await t.served(tag))?.bytes, wide.bytes);
  }
  const after = methodsOf(t);
  assert.deepEqual([after?.['PUT'], after?.['POST']], [before?.['PUT'], before?.['POST']]);
});

const repairs: readonly (readonly [
  name: string,
  held: TestContent,
  gone: readonly TestContent[],
  lacks?: RegExp,
])[] = [
  ['an entry whose image is gone serves nobody', wide, [armv7, i386]],
  ['one of two is gone', wide, [armv7], / today: linux\/386 \(its clients get nothing\)\. It has /],
  ['an entry without a platform is gone', makeIndex([amd64, { content: armv7, platform: null }]), [armv7]],
];

for (const [name, held, gone, lacks] of repairs) {
  scenario(`removed-platforms: error lets a tag be repaired: ${name}`, {}, async (t) => {
    await t.push('app:latest', held);
    for (const { digest } of gone) t.registry.remove('app', digest);
    const run = await t.publish({ ...(await staged(t)), 'removed-platforms': 'error' });
    assert.equal(run.exitCode, lacks === undefined ? 0 : 1, run.stdout);
    if (lacks !== undefined) assert.match(errorOf(run).join('\n'), lacks);
  });
}

scenario('removed-platforms: allow asks for nothing', {}, async (t) => {
  await t.push('app:latest', wide);
  const run = await t.publish({ ...(await staged(t)), 'removed-platforms': 'allow' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
  const reads = t.registry.wire.filter(({ path, method }) => method === 'GET' && path.includes(wide.digest));
  assert.deepEqual(reads, []);
});

scenario(
  'the platforms of a tag are compared normalised, and by one read for all its tags',
  {},
  async (t) => {
    const same = makeIndex([makeImage('linux/arm64/v8'), amd64]);
    for (const tag of ['app:1', 'app:1.2', 'app:latest']) await t.push(tag, same);
    const run = await t.publish({
      ...(await staged(t, ['app:1', 'app:1.2', 'app:latest'])),
      'removed-platforms': 'error',
    });
    assert.equal(run.exitCode, 0, run.stdout);
    const reads = t.registry.wire.filter(
      ({ path, method }) => method === 'GET' && path.endsWith(same.digest),
    );
    assert.equal(reads.length, 1);
  },
);

scenario('a tag that holds an image is compared by the platform of its config', {}, async (t) => {
  await t.push('app:latest', armv7);
  const inputs = await staged(t);
  const run = await t.publish({ ...inputs, 'removed-platforms': 'error' });
  assert.match(errorOf(run).join('\n'), /today: linux\/arm\/v7 \(its clients get nothing\)/);
  await t.push('app:latest', amd64);
  const kept = await t.publish({ ...inputs, 'removed-platforms': 'error' });
  assert.equal(kept.exitCode, 0, kept.stdout);
});

const documents: readonly {
  readonly name: string;
  readonly reason: RegExp;
  prepare(t: Scenario<TestRegistry>): unknown;
}[] = [
  {
    name: 'that is no JSON',
    reason: /sha256/,
    prepare: (t) => plantDocument(t, '\u001b[31m##[error]not JSON\n::error::x'),
  },
  {
    name: 'that lists a list',
    reason: /lists another list/,
    prepare: (t) => t.push('app:latest', makeIndex([makeIndex([armv7])])),
  },
  {
    name: 'that this login may not read',
    reason: /denied/,
    prepare: async (t) => {
      await t.push('app:latest', wide);
      const path = /\/manifests\/(latest|sha256:\w+)$/;
      const denied = { fault: 'status', status: 403, code: 'DENIED', message: 'no' } as const;
      t.registry.inject({ ...denied, on: { method: 'HEAD', path, times: 1 } });
      t.registry.inject({ ...denied, on: { method: 'GET', path: /\/manifests\/latest$/, times: 1 } });
    },
  },
  {
    name: 'that is gone when it is read',
    reason: /does not exist|unknown|not found/i,
    prepare: async (t) => {
      await t.push('app:latest', wide);
      const path = new RegExp(`/manifests/${wide.digest}$`);
      const gone = { fault: 'status', status: 404, code: 'MANIFEST_UNKNOWN', message: 'no' } as const;
      t.registry.inject({ ...gone, on: { method: 'GET', path, times: 99 } });
    },
  },
];

function plantDocument(t: Scenario<TestRegistry>, text: string): void {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  t.registry.plant('app', 'latest', { bytes: Buffer.from(text), mediaType });
}

for (const { name, prepare, reason } of documents) {
  scenario(`a tag with a document ${name} is published over with a warning`, {}, async (t) => {
    const inputs = await staged(t);
    await prepare(t);
    const run = await t.publish(inputs);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual((await t.served('app:latest'))?.bytes, pair.bytes);
    const [warning = '', ...others] = warningsOf(run);
    assert.deepEqual(others, []);
    assert.match(
      warning,
      /^The platforms that clients get from \S+app:latest today could not be compared with the new list: /,
    );
    assert.match(warning, reason);
    assert.ok(warning.length < 600, warning);
  });

  scenario(`a tag with a document ${name} is refused with removed-platforms: error`, {}, async (t) => {
    const inputs = await staged(t);
    await prepare(t);
    const writes = t.registry.wire.filter(({ method }) => method === 'PUT').length;
    const run = await t.publish({ ...inputs, 'removed-platforms': 'error' });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), /\[PREVIOUS_UNREADABLE\]\n.*removed-platforms: warn/);
    assert.equal(t.registry.wire.filter(({ method }) => method === 'PUT').length, writes);
  });
}

scenario('a list whose entries have no platform is compared by the configs of its images', {}, async (t) => {
  const [arm64, s390x] = [makeImage('linux/arm64'), makeImage('linux/s390x')];
  const { document, mediaType } = makeIndex([s390x, arm64], { attestations: true });
  await t.push('app:s390x', s390x);
  await t.push('app:all', makeIndex([s390x, arm64], { attestations: true }));
  const manifests = document.manifests?.map(({ platform: _, ...entry }) => entry);
  const bytes = Buffer.from(JSON.stringify({ ...document, manifests }));
  t.registry.plant('app', 'latest', { bytes, mediaType });
  await t.push('app:arm64', arm64);
  const inputs = { tags: t.ref('app:latest'), sources: t.ref('app:arm64'), 'removed-platforms': 'error' };
  const refused = await t.publish(inputs);
  assert.match(errorOf(refused).join('\n'), /today: linux\/s390x \(.*\[PLATFORM_REMOVED\]/s);
  const run = await t.publish({ ...inputs, sources: `${inputs.sources}\n${t.ref('app:s390x')}` });
  assert.equal(run.exitCode, 0, run.stdout);
});

scenario('immutable tags are created, keep their list, and do not move', everywhere, async (t) => {
  const inputs = { ...(await staged(t, ['app:v1.2.3', 'app:latest'])), 'immutable-tags': 'v*.*.*' };
  const created = await t.publish(inputs);
  assert.equal(created.exitCode, 0, created.stdout);
  const again = await t.publish(inputs);
  assert.equal(again.exitCode, 0, again.stdout);
  assert.equal(again.outputs['changed'], 'false');
  for (const push of ['true', 'false']) {
    const run = await t.publish({ ...inputs, sources: t.ref('app:amd64'), push });
    if (push === 'true') t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(
      errorOf(run).join('\n'),
      /v1\.2\.3 holds sha256:\w+ \(read when the run started\), and immutable-tags \(v\*\.\*\.\*\) does not let it move to sha256:\w+ \[TAG_IMMUTABLE\]/,
    );
    for (const tag of ['app:v1.2.3', 'app:latest'])
      assert.deepEqual((await t.served(tag))?.bytes, pair.bytes);
  }
});

scenario(
  'every immutable tag that would move is named in one error, before anything is written',
  {},
  async (t) => {
    const tags = ['app:v1.2.3', 'app:latest', 'app:v1.2.4', 'app:v1.2.5'];
    for (const tag of ['app:v1.2.3', 'app:latest', 'app:v1.2.4']) await t.push(tag, wide);
    const inputs = await staged(t, tags);
    const written = t.registry.wire.length;
    const run = await t.publish({
      ...inputs,
      'immutable-tags': 'v*\nlatest-*',
      'removed-platforms': 'error',
    });
    assert.equal(run.exitCode, 1, run.stdout);
    const lines = errorOf(run);
    assert.equal(lines[0], '2 immutable tags would move:');
    assert.match(lines[1] ?? '', /app:v1\.2\.3 holds/);
    assert.match(lines[2] ?? '', /app:v1\.2\.4 holds/);
    assert.match(lines[3] ?? '', /^The new list lacks/);
    assert.deepEqual(warningsOf(run), []);
    assert.match(run.stdout, /^immutable-tags: "latest-\*" matches none of the tags to publish$/m);
    const methods = t.registry.wire.slice(written).map(({ method }) => method);
    assert.deepEqual(
      methods.filter((method) => method !== 'GET' && method !== 'HEAD'),
      [],
    );
  },
);

scenario('an immutable tag that may not be read is refused', {}, async (t) => {
  const inputs = await staged(t, ['app:v1']);
  const denied = { fault: 'status', status: 403, code: 'DENIED', message: 'no' } as const;
  t.registry.inject({ ...denied, on: { path: /\/manifests\/v1$/, times: 99 } });
  const run = await t.publish({ ...inputs, 'immutable-tags': 'v*' });
  assert.match(errorOf(run).join('\n'), /app:v1 is immutable, and the registry does not let this login read/);
});

scenario('a tag that is taken while content is copied is checked again', { registries: 2 }, async (t) => {
  const [source, target] = t.registries;
  assert.ok(source !== undefined && target !== undefined);
  const { sources } = await staged(t);
  const take = async (): Promise<void> => {
    await t.push('app:v1', wide, target);
    await serverPause(6_000);
  };
  target.inject({ fault: 'before', call: take, on: { method: 'POST', path: /\/uploads\// } });
  const run = await t.publish({ tags: t.ref('app:v1', target), sources, 'immutable-tags': 'v*' });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[TAG_IMMUTABLE\]/);
  assert.deepEqual((await t.served('app:v1', target))?.bytes, wide.bytes);
});

scenario('a dry run compares, too', {}, async (t) => {
  await t.push('app:latest', wide);
  const inputs = await staged(t);
  const written = t.registry.wire.length;
  const run = await t.publish({ ...inputs, push: 'false' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(warningsOf(run).join('\n'), /lacks platforms/);
  assert.match(run.summary, /Removed platforms/);
  assert.ok(t.registry.wire.slice(written).every(({ method }) => method === 'GET' || method === 'HEAD'));
});
