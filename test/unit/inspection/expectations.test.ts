import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExpectations } from '../../../src/inspection/expectations.ts';
import { parseDigest } from '../../../src/oci/digest.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { ActionError } from '../../../src/run/errors.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { documentOf } from '../../support/rigs/inspection-rig.ts';

const amd64 = makeImage('linux/amd64');
const armv7 = makeImage('linux/arm/v7');
const windows = makeImage({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1' });
const newerWindows = makeImage({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' });
const otherAmd64 = makeImage('linux/amd64', { name: 'other' });
const list = makeIndex([amd64, armv7, windows], { attestations: true });

type Row = readonly [
  name: string,
  out: readonly string[],
  platforms?: readonly string[] | undefined,
  content?: TestContent | undefined,
  lost?: readonly string[] | undefined,
  digest?: string | undefined,
];

const has = 'it has linux/amd64, linux/arm/v7, windows/amd64 (10.0.17763.1)';

const rows: readonly Row[] = [
  ['nothing', []],
  ['platforms that are there', [], ['linux/amd64', 'linux/arm', 'windows/amd64']],
  ['other spellings', [], ['linux/x86_64', 'linux/armhf']],
  ['the digest', [], undefined, undefined, undefined, list.digest],
  ['a platform too many', ['linux/arm64 is missing', has], ['linux/arm64']],
  ['another variant', ['linux/arm/v6 is missing', has], ['linux/arm/v6']],
  ['attestations are no platform', ['unknown/unknown is missing', has], ['unknown/unknown']],
  [
    'another digest',
    [`its digest is ${list.digest}, not ${amd64.digest}`],
    undefined,
    undefined,
    undefined,
    amd64.digest,
  ],
  [
    'an image that is gone',
    [`linux/arm/v7 is listed, but broken: not found: ${armv7.digest}`],
    ['linux/amd64', 'linux/arm/v7'],
    undefined,
    [armv7.digest],
  ],
  [
    'one of two images for a platform is gone',
    [`windows/amd64 is listed, but broken: not found: ${windows.digest}`],
    ['windows/amd64'],
    makeIndex([windows, newerWindows]),
    [windows.digest],
  ],
  [
    'the image that clients do not take first is gone',
    [`linux/amd64 is listed, but broken: not found: ${otherAmd64.digest}`],
    ['linux/amd64'],
    makeIndex([amd64, otherAmd64]),
    [otherAmd64.digest],
  ],
  ['an image, its own platform', [], ['linux/amd64'], amd64],
  ['an image, another platform', ['linux/arm64 is missing', 'it has linux/amd64'], ['linux/arm64'], amd64],
  [
    'a list of nothing',
    ['linux/arm64 is missing', 'it has no image that states its platform'],
    ['linux/arm64'],
    makeIndex([]),
  ],
];

for (const [name, out, platforms = [], content = list, lost = [], digest] of rows)
  test(`expectations: ${name}`, async () => {
    const document = await documentOf(content, lost);
    const expected = {
      expectPlatforms: platforms.map(parsePlatform),
      expectDigest: digest === undefined ? undefined : parseDigest(digest),
    };
    const check = () => checkExpectations(document, document, expected);
    if (out.length === 0) return check();
    assert.throws(check, (error) => {
      assert.ok(error instanceof ActionError);
      assert.equal(error.code, 'EXPECTATION');
      assert.deepEqual(error.message.split('\n').slice(1), out);
      return true;
    });
  });
