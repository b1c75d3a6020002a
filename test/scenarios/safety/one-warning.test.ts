/** One cause is one warning, however many tags, images and stages meet it. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { type Row, rows } from '../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const s390x = (name: string) => makeImage('linux/s390x', { name });
const chart = makeArtifact({ artifactType: 'application/vnd.cncf.helm.config.v1+json', typeInConfig: true });
const tags = '~/app:1\n~/app:latest\n~/other:1';
const images = { 'app:amd64': amd64, 'app:arm64': arm64 };
const sources = '~/app:amd64\n~/app:arm64';

const table: Readonly<Record<string, Row>> = {
  'a platform that three tags of two repositories lose, from lists of their own': {
    held: {
      ...images,
      'app:1': makeIndex([amd64, s390x('1')]),
      'app:latest': makeIndex([amd64, s390x('latest')]),
      'other:1': makeIndex([amd64, s390x('other')]),
    },
    sources,
    inputs: { tags },
    warnings: [
      /^The new list lacks .*app:1, \S+app:latest, \S+other:1 today: linux\/s390x \(its clients get nothing\)/,
    ],
  },
  'a chart under two tags': {
    held: { ...images, 'app:latest': chart, 'other:1': chart },
    sources,
    inputs: { tags },
    warnings: [/app:latest, \S+other:1 held a Helm chart, which the list replaces/],
  },
  'tags and sources that are swapped, for two tags': {
    held: { ...images, 'app:latest': amd64, 'other:1': amd64 },
    sources,
    inputs: { tags },
    warnings: [/^tags: \S+app:latest, \S+other:1 held an image that is now an entry/],
  },
  'platforms that contradict several images': {
    held: images,
    sources: '~/app:amd64 linux/386\n~/app:arm64 linux/arm/v7',
    inputs: { 'platform-mismatch': 'warn' },
    warnings: [/app:amd64 .*%0A.*app:arm64 .*Published as declared, since platform-mismatch is "warn"\.$/],
  },
  'Docker and OCI images in what was to be a Docker list': {
    held: { 'app:arm64': arm64, 'app:docker': makeImage('linux/amd64', { types: 'docker' }) },
    inputs: { format: 'docker' },
    warnings: [
      /^format: docker gives an OCI image index here.*\. Docker and OCI images are mixed .*app:docker/,
    ],
  },
  'empty items and features of a CPU on several lines of a spec': {
    held: images,
    sources: '',
    inputs: {
      tags: '',
      spec: [
        '- tags: ~/app:1\n  sources: [~/app:amd64, "",',
        '    ""]\n- image: ~/app:2\n  manifests:',
        '  - {image: ~/app:amd64, platform: {os: linux, architecture: amd64, features: [sse4]}}',
        '  - {image: ~/app:arm64, platform: {os: linux, architecture: arm64, features: [sve]}}',
      ].join('\n'),
    },
    warnings: [
      /^spec line 2, line 3: an item of sources is empty/,
      /^spec line 6, line 7: platform features are ignored/,
    ],
  },
  'images that duplicate-platforms leaves out': {
    held: {
      'app:a': amd64,
      'app:b': makeImage('linux/amd64', { name: 'b' }),
      'app:c': makeImage('linux/amd64', { name: 'c' }),
    },
    inputs: { 'duplicate-platforms': 'first' },
    warnings: [/^Left out, because an earlier .*: sources line 2: \S+app:b .*, sources line 3: \S+app:c /],
  },
  'versions that are not known, of two tags': {
    held: { ...images, 'app:latest': amd64, 'app:1': amd64 },
    sources,
    inputs: {
      tags: '~/app:1.2.3\n~/app:1\n~/app:latest',
      'forward-only-tags': '1\nlatest',
      'removed-platforms': 'allow',
    },
    warnings: [/app:1, \S+app:latest: moving to 1\.2\.3, although/, /held an image that is now/],
  },
};
rows(table);

const versioned = (version: string, ...entries: readonly TestContent[]) =>
  makeIndex(entries, { annotations: { 'org.opencontainers.image.version': version } });

rows({
  'a platform that a guarded tag loses, although the tag is read again after it was set': {
    held: { ...images, 'app:1': versioned('1.0.0', amd64, s390x('1')) },
    sources,
    inputs: { annotations: 'org.opencontainers.image.version=1.2.3', 'forward-only-tags': '1' },
    warnings: [/^The new list lacks .*app:1 today: linux\/s390x/],
  },
});

scenario('a login that may push and not read, at every stage', {}, async (t) => {
  for (const [name, image] of Object.entries(images)) await t.push(name, image);
  await t.push('app:1', makeIndex([amd64]));
  await t.push('app:latest', makeIndex([amd64]));
  for (const method of ['HEAD', 'GET'])
    t.registry.inject({
      fault: 'status',
      status: 403,
      code: 'DENIED',
      on: { path: /manifests\/(1|latest)$/, method, times: 99 },
    });
  const run = await t.publish({
    tags: `${t.ref('app:1')}\n${t.ref('app:latest')}`,
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
    'purge-sources': 'true',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  const [warning = '', ...others] = warningsOf(run);
  assert.deepEqual(others, []);
  assert.match(warning, /app:1, \S+app:latest could not be read back, though the registry confirmed sha256:/);
  assert.match(
    run.stdout,
    /^The tags of sources were not removed, because not every tag could be read back$/m,
  );
});
