/** amend: true. What the tag holds now is the start. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { ManifestDocument } from '../../support/images/manifest-document.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads, errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64/v8');
const riscv = makeImage('linux/riscv64');
const newArm64 = makeImage('linux/arm64', { name: 'new' });

async function served(t: Scenario, name: string): Promise<ManifestDocument> {
  return JSON.parse((await t.served(name))?.bytes.toString() ?? '{}') as ManifestDocument;
}

function amend(t: Scenario, tags: string, source: string): Record<string, string> {
  return { amend: 'true', tags: t.ref(tags), sources: t.ref(source) };
}

scenario('a new platform is appended, everything else stays', everywhere, async (t) => {
  const base = makeIndex([amd64, arm64], { annotations: { 'org.example.note': 'of the list' } });
  await t.push('app:nightly', base);
  await t.push('app:riscv64', riscv);
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'sorted' });
  const list = await served(t, 'app:nightly');
  assert.deepEqual(list.manifests?.slice(0, 2), base.document.manifests);
  assert.deepEqual(list.annotations, { 'org.example.note': 'of the list' });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64/v8,linux/riscv64');
});

scenario(
  'the same platform is replaced with its attestations, however it is spelt',
  everywhere,
  async (t) => {
    await t.push('app:nightly', makeIndex([amd64, arm64], { attestations: true }));
    await t.push('app:arm64', newArm64);
    const run = await t.publish(amend(t, 'app:nightly', 'app:arm64'));
    assert.equal(run.exitCode, 0, run.stdout);
    const { manifests = [] } = await served(t, 'app:nightly');
    assert.deepEqual(
      manifests.slice(0, 2).map(({ digest }) => digest),
      [amd64.digest, newArm64.digest],
    );
    assert.equal(manifests.length, 3);
  },
);

scenario('nothing changes: the tag keeps its bytes and is not written', {}, async (t) => {
  const base = makeIndex([amd64, riscv], { indent: 4 });
  await t.push('app:nightly', base);
  await t.push('app:riscv64', riscv);
  const written = t.registry.wire.length;
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['changed'], 'false');
  assert.equal(run.outputs['digest'], base.digest);
  assert.ok(t.registry.wire.slice(written).every(({ method }) => method !== 'PUT'));
});

scenario('unknown fields stay, of the list and of its entries', {}, async (t) => {
  const plain = makeIndex([{ content: amd64, fields: { 'x-entry': { b: 1, a: [null] } } }]);
  const document = { ...plain.document, 'x-list': ['kept'], artifactType: 'application/vnd.example' };
  const bytes = Buffer.from(JSON.stringify(document));
  await t.push('app:amd64', amd64);
  t.registry.plant('app', 'nightly', { bytes, mediaType: plain.mediaType });
  await t.push('app:riscv64', riscv);
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  const list = (await served(t, 'app:nightly')) as ManifestDocument & Record<string, unknown>;
  assert.deepEqual(list['x-list'], ['kept']);
  assert.deepEqual(list.manifests?.[0], document.manifests?.[0]);
});

scenario('no tag yet: a plain create', everywhere, async (t) => {
  await t.push('app:riscv64', riscv);
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/riscv64');
});

scenario('a Docker manifest list stays one, when what comes fits in', everywhere, async (t) => {
  const docker = { types: 'docker' } as const;
  await t.push('app:nightly', makeIndex([makeImage('linux/amd64', docker)], docker));
  await t.push('app:riscv64', makeImage('linux/riscv64', docker));
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['media-type'], 'application/vnd.docker.distribution.manifest.list.v2+json');
  await t.push('app:arm64', makeImage('linux/arm64', docker));
  const oci = await t.publish({ ...amend(t, 'app:nightly', 'app:arm64'), annotations: 'org.example.note=x' });
  assert.equal(oci.exitCode, 0, oci.stdout);
  assert.equal(oci.outputs['media-type'], 'application/vnd.oci.image.index.v1+json');
});

scenario('a tag that holds one image becomes a list', everywhere, async (t) => {
  await t.push('app:nightly', amd64);
  await t.push('app:riscv64', riscv);
  const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/riscv64');
});

scenario(
  'a new tag beside one that exists gets the same list, in another repository, too',
  everywhere,
  async (t) => {
    await t.push('app:nightly', makeIndex([amd64, arm64]));
    await t.push('app:riscv64', riscv);
    const tags = ['app:nightly', 'app:nightly-20260101', 'mirror:nightly']
      .map((name) => t.ref(name))
      .join('\n');
    const run = await t.publish({ amend: 'true', tags, sources: t.ref('app:riscv64') });
    assert.equal(run.exitCode, 0, run.stdout);
    for (const name of ['app:nightly', 'app:nightly-20260101', 'mirror:nightly'])
      assert.equal((await t.served(name))?.digest, run.outputs['digest']);
  },
);

for (const [flaw, fields] of Object.entries({
  'in an entry that has `urls`': { urls: ['https://example.com/x'] },
  'in an entry that has `data`': { data: 'e30=' },
  'but it is': { size: 7 },
}))
  scenario(`a list that nobody checked is not published elsewhere: ${flaw}`, {}, async (t) => {
    const { bytes, mediaType } = makeIndex([{ content: amd64, fields }]);
    await t.push('app:amd64', amd64);
    t.registry.plant('app', 'nightly', { bytes, mediaType });
    await t.push('app:riscv64', riscv);
    const inputs = amend(t, 'app:nightly', 'app:riscv64');
    const run = await t.publish({ ...inputs, tags: `${inputs.tags}\n${t.ref('mirror:nightly')}` });
    const error = errorOf(run).join('\n');
    assert.match(error, /app:nightly cannot be amended: it lists sha256:\w+ .+ \[AMEND_BASE\]/);
    assert.ok(error.includes(flaw), error);
    assert.equal(t.registry.tags('mirror')['nightly'], undefined);
  });

scenario('tags that hold different lists are refused, both named', {}, async (t) => {
  await t.push('app:one', makeIndex([amd64]));
  await t.push('app:two', makeIndex([arm64]));
  await t.push('app:riscv64', riscv);
  const before = t.registry.wire.length;
  const tags = `${t.ref('app:one')}\n${t.ref('app:two')}`;
  const run = await t.publish({ amend: 'true', tags, sources: t.ref('app:riscv64') });
  assert.match(
    errorOf(run).join('\n'),
    /app:one holds sha256:\w+, but \S+app:two holds sha256:\w+ \[AMEND_TAGS\]/,
  );
  assert.ok(t.registry.wire.slice(before).every(({ method }) => method === 'GET' || method === 'HEAD'));
});

scenario('a platform that neither a source nor the tag supplies', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64]));
  await t.push('app:riscv64', riscv);
  const inputs = amend(t, 'app:nightly', 'app:riscv64');
  const kept = await t.publish({ ...inputs, platforms: 'linux/amd64\nlinux/riscv64' });
  assert.equal(kept.exitCode, 0, kept.stdout);
  const missing = await t.publish({ ...inputs, platforms: 'linux/riscv64\nlinux/s390x' });
  assert.match(errorOf(missing).join('\n'), /linux\/s390x.+\[PLATFORM_MISSING\]/);
});

for (const [name, { put, says }] of Object.entries({
  'not a manifest': { put: '{"schemaVersion":2,"manifests":7}', says: /AMEND_BASE/ },
  'an artifact': { put: undefined, says: /AMEND_BASE/ },
})) {
  scenario(`a tag that holds ${name} is refused`, {}, async (t) => {
    const type = 'application/vnd.oci.image.index.v1+json';
    if (put === undefined) await t.push('app:nightly', makeImage('linux/amd64', { configPlatform: null }));
    else t.registry.plant('app', 'nightly', { bytes: Buffer.from(put), mediaType: type });
    await t.push('app:riscv64', riscv);
    const run = await t.publish(amend(t, 'app:nightly', 'app:riscv64'));
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), says);
  });
}

scenario('an entry that is lost is refused, unless it is replaced', {}, async (t) => {
  const base = makeIndex([amd64, arm64]);
  await t.push('app:nightly', base);
  await t.push('app:riscv64', riscv);
  await t.push('app:arm64', newArm64);
  t.registry.inject({ on: { path: new RegExp(arm64.digest), times: 99 }, fault: 'lag-404' });
  const lost = await t.publish({ ...amend(t, 'app:nightly', 'app:riscv64'), 'wait-for-sources': '0' });
  assert.match(errorOf(lost).join('\n'), /linux\/arm64\/v8 .+ is not in the repository \[AMEND_BASE\]/);
  const repaired = await t.publish(amend(t, 'app:nightly', 'app:arm64'));
  assert.equal(repaired.exitCode, 0, repaired.stdout);
});

scenario('a dry run tells what would become of the tag', {}, async (t) => {
  const base = makeIndex([amd64]);
  await t.push('app:nightly', base);
  await t.push('app:riscv64', riscv);
  const before = t.registry.wire.length;
  const run = await t.publish({ ...amend(t, 'app:nightly', 'app:riscv64'), push: 'false' });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/riscv64', run.stdout);
  assert.ok(t.registry.wire.slice(before).every(({ method }) => method === 'GET' || method === 'HEAD'));
});

scenario('amend with an immutable tag is refused, both named', {}, async (t) => {
  await t.push('app:riscv64', riscv);
  const run = await t.publish({ ...amend(t, 'app:v1.2.3', 'app:riscv64'), 'immutable-tags': 'v*.*.*' });
  assert.match(errorOf(run).join('\n'), /amend: .+`immutable-tags`.+v1\.2\.3/);
  assertOnlyReads(t);
});

scenario('a source that is missing today keeps what the tag has', {}, async (t) => {
  await t.push('app:nightly', makeIndex([amd64, riscv]));
  await t.push('app:today-amd64', makeImage('linux/amd64', { name: 'today' }));
  const inputs = {
    amend: 'true',
    'missing-sources': 'ignore',
    'wait-for-sources': '1s',
    tags: t.ref('app:nightly'),
    sources: t.ref('app:today-{arch}'),
    platforms: 'linux/amd64\nlinux/riscv64',
  };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/riscv64');
});
