import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePlatform } from '../../../src/oci/platform.ts';
import { removedPlatforms } from '../../../src/policy/removed-platform.ts';
import { attestationOf, entryOf, type PlatformLike, windows } from './entries.ts';

describe('platforms that a tag would lose', () => {
  const table: readonly {
    name: string;
    before: readonly PlatformLike[];
    after: readonly PlatformLike[];
    out: readonly string[];
  }[] = [
    { name: 'none of a new tag', before: [], after: ['linux/amd64'], out: [] },
    { name: 'none of an equal list', before: ['linux/amd64'], after: ['linux/amd64'], out: [] },
    {
      name: 'none that is only spelt otherwise',
      before: ['linux/arm64', 'linux/x86_64', 'linux/arm'],
      after: ['linux/arm/v7', 'linux/amd64/v1', 'linux/aarch64/v8'],
      out: [],
    },
    {
      name: 'one that nothing serves',
      before: ['linux/amd64', 'linux/s390x'],
      after: ['linux/amd64'],
      out: ['linux/s390x → nothing'],
    },
    {
      name: 'one that a fallback serves',
      before: ['linux/amd64', 'linux/arm/v7'],
      after: ['linux/amd64', 'linux/arm/v6'],
      out: ['linux/arm/v7 → linux/arm/v6'],
    },
    {
      name: 'amd64, which 386 serves',
      before: ['linux/amd64'],
      after: ['linux/386'],
      out: ['linux/amd64 → linux/386'],
    },
    {
      name: 'a level of amd64',
      before: ['linux/amd64/v3'],
      after: ['linux/amd64'],
      out: ['linux/amd64/v3 → linux/amd64'],
    },
    {
      name: 'one given twice, once',
      before: ['linux/arm64', 'linux/arm64/v8'],
      after: [],
      out: ['linux/arm64/v8 → nothing'],
    },
    {
      name: 'no Windows build whose revision grew',
      before: [windows('10.0.20348.2340')],
      after: [windows('10.0.20348.2400', ['win32k'])],
      out: [],
    },
    {
      name: 'a Windows build, which the release before serves',
      before: [windows('10.0.20348.1'), windows('10.0.26100.1')],
      after: [windows('10.0.20348.1')],
      out: ['windows/amd64 (10.0.26100.1) → windows/amd64 (10.0.20348.1)'],
    },
    {
      name: 'a Windows build of Nano Server, which a Server Core serves',
      before: [windows('10.0.26100.1')],
      after: [windows('10.0.20348.1', ['win32k'])],
      out: ['windows/amd64 (10.0.26100.1) → windows/amd64 (10.0.20348.1, win32k)'],
    },
    {
      name: 'a Windows build that nothing serves',
      before: [windows('10.0.17763.1')],
      after: [windows('10.0.20348.1')],
      out: ['windows/amd64 (10.0.17763.1) → nothing'],
    },
    {
      name: 'no Windows build when any is served',
      before: [windows('10.0.17763.1')],
      after: [windows()],
      out: [],
    },
    {
      name: 'Windows of any build, when only one is left',
      before: [windows()],
      after: [windows('10.0.20348.1')],
      out: ['windows/amd64 → windows/amd64 (10.0.20348.1)'],
    },
    {
      name: 'no Linux entry for its os.version',
      before: [{ os: 'linux', architecture: 'amd64', 'os.version': '6.1' }],
      after: ['linux/amd64'],
      out: [],
    },
    { name: 'none without a platform', before: [null], after: ['linux/amd64'], out: [] },
  ];
  for (const { name, before, after, out } of table)
    it(name, () => {
      const removed = removedPlatforms(
        before.map((each) => entryOf(each)),
        after.map((each) => entryOf(each)),
      );
      const lines = removed.map(({ platform, fallback }) => {
        const served = fallback?.platform ? describePlatform(fallback.platform) : 'nothing';
        return `${describePlatform(platform)} → ${served}`;
      });
      assert.deepEqual(lines, out);
    });
  it('no attestation', () => {
    const image = entryOf('linux/amd64');
    assert.deepEqual(removedPlatforms([image, attestationOf(image)], [image]), []);
  });
});
