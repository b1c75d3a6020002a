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

interface Row {
  readonly name: string;
  readonly before: TestContent;
  readonly after: TestContent;
  readonly out: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'the same', before: makeIndex([amd64]), after: makeIndex([amd64]), out: ['unchanged linux/amd64'] },
  {
    name: 'another order',
    before: makeIndex([amd64, arm64]),
    after: makeIndex([arm64, amd64]),
    out: ['unchanged linux/arm64', 'unchanged linux/amd64'],
  },
  {
    name: 'one of each',
    before: makeIndex([amd64, arm64]),
    after: makeIndex([newer, makeImage('linux/s390x')]),
    out: ['replaced linux/arm64', 'added linux/s390x', 'removed linux/amd64'],
  },
  {
    name: 'another spelling of a platform',
    before: makeIndex([{ content: arm64, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }]),
    after: makeIndex([newer]),
    out: ['replaced linux/arm64'],
  },
  {
    name: 'one image under another platform',
    before: makeIndex([amd64]),
    after: makeIndex([{ content: amd64, platform: { os: 'linux', architecture: '386' } }]),
    out: ['added linux/386', 'removed linux/amd64'],
  },
  {
    name: 'two images for a platform, of which one stays',
    before: makeIndex([arm64, newer]),
    after: makeIndex([newer]),
    out: ['unchanged linux/arm64', 'removed linux/arm64'],
  },
  {
    name: 'releases of Windows: a monthly update replaces, another build is added',
    before: makeIndex([windows('17763.1')]),
    after: makeIndex([windows('17763.2', 'b'), windows('20348.1')]),
    out: ['replaced windows/amd64 (10.0.17763.2)', 'added windows/amd64 (10.0.20348.1)'],
  },
  {
    name: 'attestations are not compared',
    before: makeIndex([amd64]),
    after: makeIndex([amd64], { attestations: true }),
    out: ['unchanged linux/amd64'],
  },
  {
    name: 'an image and a list of it',
    before: amd64,
    after: makeIndex([amd64]),
    out: ['unchanged linux/amd64'],
  },
  { name: 'nothing left', before: makeIndex([amd64]), after: makeIndex([]), out: ['removed linux/amd64'] },
];

for (const { name, before, after, out } of rows)
  test(`comparison: ${name}`, async () => {
    const changes = compareImages(await documentOf(before), await documentOf(after));
    assert.deepEqual(
      changes.map(({ change, platform }) => `${change} ${platform && describePlatform(platform)}`),
      out,
    );
  });

test('comparison of long lists takes no longer than their length', async () => {
  const content = (from: number) =>
    makeIndex(
      Array.from({ length: 900 }, (_, at) => ({
        content: amd64,
        platform: { os: 'linux', architecture: `arch-${from + at}` },
      })),
    );
  const [before, after] = [await documentOf(content(0)), await documentOf(content(450))];
  const changes = compareImages(before, after);
  assert.equal(changes.filter(({ change }) => change === 'unchanged').length, 450);
  assert.equal(changes.length, 1350);
});
