/** Lists that hold more than images, and sources that are no images. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import { rows } from '../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const chart = makeArtifact({
  artifactType: 'application/vnd.cncf.helm.config.v1+json',
  typeInConfig: true,
});
const sbom = makeArtifact({ artifactType: 'application/spdx+json', subject: amd64 });
const soci = makeArtifact({ artifactType: 'application/vnd.amazon.soci.index.v2+json' });
const disk = makeArtifact({ artifactType: 'application/vnd.acme.disk' });
const without = (content: typeof chart) => ({ content, platform: null });
const half = { content: sbom, platform: { os: 'linux', architecture: '' } };
const behind = { content: soci, platform: { os: 'linux', architecture: 'amd64' } };
const listedDisk = { content: disk, platform: { os: 'linux', architecture: 'amd64' } };
const claiming = makeIndex([{ content: amd64, fields: { artifactType: 'application/vnd.acme' } }]);
const mixed = makeIndex([amd64, arm64, without(chart), half, behind]);
const cache = makeIndex(
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.buildkit.cacheconfig.v0'].map(
    (mediaType) => ({ content: amd64, platform: null, fields: { mediaType } }),
  ),
);
const warn = { 'platform-mismatch': 'warn' };

rows({
  'a list with a chart, an SBOM and a SOCI index keeps them when it is tagged again': {
    held: { 'app:built': mixed },
    outputs: { digest: mixed.digest, platforms: 'linux/amd64,linux/arm64' },
    warnings: [],
  },
  'its digest stays when all its platforms are named': {
    held: { 'app:built': mixed },
    inputs: { platforms: 'linux/amd64,linux/arm64' },
    outputs: { digest: mixed.digest, platforms: 'linux/amd64,linux/arm64' },
  },
  'narrowed, it keeps what belongs to the list, and a SOCI index with its image': {
    held: { 'app:built': mixed },
    inputs: { platforms: 'linux/arm64' },
    entries: [arm64, chart, sbom],
  },
  'a line narrows it in the same way': {
    held: { 'app:built': mixed },
    sources: '~/app:built linux/amd64',
    entries: [amd64, chart, sbom, soci],
  },
  'what has no platform supplies none': {
    held: { 'app:built': makeIndex([amd64, without(chart)]) },
    inputs: { platforms: 'linux/amd64,linux/arm64' },
    fails: /No source supplies linux\/arm64; the sources supply linux\/amd64/,
  },
  'a Docker list cannot hold a chart': {
    held: { 'app:built': makeIndex([amd64, without(chart)]) },
    inputs: { format: 'docker' },
    fails: /a Docker manifest list cannot hold a Helm chart/,
  },
  'an image that claims to be an artifact competes with the image of its platform': {
    held: { 'app:claims': claiming, 'app:honest': makeImage('linux/amd64', { name: 'honest' }) },
    fails: /both supply linux\/amd64/,
  },
  'a Helm chart is no source': {
    held: { 'app:chart': chart },
    fails: [/sources line 1: .*app:chart is no image, but a Helm chart/, /SOURCE_NOT_AN_IMAGE/],
  },
  'an SBOM is no source, whatever its line declares': {
    held: { 'app:amd64': amd64, 'app:sbom': sbom },
    sources: '~/app:amd64\n~/app:sbom linux/arm64',
    fails: /sources line 2: .*app:sbom is no image, but an SBOM of sha256:/,
  },
  'a disk image is listed with its platform and type when platform-mismatch is warn': {
    held: { 'app:amd64': amd64, 'app:disk': disk },
    sources: '~/app:amd64\n~/app:disk linux/arm64',
    inputs: warn,
    outputs: { platforms: 'linux/amd64,linux/arm64' },
    warnings: [
      /app:disk is no image, but an artifact of the type application\/vnd\.acme\.disk\. Published as/,
    ],
    check: ({ outputs }) => {
      const entry = JSON.parse(outputs['json'] ?? '').manifests[1];
      assert.equal(entry.artifactType, 'application/vnd.acme.disk');
      assert.deepEqual(entry.platform, { architecture: 'arm64', os: 'linux' });
    },
  },
  'without a platform it is refused, also under warn': {
    held: { 'app:disk': disk },
    inputs: warn,
    fails: /app:disk is no image/,
  },
  'a list whose first entry for a platform is no image is refused when it is merged': {
    held: { 'app:disks': makeIndex([listedDisk]), 'app:arm64': arm64 },
    fails: /app:disks is no image, but/,
  },
  'tagged as it is, such a list passes with a warning': {
    held: { 'app:disks': makeIndex([listedDisk, arm64]) },
    entries: [disk, arm64],
    warnings: [
      /is no image, but an artifact of the type .* Published as declared, since its list is tagged as it is/,
    ],
  },
});

scenario('a tag that holds a chart beside the images can be published again', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64, arm64, without(chart)]));
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'removed-platforms': 'error' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

scenario('a chart under the tag is replaced, and a warning says so', {}, async (t) => {
  await t.push('app:1', chart);
  await t.push('app:amd64', amd64);
  for (const level of ['warn', 'error']) {
    const run = await t.publish({
      ...{ tags: t.ref('app:1'), sources: t.ref('app:amd64') },
      'removed-platforms': level,
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.match(
      warningsOf(run).join(),
      /app:1 held a Helm chart, which the list replaces\. .*immutable-tags/,
    );
    await t.push('app:1', chart);
  }
});

scenario('an amended list keeps its artifacts', {}, async (t) => {
  await t.push('app:1', mixed);
  await t.push('app:s390x', makeImage('linux/s390x'));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:s390x'), amend: 'true' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64,linux/s390x');
});

scenario('inspect calls what has no image config an artifact', {}, async (t) => {
  await t.push(
    'app:1',
    makeIndex([amd64, without(chart), { ...listedDisk, platform: arm64.platform ?? null }]),
  );
  await t.push('app:chart', chart);
  const run = await t.inspect({ image: t.ref('app:1') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/amd64');
  assert.match(run.stdout, /a Helm chart: sha256:/);
  const expected = await t.inspect({ image: t.ref('app:1'), 'expect-platforms': 'linux/arm64' });
  assert.match(errorOf(expected).join(), /linux\/arm64 is missing/);
  const alone = await t.inspect({ image: t.ref('app:chart'), platform: 'linux/amd64' });
  assert.match(errorOf(alone).join(), /app:chart is no image, but a Helm chart/);
});

scenario('a build cache is no source, and its layers are not read as manifests', {}, async (t) => {
  t.registry.plant('app', 'cache', cache);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:cache') });
  assert.match(errorOf(run).join(), /sources line 1: .*app:cache is no image, but a build cache/);
  const inspected = await t.inspect({ image: t.ref('app:cache') });
  assert.equal(inspected.exitCode, 0, inspected.stdout);
  assert.equal(inspected.outputs['platforms'], '');
  assert.match(inspected.stdout, /application\/vnd\.buildkit\.cacheconfig\.v0: sha256:/);
  assert.deepEqual(warningsOf(inspected), []);
});
