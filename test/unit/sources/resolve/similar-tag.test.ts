import assert from 'node:assert/strict';
import { test } from 'node:test';
import { similarTag } from '../../../../src/sources/resolve/similar-tag.ts';

const rows: readonly { tag: string; tags: readonly string[]; out: string | undefined }[] = [
  { tag: '1.2.3-arm46', tags: ['1.2.3-amd64', '1.2.3-arm64', 'latest'], out: '1.2.3-arm64' },
  { tag: '1.2.3-slim', tags: ['1.2.3-sli', '1.2.4-slimx'], out: '1.2.3-sli' },
  { tag: '1.2.3-arm64', tags: ['1.2.3-arm6', '1.2.4-arm64'], out: '1.2.4-arm64' },
  { tag: 'lates', tags: ['latest'], out: 'latest' },
  { tag: 'v1', tags: ['v2'], out: undefined },
  { tag: '1.2.3', tags: ['1.2.3'], out: undefined },
  { tag: '1.2.3', tags: [], out: undefined },
];

const otherPlatforms = [
  ['run-7-amd64', 'run-7-arm64'],
  ['run-7-arm64', 'run-7-amd64'],
  ['run-7-arm64', 'run-7-arm'],
  ['run-7-linux-arm-v7', 'run-7-linux-arm-v6'],
  ['run-7-linux-arm-v7', 'run-7-linux-arm'],
  ['run-7-armv7', 'run-7-armv6'],
  ['run-7-arm32v7', 'run-7-arm32v6'],
  ['run-7-armhf', 'run-7-armel'],
  ['run-7-arm64v8', 'run-7-amd64v8'],
  ['run-7-amd64-v3', 'run-7-amd64-v2'],
  ['run-7-ARM64', 'run-7-AMD64'],
  ['run-7-ppc64le', 'run-7-ppc64'],
  ['run-7-i386', 'run-7-i686'],
  ['run-7-x86', 'run-7-x64'],
  ['7_amd64_alpine', '7_arm64_alpine'],
  ['7-windows-ltsc2019', '7-windows-ltsc2022'],
] as const;

for (const [tag, other] of otherPlatforms)
  test(`${tag} was not meant to be ${other}`, () => assert.equal(similarTag(tag, [other]), undefined));

for (const { tag, tags, out } of rows)
  test(`a tag like ${tag} among ${tags.join(', ') || 'none'}`, () =>
    assert.equal(similarTag(tag, tags), out));
