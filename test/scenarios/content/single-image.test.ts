/** `prefer-index: false`: one image is one image, whatever form its source had. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { rows } from '../rows.ts';

const everywhere = { on: ['in-process', 'real'] } as const;

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const chart = makeArtifact({ artifactType: 'application/vnd.cncf.helm.config.v1+json', typeInConfig: true });
const armless = makeImage('linux/arm', { configPlatform: { os: 'linux', architecture: 'arm' } });
const attested = makeIndex([amd64], { attestations: true });
const single = { 'prefer-index': 'false' };

scenario('an image with its attestation, without the attestation', everywhere, async (t) => {
  await t.push('app:built', attested);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), ...single, attestations: 'drop' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['digest'], amd64.digest);
  assert.deepEqual((await t.served('app:1'))?.bytes, amd64.bytes);
  assert.deepEqual(warningsOf(run), []);
});

rows({
  'a list of one image': {
    held: { 'app:built': makeIndex([amd64], { annotations: { a: 'b' } }) },
    inputs: single,
    outputs: { digest: amd64.digest, 'media-type': amd64.mediaType },
    warnings: [],
    check: ({ stdout }) => assert.match(stdout, /tagged without the annotations of its list: a\n/),
  },
  'the image that is left of a list': {
    held: { 'app:built': makeIndex([amd64, arm64], { attestations: true }) },
    inputs: { ...single, platforms: 'linux/arm64', attestations: 'drop' },
    outputs: { digest: arm64.digest, platforms: 'linux/arm64' },
    warnings: [],
  },
  'the first of two images for one platform': {
    held: { 'app:one': amd64, 'app:other': makeImage('linux/amd64', { name: 'other' }) },
    inputs: { ...single, 'duplicate-platforms': 'first' },
    outputs: { digest: amd64.digest },
    warnings: [/^Left out, .*app:other \(linux\/amd64, sha256:\w+\)$/],
  },
  'several images stay a list without a word': {
    held: { 'app:built': makeIndex([amd64, arm64]) },
    inputs: single,
    entries: [amd64, arm64],
    warnings: [],
  },
  'with an attestation it stays a list, and a warning says what to set': {
    held: { 'app:built': attested },
    inputs: single,
    outputs: { digest: attested.digest },
    warnings: [/app:built is one image, but is published as a list .*Set `attestations: drop`/],
  },
  'with an artifact it stays a list': {
    held: { 'app:built': makeIndex([amd64, { content: chart, platform: null }]) },
    inputs: single,
    entries: [amd64, chart],
    warnings: [/it is listed with a Helm chart\./],
  },
  'with annotations it stays a list': {
    held: { 'app:built': makeIndex([amd64]) },
    inputs: { ...single, annotations: 'a=b' },
    entries: [amd64],
    warnings: [/the annotations need one\./],
  },
  'with a platform that only its line says it stays a list': {
    held: { 'app:built': armless },
    sources: '~/app:built linux/arm/v6',
    inputs: single,
    entries: [armless],
    warnings: [/its config does not say linux\/arm\/v6\./],
  },
});
