import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { revisionMismatch } from '../../../src/policy/revision-mismatch.ts';

type Image = readonly [platform: string, labels: { revision?: string; version?: string }];

const revisions = (...all: readonly string[]) => all.map((revision): Image => ['linux/amd64', { revision }]);
const versions = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([platform, version]): Image => [platform, { version }]);

describe('images that do not belong together', () => {
  const table: readonly (readonly [name: string, images: readonly Image[], out: readonly string[]])[] = [
    ['one revision', revisions('a', 'a'), []],
    ['two revisions', revisions('a', 'b', 'a'), ['revision', 'a', 'b']],
    ['an image without labels', [...revisions('a'), ['linux/arm64', {}]], []],
    ['no labels', [['linux/arm64', {}]], []],
    ['no images', [], []],
    [
      'versions are not compared beside a revision',
      [
        ['linux/amd64', { revision: 'a', version: '1' }],
        ['linux/arm64', { version: '2' }],
      ],
      [],
    ],
    ['two versions', versions({ 'linux/amd64': '1', 'linux/arm64': '2' }), ['version', '1', '2']],
    [
      'one version, with the platform of each image behind it',
      versions({
        'linux/386': '1.2-i386',
        'linux/amd64': '1.2-x86_64',
        'linux/arm/v6': '1.2-linux-armv6',
        'linux/arm/v7': '1.2-linux-arm-v7',
        'linux/arm64': '1.2_arm64v8',
        'linux/arm64/v8': '1.2+linux-arm64-v8',
        'linux/riscv64': '1.2-RISCV64',
        'linux/s390x': '1.2',
      }),
      [],
    ],
    [
      "another image's platform is not its own",
      versions({ 'linux/amd64': '1.2-arm64', 'linux/arm64': '1.2' }),
      ['version', '1.2-arm64', '1.2'],
    ],
    [
      'two versions, with platforms',
      versions({ 'linux/amd64': '1.2-amd64', 'linux/arm64': '1.3-arm64' }),
      ['version', '1.2', '1.3'],
    ],
    [
      'one version that ends as the platform of one image does',
      versions({ 'linux/amd64': '1-linux-v7', 'linux/arm/v7': '1-linux-v7' }),
      [],
    ],
    [
      'a version that is only a platform',
      versions({ 'linux/amd64': 'amd64', 'linux/arm64': '-arm64' }),
      ['version', 'amd64', '-arm64'],
    ],
  ];
  for (const [name, images, out] of table)
    it(name, () => {
      const found = revisionMismatch(
        images.map(([platform, labels]) => ({ platform: parsePlatform(platform), labels })),
      );
      assert.deepEqual(found === undefined ? [] : [found.label, ...found.values.keys()], out);
    });
});
