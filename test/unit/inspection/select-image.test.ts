import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectImage } from '../../../src/inspection/select-image.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { formatReference, parseReference } from '../../../src/oci/reference.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { documentOf } from '../../support/rigs/inspection-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const armv7 = makeImage('linux/arm/v7');
const windows = (build: string) =>
  makeImage({
    os: 'windows',
    architecture: 'amd64',
    'os.version': `10.0.${build}`,
    'os.features': ['win32k'],
  });

type Row = readonly [
  name: string,
  content: TestContent,
  platform: string,
  out: TestContent | RegExp,
  warning?: RegExp | undefined,
];

const rows: readonly Row[] = [
  ['its own', makeIndex([amd64, arm64]), 'linux/arm64', arm64],
  ['an alias', makeIndex([amd64, arm64]), 'linux/aarch64', arm64],
  ['the exact variant', makeIndex([armv7, arm64]), 'linux/arm/v7', armv7],
  [
    'a fallback',
    makeIndex([amd64, armv7]),
    'linux/arm64',
    armv7,
    /no image for linux\/arm64; clients pull linux\/arm\/v7/,
  ],
  ['Windows, whatever its build', makeIndex([windows('17763.1')]), 'windows/amd64', windows('17763.1')],
  ['within a list of a list', makeIndex([makeIndex([amd64]), makeIndex([arm64])]), 'linux/arm64', arm64],
  ['a platform of the config', makeIndex([{ content: arm64, platform: null }]), 'linux/arm64', arm64],
  ['an image', amd64, 'linux/amd64', amd64],
  [
    'none',
    makeIndex([amd64, arm64]),
    'linux/riscv64',
    /has no image for linux\/riscv64; it has linux\/amd64, linux\/arm64/,
  ],
  [
    'no attestation',
    makeIndex([amd64], { attestations: true }),
    'unknown/unknown',
    /has no image for unknown\/unknown/,
  ],
  ['none of an image', amd64, 'linux/arm64', /is not a list, but an image for linux\/amd64/],
  ['none of nothing', makeIndex([]), 'linux/arm64', /it has no image that states its platform/],
];

for (const [name, content, platform, out, warning] of rows)
  test(`choice: ${name}`, async () => {
    const told = new Told();
    const document = await documentOf(content);
    const select = () => selectImage(document, parsePlatform(platform), told);
    if (out instanceof RegExp) return assert.throws(select, out);
    const { manifest, name: chosen, reference, entries } = select();
    assert.equal(manifest.digest, out.digest);
    assert.equal(entries.length, 1);
    const isList = content.children.length > 0;
    assert.equal(chosen, isList ? `ghcr.io/acme/app:1@${out.digest}` : 'ghcr.io/acme/app:1');
    assert.equal(formatReference(reference ?? parseReference('none')), chosen);
    assert.equal(told.warnings.length, warning === undefined ? 0 : 1);
    if (warning) assert.match(told.warnings[0] ?? '', warning);
  });

test('choice: an image that is gone', async () => {
  const document = await documentOf(makeIndex([amd64, arm64]), [arm64.digest]);
  const select = () => selectImage(document, parsePlatform('linux/arm64'), new Told());
  assert.throws(select, { code: 'NOT_FOUND', message: /^ghcr.io\/acme\/app:1: not found: sha256:/ });
});
