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

interface Row {
  readonly name: string;
  readonly content: TestContent;
  readonly platform: string;
  readonly out: TestContent | RegExp;
  readonly warning?: RegExp;
}

const rows: readonly Row[] = [
  { name: 'its own', content: makeIndex([amd64, arm64]), platform: 'linux/arm64', out: arm64 },
  { name: 'an alias', content: makeIndex([amd64, arm64]), platform: 'linux/aarch64', out: arm64 },
  { name: 'the exact variant', content: makeIndex([armv7, arm64]), platform: 'linux/arm/v7', out: armv7 },
  {
    name: 'a fallback',
    content: makeIndex([amd64, armv7]),
    platform: 'linux/arm64',
    out: armv7,
    warning: /no image for linux\/arm64; clients pull linux\/arm\/v7/,
  },
  {
    name: 'Windows, whatever its build',
    content: makeIndex([windows('17763.1')]),
    platform: 'windows/amd64',
    out: windows('17763.1'),
  },
  {
    name: 'within a list of a list',
    content: makeIndex([makeIndex([amd64]), makeIndex([arm64])]),
    platform: 'linux/arm64',
    out: arm64,
  },
  {
    name: 'a platform of the config',
    content: makeIndex([{ content: arm64, platform: null }]),
    platform: 'linux/arm64',
    out: arm64,
  },
  { name: 'an image', content: amd64, platform: 'linux/amd64', out: amd64 },
  {
    name: 'none',
    content: makeIndex([amd64, arm64]),
    platform: 'linux/riscv64',
    out: /has no image for linux\/riscv64; it has linux\/amd64, linux\/arm64/,
  },
  {
    name: 'no attestation',
    content: makeIndex([amd64], { attestations: true }),
    platform: 'unknown/unknown',
    out: /has no image for unknown\/unknown/,
  },
  {
    name: 'none of an image',
    content: amd64,
    platform: 'linux/arm64',
    out: /is not a list, but an image for linux\/amd64/,
  },
  { name: 'none of nothing', content: makeIndex([]), platform: 'linux/arm64', out: /it has no platform/ },
];

for (const { name, content, platform, out, warning } of rows)
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
