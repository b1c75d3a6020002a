/** Docker manifest lists and OCI indexes, and lists of one image. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, errorOf, everywhere, listOf, warningsOf } from '../evidence.ts';

const docker = {
  amd64: makeImage('linux/amd64', { types: 'docker' }),
  arm64: makeImage('linux/arm64', { types: 'docker' }),
};
const oci = { amd64: makeImage('linux/amd64'), arm64: makeImage('linux/arm64') };

scenario('Docker images alone become a Docker manifest list', everywhere, async (t) => {
  await t.push('app:amd64', docker.amd64);
  await t.push('app:arm64', docker.arm64);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
  });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['media-type'], manifestTypes.dockerList);
  assert.match(
    (await t.served('app:1'))?.bytes.toString() ?? '',
    /^\{\n {3}"schemaVersion": 2,\n {3}"mediaType"/,
  );
});

scenario('Docker images become an OCI index on request', everywhere, async (t) => {
  await t.push('app:amd64', docker.amd64);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64'), format: 'oci' });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['media-type'], manifestTypes.ociIndex);
  assert.match(
    (await t.served('app:1'))?.bytes.toString() ?? '',
    /^\{\n {2}"schemaVersion": 2,\n {2}"mediaType"/,
  );
});

scenario('Docker and OCI images in one list get a warning', everywhere, async (t) => {
  await t.push('app:amd64', docker.amd64);
  await t.push('app:arm64', oci.arm64);
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['media-type'], manifestTypes.ociIndex);
  assert.equal(warningsOf(run).length, 1);
  assert.match(run.summary, /\*\*Warnings\*\*/);
});

for (const annotations of ['org.example.note=x', 'manifest-descriptor[linux/amd64]:org.example.note=x']) {
  const level = annotations.split(/[[=]/)[0];
  scenario(`a Docker manifest list cannot hold the annotation ${level}`, everywhere, async (t) => {
    await t.push('app:amd64', docker.amd64);
    const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), annotations, format: 'docker' };
    const run = await t.publish(inputs);
    t.snapshot(run, { wire: 'none' });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run)[0] ?? '', /"org\.example\.note"/);
  });
}

scenario('a sole list changes its format on request', everywhere, async (t) => {
  await t.push('app:oci', makeIndex([oci.amd64, oci.arm64]));
  await t.push('app:docker', makeIndex([docker.amd64, docker.arm64], { types: 'docker', indent: 3 }));
  const toOci = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:docker'), format: 'oci' });
  assert.equal(toOci.outputs['media-type'], manifestTypes.ociIndex, toOci.stdout);
  const same = await t.publish({ tags: t.ref('app:2'), sources: t.ref('app:docker'), format: 'docker' });
  assert.equal(same.outputs['digest'], (await t.served('app:docker'))?.digest, same.stdout);
});

scenario('a sole image is wrapped in a list of one', everywhere, async (t) => {
  await t.push('app:amd64', oci.amd64);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(listOf(run).manifests?.length, 1);
});

scenario('a sole image is tagged as it is without prefer-index', everywhere, async (t) => {
  await t.push('app:amd64', oci.amd64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), 'prefer-index': 'false' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['digest'], oci.amd64.digest);
  assert.deepEqual((await t.served('app:1'))?.bytes, oci.amd64.bytes);
});

scenario('two images, or one with annotations, need a list whatever is preferred', everywhere, async (t) => {
  await t.push('app:amd64', oci.amd64);
  await t.push('app:arm64', oci.arm64);
  const both = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources: both, 'prefer-index': 'false' });
  assert.equal(listOf(run).manifests?.length, 2, run.stdout);
  const annotated = await t.publish({
    tags: t.ref('app:2'),
    sources: t.ref('app:amd64'),
    annotations: 'org.example.note=x',
    'prefer-index': 'false',
  });
  assert.equal(listOf(annotated).manifests?.length, 1, annotated.stdout);
});
