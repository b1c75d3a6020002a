/** A sole list that is narrowed loses nothing but the entries that were not asked for. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../../support/images/images.ts';
import { manifestTypes } from '../../../support/images/manifest-document.ts';
import { digestText } from '../../../support/registry/registry-store.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, errorOf, listOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const base = makeImage('linux/amd64', { name: 'base' });
const made = makeIndex([amd64, arm64], { attestations: true });

/** A list that carries all a list can carry, in the order and indent of Go's encoder. */
const list: TestContent = (() => {
  const document = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociIndex,
    artifactType: 'application/vnd.example.release',
    manifests: made.document.manifests ?? [],
    subject: { mediaType: base.mediaType, digest: base.digest, size: base.size },
    annotations: {
      'org.opencontainers.image.description': 'Two words & <more>',
      'org.opencontainers.image.version': '1.4.0',
    },
  };
  return contentOf(document);
})();

function contentOf(document: TestContent['document']): TestContent {
  // Go's encoder escapes these three in every string.
  const text = JSON.stringify(document, null, 2).replace(
    /[<>&]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const bytes = Buffer.from(text);
  return { ...made, bytes, digest: digestText(bytes), size: bytes.length, document };
}

/** The list with only the entries of these positions. */
function narrowed(...positions: readonly number[]): TestContent {
  const { manifests = [] } = list.document;
  return contentOf({ ...list.document, manifests: manifests.filter((_, at) => positions.includes(at)) });
}

// What imagetools create --platform writes is the list itself with fewer entries, as Go's encoder writes it.
const ways: Readonly<Record<string, { line?: string; inputs?: Record<string, string>; left: TestContent }>> =
  {
    platforms: { inputs: { platforms: 'linux/arm64' }, left: narrowed(1, 3) },
    'a platform on the line': { line: 'linux/amd64', left: narrowed(0, 2) },
    'attestations: drop': { inputs: { attestations: 'drop' }, left: narrowed(0, 1) },
  };

for (const [name, { line = '', inputs, left }] of Object.entries(ways)) {
  scenario(`a list narrowed by ${name} keeps what it says of itself, byte for byte`, {}, async (t) => {
    await t.push('app', base);
    await t.push('app:built', list);
    const run = await t.publish({
      tags: t.ref('app:1'),
      sources: `${t.ref('app:built')} ${line}`,
      ...inputs,
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal((await t.served('app:1'))?.bytes.toString(), left.bytes.toString());
  });
}

scenario('an annotation is added to those of a narrowed list', {}, async (t) => {
  await t.push('app', base);
  await t.push('app:built', list);
  const inputs = { sources: t.ref('app:built'), platforms: 'linux/arm64', annotations: 'org.example.new=x' };
  const run = await t.publish({ tags: t.ref('app:1'), ...inputs });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(listOf(run).annotations, { ...list.document.annotations, 'org.example.new': 'x' });
});

scenario('an annotation is added to those of a sole list', {}, async (t) => {
  // A list that is only annotated is still that list.
  await t.push('app', base);
  await t.push('app:built', list);
  const inputs = { sources: t.ref('app:built'), annotations: 'org.opencontainers.image.version=2' };
  const run = await t.publish({ tags: t.ref('app:1'), ...inputs });
  assert.equal(run.exitCode, 0, run.stdout);
  const { annotations, subject } = listOf(run);
  assert.deepEqual(annotations, {
    ...list.document.annotations,
    'org.opencontainers.image.version': '2',
  });
  assert.deepEqual(subject, list.document.subject);
});

scenario('a list joined with another source is a new list', {}, async (t) => {
  await t.push('app', base);
  await t.push('app:built', list);
  await t.push('app:riscv64', makeImage('linux/riscv64'));
  const sources = `${t.ref('app:built')}\n${t.ref('app:riscv64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(Object.keys(listOf(run)), ['schemaVersion', 'mediaType', 'manifests']);
});

scenario('a narrowed Docker list keeps the form of docker', {}, async (t) => {
  const images = ['amd64', 'arm64'].map((architecture) =>
    makeImage({ os: 'linux', architecture }, { types: 'docker' }),
  );
  await t.push('app:built', makeIndex(images, { types: 'docker', indent: 3 }));
  const inputs = { sources: t.ref('app:built'), platforms: 'linux/arm64' };
  const run = await t.publish({ tags: t.ref('app:1'), ...inputs });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['media-type'], manifestTypes.dockerList);
  assert.match((await t.served('app:1'))?.bytes.toString() ?? '', /^\{\n {3}"schemaVersion": 2/);
});

for (const where of ['on the list', 'on an entry'] as const) {
  scenario(`format: docker refuses annotations ${where} of a source`, {}, async (t) => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      makeImage({ os: 'linux', architecture }, { types: 'docker' }),
    );
    const annotations = { 'org.example.note': 'x' };
    const [first, ...others] = images.map((content) => ({ content }));
    const entries = [
      { ...first, ...(where === 'on an entry' && { annotations }) },
      ...others,
    ] as typeof images;
    await t.push('app:built', makeIndex(entries, where === 'on the list' ? { annotations } : {}));
    const inputs = { sources: t.ref('app:built'), platforms: 'linux/amd64', format: 'docker' };
    const run = await t.publish({ tags: t.ref('app:1'), ...inputs });
    await assertNothingDone(t, run, ['app:1']);
    const said = errorOf(run).join('\n');
    assert.match(said, /org\.example\.note/);
    assert.match(said, /app:built/);
  });
}
