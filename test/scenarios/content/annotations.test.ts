/** Annotations of the list and of its entries. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere, listOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('annotations on the list, on every entry and on one', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')} annotation.org.example.line=own`,
    annotations: [
      '# what the metadata step gives',
      'org.opencontainers.image.description=Two words & <more>',
      'index:org.opencontainers.image.version=1.4.0',
      'manifest:org.opencontainers.image.licenses=MIT',
      'manifest-descriptor:org.example.every=all=of them',
      'manifest-descriptor[linux/arm64/v8]:org.example.one=arm',
    ].join('\n'),
  });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(listOf(run).annotations, {
    'org.opencontainers.image.description': 'Two words & <more>',
    'org.opencontainers.image.licenses': 'MIT',
    'org.opencontainers.image.version': '1.4.0',
  });
  assert.deepEqual(
    entriesOf(run).map(({ annotations }) => annotations),
    [
      { 'org.example.every': 'all=of them' },
      { 'org.example.every': 'all=of them', 'org.example.line': 'own', 'org.example.one': 'arm' },
    ],
  );
});

scenario('annotations as docker/metadata-action writes them for two levels', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: t.ref('app:amd64'),
    annotations:
      'manifest,index:org.opencontainers.image.title=app\nmanifest:org.opencontainers.image.url=https://x.test/?a=b',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(listOf(run).annotations, {
    'org.opencontainers.image.title': 'app',
    'org.opencontainers.image.url': 'https://x.test/?a=b',
  });
});

scenario('an annotation for an entry that is not there', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const annotations = 'manifest-descriptor[linux/s390x]:org.example.note=x';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64'), annotations });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /linux\/s390x.+linux\/amd64 \[ANNOTATION_UNMATCHED\]/);
});

scenario('an annotation changes a sole list, and its entries keep theirs', everywhere, async (t) => {
  const built = makeIndex([{ content: amd64, annotations: { 'org.example.old': 'kept' } }], {
    attestations: true,
  });
  await t.push('app:built', built);
  const annotations = 'index:org.example.new=list\nmanifest-descriptor:org.example.new=entry';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(listOf(run).annotations, { 'org.example.new': 'list' });
  const [image, attestation] = entriesOf(run);
  assert.deepEqual(image?.annotations, { 'org.example.new': 'entry', 'org.example.old': 'kept' });
  assert.deepEqual(Object.keys(attestation?.annotations ?? {}).sort(), [
    'org.example.new',
    'vnd.docker.reference.digest',
    'vnd.docker.reference.type',
  ]);
});

scenario('annotations that cannot be', {}, async (t) => {
  const annotations = [
    'no value',
    '=no key',
    'index-descriptor:org.example.note=x',
    'index[linux/amd64]:org.example.note=x',
    'manifest-descriptor[linux/amd64:org.example.note=x',
    'manifests:org.example.note=x',
  ].join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64'), annotations });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.equal(errorOf(run).length, 9);
});
