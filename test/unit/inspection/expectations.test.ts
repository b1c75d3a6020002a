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

interface Row {
  readonly name: string;
  readonly content?: TestContent;
  readonly lost?: readonly string[];
  readonly platforms?: readonly string[];
  readonly digest?: string;
  /** The lines of the message behind its first. */
  readonly out: readonly string[];
}

const has = 'it has linux/amd64, linux/arm/v7, windows/amd64 (10.0.17763.1)';

const rows: readonly Row[] = [
  { name: 'nothing', out: [] },
  { name: 'platforms that are there', platforms: ['linux/amd64', 'linux/arm', 'windows/amd64'], out: [] },
  { name: 'other spellings', platforms: ['linux/x86_64', 'linux/armhf'], out: [] },
  { name: 'the digest', digest: list.digest, out: [] },
  { name: 'a platform too many', platforms: ['linux/arm64'], out: ['linux/arm64 is missing', has] },
  { name: 'another variant', platforms: ['linux/arm/v6'], out: ['linux/arm/v6 is missing', has] },
  {
    name: 'attestations are no platform',
    platforms: ['unknown/unknown'],
    out: ['unknown/unknown is missing', has],
  },
  {
    name: 'another digest',
    digest: amd64.digest,
    out: [`its digest is ${list.digest}, not ${amd64.digest}`],
  },
  {
    name: 'an image that is gone',
    lost: [armv7.digest],
    platforms: ['linux/amd64', 'linux/arm/v7'],
    out: [`linux/arm/v7 is listed, but broken: not found: ${armv7.digest}`],
  },
  {
    name: 'one of two images for a platform is gone',
    content: makeIndex([windows, newerWindows]),
    lost: [windows.digest],
    platforms: ['windows/amd64'],
    out: [`windows/amd64 is listed, but broken: not found: ${windows.digest}`],
  },
  {
    name: 'the image that clients do not take first is gone',
    content: makeIndex([amd64, otherAmd64]),
    lost: [otherAmd64.digest],
    platforms: ['linux/amd64'],
    out: [`linux/amd64 is listed, but broken: not found: ${otherAmd64.digest}`],
  },
  { name: 'an image, its own platform', content: amd64, platforms: ['linux/amd64'], out: [] },
  {
    name: 'an image, another platform',
    content: amd64,
    platforms: ['linux/arm64'],
    out: ['linux/arm64 is missing', 'it has linux/amd64'],
  },
  {
    name: 'a list of nothing',
    content: makeIndex([]),
    platforms: ['linux/arm64'],
    out: ['linux/arm64 is missing', 'it has no platform'],
  },
];

for (const { name, content = list, lost = [], platforms = [], digest, out } of rows)
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
