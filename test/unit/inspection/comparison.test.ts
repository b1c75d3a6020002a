import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareImages } from '../../../src/inspection/comparison.ts';
import { describePlatform } from '../../../src/oci/platform.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { documentOf } from '../../support/rigs/inspection-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const newer = makeImage('linux/arm64', { name: 'newer' });
const windows = (build: string, name = 'app') =>
  makeImage({ os: 'windows', architecture: 'amd64', 'os.version': `10.0.${build}` }, { name });

type Row = readonly [name: string, before: TestContent, after: TestContent, out: readonly string[]];

const rows: readonly Row[] = [
  ['the same', makeIndex([amd64]), makeIndex([amd64]), ['unchanged linux/amd64']],
  [
    'another order',
    makeIndex([amd64, arm64]),
    makeIndex([arm64, amd64]),
    ['unchanged linux/arm64', 'unchanged linux/amd64'],
  ],
  [
    'one of each',
    makeIndex([amd64, arm64]),
    makeIndex([newer, makeImage('linux/s390x')]),
    ['replaced linux/arm64', 'added linux/s390x', 'removed linux/amd64'],
  ],
  [
    'another spelling of a platform',
    makeIndex([{ content: arm64, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }]),
    makeIndex([newer]),
    ['replaced linux/arm64'],
  ],
  [
    'one image under another platform',
    makeIndex([amd64]),
    makeIndex([{ content: amd64, platform: { os: 'linux', architecture: '386' } }]),
    ['added linux/386', 'removed linux/amd64'],
  ],
  [
    'two images for a platform, of which one stays',
    makeIndex([arm64, newer]),
    makeIndex([newer]),
    ['unchanged linux/arm64', 'removed linux/arm64'],
  ],
  [
    'releases of Windows: a monthly update replaces, another build is added',
    makeIndex([windows('17763.1')]),
    makeIndex([windows('17763.2', 'b'), windows('20348.1')]),
    ['replaced windows/amd64 (10.0.17763.2)', 'added windows/amd64 (10.0.20348.1)'],
  ],
  [
    'attestations are not compared',
    makeIndex([amd64]),
    makeIndex([amd64], { attestations: true }),
    ['unchanged linux/amd64'],
  ],
  ['an image and a list of it', amd64, makeIndex([amd64]), ['unchanged linux/amd64']],
  ['nothing left', makeIndex([amd64]), makeIndex([]), ['removed linux/amd64']],
];

for (const [name, before, after, out] of rows)
  test(`comparison: ${name}`, async () => {
    const changes = compareImages(await documentOf(before), await documentOf(after));
    assert.deepEqual(
      changes.map(({ change, platform }) => `${change} ${platform && describePlatform(platform)}`),
      out,
    );
  });
