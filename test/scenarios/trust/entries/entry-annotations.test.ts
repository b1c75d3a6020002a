/** `manifest-descriptor:` without a platform means every entry, attestations too, as imagetools has it. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { entriesOf } from '../../evidence.ts';

const built = makeIndex([makeImage('linux/amd64'), makeImage('linux/arm64')], { attestations: true });

// Decided for the same bytes as imagetools: a move to this action changes no digest.
scenario('an annotation for every entry reaches the attestations', {}, async (t) => {
  await t.push('app:built', built);
  const annotations = 'manifest-descriptor:org.example.note=x';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ annotations: own }) => own?.['org.example.note']),
    ['x', 'x', 'x', 'x'],
  );
});

scenario('an annotation for one platform reaches that image alone', {}, async (t) => {
  await t.push('app:built', built);
  const annotations = 'manifest-descriptor[linux/arm64]:org.example.note=x';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ annotations: own }) => own?.['org.example.note']),
    [undefined, 'x', undefined, undefined],
  );
});

scenario(
  'an annotation on a source line reaches the images of a list, not their attestations',
  {},
  async (t) => {
    await t.push('app:built', built);
    const sources = `${t.ref('app:built')} annotation.org.example.note=x`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(
      entriesOf(run).map(({ annotations: own }) => own?.['org.example.note']),
      ['x', 'x', undefined, undefined],
    );
  },
);

scenario('an annotation for every entry cannot make an attestation of an image', {}, async (t) => {
  await t.push('app:built', built);
  const annotations = 'manifest-descriptor:vnd.docker.reference.type=attestation-manifest';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});
