/** Docker and OCI types in one list: amending it says and refuses what publishing the whole list does. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere, warningsOf } from '../evidence.ts';

const docker = (platform: string): TestContent => makeImage(platform, { types: 'docker' });
const dockerList = makeIndex([docker('linux/amd64')], { types: 'docker' });
const ociIndex = makeIndex([makeImage('linux/amd64')]);
const mixed = /^Docker and OCI images are mixed in one list \(Docker: \S+\)/;
const isIndexOfMixed =
  /^format: docker gives an OCI image index here.*\. Docker and OCI images are mixed in one list \(Docker: \S+\)/;

const rows: readonly {
  readonly name: string;
  readonly held: TestContent;
  readonly source: TestContent;
  readonly format?: string;
  readonly warnings: readonly RegExp[];
  readonly type?: string;
}[] = [
  {
    name: 'a Docker list and an OCI image',
    held: dockerList,
    source: makeImage('linux/arm64'),
    warnings: [mixed],
  },
  {
    name: 'a Docker list and an OCI image as a Docker list',
    held: dockerList,
    source: makeImage('linux/arm64'),
    format: 'docker',
    warnings: [mixed],
    type: manifestTypes.dockerList,
  },
  {
    name: 'an OCI index and a Docker image',
    held: ociIndex,
    source: docker('linux/arm64'),
    warnings: [mixed],
  },
  {
    name: 'an OCI index and a Docker image as a Docker list',
    held: ociIndex,
    source: docker('linux/arm64'),
    format: 'docker',
    warnings: [isIndexOfMixed],
    type: manifestTypes.ociIndex,
  },
  {
    name: 'a Docker image and an OCI image',
    held: docker('linux/amd64'),
    source: makeImage('linux/arm64'),
    warnings: [mixed],
  },
  {
    name: 'a Docker list whose only image is replaced',
    held: dockerList,
    source: makeImage('linux/amd64'),
    warnings: [],
  },
  { name: 'Docker images alone', held: dockerList, source: docker('linux/arm64'), warnings: [] },
  {
    name: 'an OCI index and sources that are mixed themselves',
    held: ociIndex,
    source: makeIndex([makeImage('linux/arm64'), docker('linux/s390x')]),
    warnings: [mixed],
  },
];

for (const { name, held, source, format = 'auto', warnings, type } of rows)
  scenario(`amend ${name}`, everywhere, async (t) => {
    await t.push('app:x', held);
    await t.push('app:new', source);
    const run = await t.publish({ amend: 'true', tags: t.ref('app:x'), sources: t.ref('app:new'), format });
    assert.equal(run.exitCode, 0, run.stdout);
    const found = warningsOf(run);
    assert.equal(found.length, warnings.length, found.join('\n'));
    for (const [at, pattern] of warnings.entries()) assert.match(found[at] ?? '', pattern);
    if (type !== undefined) assert.equal(run.outputs['media-type'], type);
  });

scenario('a Docker list cannot keep an attestation', everywhere, async (t) => {
  await t.push('app:x', makeIndex([makeImage('linux/amd64')], { attestations: true }));
  await t.push('app:new', docker('linux/arm64'));
  const inputs = { tags: t.ref('app:x'), sources: t.ref('app:new'), amend: 'true', format: 'docker' };
  const before = await t.served('app:x');
  const run = await t.publish(inputs);
  assert.match(
    errorOf(run).join('\n'),
    /app:x: a Docker manifest list cannot hold .* attestation .*\[FORMAT\]/,
  );
  assert.deepEqual((await t.served('app:x'))?.bytes, before?.bytes);
});
