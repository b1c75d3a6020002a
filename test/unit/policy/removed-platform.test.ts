import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePlatform } from '../../../src/oci/platform.ts';
import { removedPlatforms } from '../../../src/policy/removed-platform.ts';
import { attestationOf, entryOf, type PlatformLike, windows } from './entries.ts';

describe('platforms that a tag would lose', () => {
  const table: readonly (readonly [
    name: string,
    before: readonly PlatformLike[],
    after: readonly PlatformLike[],
    out: readonly string[],
  ])[] = [
    ['none of a new tag', [], ['linux/amd64'], []],
    ['none of an equal list', ['linux/amd64'], ['linux/amd64'], []],
    [
      'none that is only spelt otherwise',
      ['linux/arm64', 'linux/x86_64', 'linux/arm'],
      ['linux/arm/v7', 'linux/amd64/v1', 'linux/aarch64/v8'],
      [],
    ],
    ['one that nothing serves', ['linux/amd64', 'linux/s390x'], ['linux/amd64'], ['linux/s390x → nothing']],
    [
      'one that a fallback serves',
      ['linux/amd64', 'linux/arm/v7'],
      ['linux/amd64', 'linux/arm/v6'],
      ['linux/arm/v7 → linux/arm/v6'],
    ],
    ['amd64, which 386 serves', ['linux/amd64'], ['linux/386'], ['linux/amd64 → linux/386']],
    ['a level of amd64', ['linux/amd64/v3'], ['linux/amd64'], ['linux/amd64/v3 → linux/amd64']],
    ['one given twice, once', ['linux/arm64', 'linux/arm64/v8'], [], ['linux/arm64/v8 → nothing']],
    [
      'no Windows build whose revision grew',
      [windows('10.0.20348.2340')],
      [windows('10.0.20348.2400', ['win32k'])],
      [],
    ],
    [
      'a Windows build, which the release before serves',
      [windows('10.0.20348.1'), windows('10.0.26100.1')],
      [windows('10.0.20348.1')],
      ['windows/amd64 (10.0.26100.1) → windows/amd64 (10.0.20348.1)'],
    ],
    [
      'a Windows build of Nano Server, which a Server Core serves',
      [windows('10.0.26100.1')],
      [windows('10.0.20348.1', ['win32k'])],
      ['windows/amd64 (10.0.26100.1) → windows/amd64 (10.0.20348.1, win32k)'],
    ],
    [
      'a Windows build that nothing serves',
      [windows('10.0.17763.1')],
      [windows('10.0.20348.1')],
      ['windows/amd64 (10.0.17763.1) → nothing'],
    ],
    ['no Windows build when any is served', [windows('10.0.17763.1')], [windows()], []],
    [
      'Windows of any build, when only one is left',
      [windows()],
      [windows('10.0.20348.1')],
      ['windows/amd64 → windows/amd64 (10.0.20348.1)'],
    ],
    [
      'no Linux entry for its os.version',
      [{ os: 'linux', architecture: 'amd64', 'os.version': '6.1' }],
      ['linux/amd64'],
      [],
    ],
    ['none without a platform', [null], ['linux/amd64'], []],
  ];
  for (const [name, before, after, out] of table)
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
