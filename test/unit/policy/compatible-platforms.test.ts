import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPlatform, parsePlatform } from '../../../src/oci/platform.ts';
import { compatiblePlatforms } from '../../../src/policy/compatible-platforms.ts';

describe('the platforms a machine runs, the best first', () => {
  const table = [
    { in: 'linux/amd64', out: 'amd64 386' },
    { in: 'linux/x86_64/v1', out: 'amd64 386' },
    { in: 'linux/amd64/v2', out: 'amd64/v2 amd64 386' },
    { in: 'linux/amd64/v3', out: 'amd64/v3 amd64/v2 amd64 386' },
    { in: 'linux/amd64/v4', out: 'amd64/v4 amd64/v3 amd64/v2 amd64 386' },
    { in: 'linux/386', out: '386' },
    { in: 'linux/arm', out: 'arm/v7 arm/v6 arm/v5' },
    { in: 'linux/armhf', out: 'arm/v7 arm/v6 arm/v5' },
    { in: 'linux/arm/8', out: 'arm/v8 arm/v7 arm/v6 arm/v5' },
    { in: 'linux/armel', out: 'arm/v6 arm/v5' },
    { in: 'linux/arm/v5', out: 'arm/v5' },
    { in: 'linux/arm64', out: 'arm64 arm/v8 arm/v7 arm/v6 arm/v5' },
    { in: 'linux/aarch64/v8', out: 'arm64 arm/v8 arm/v7 arm/v6 arm/v5' },
    { in: 'linux/arm64/v8.2', out: 'arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5' },
    {
      in: 'linux/arm64/v9',
      out: 'arm64/v9 arm64/v8.5 arm64/v8.4 arm64/v8.3 arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5',
    },
    {
      in: 'linux/arm64/v9.2',
      out: 'arm64/v9.2 arm64/v9.1 arm64/v9 arm64/v8.7 arm64/v8.6 arm64/v8.5 arm64/v8.4 arm64/v8.3 arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5',
    },
    {
      in: 'linux/arm64/v9.6',
      out: 'arm64/v9.6 arm64/v9.5 arm64/v9.4 arm64/v9.3 arm64/v9.2 arm64/v9.1 arm64/v9 arm64/v8.9 arm64/v8.8 arm64/v8.7 arm64/v8.6 arm64/v8.5 arm64/v8.4 arm64/v8.3 arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5',
    },
    { in: 'linux/arm64/x', out: 'arm64/x' },
    { in: 'linux/ppc64le', out: 'ppc64le' },
    { in: 'linux/ppc64le/power10', out: 'ppc64le/power10' },
    { in: 'linux/riscv64', out: 'riscv64' },
    { in: 'linux/loong64', out: 'loong64' },
  ];
  for (const row of table)
    it(row.in, () => {
      const platforms = compatiblePlatforms(parsePlatform(row.in)).map(formatPlatform);
      assert.deepEqual(
        platforms,
        row.out.split(' ').map((name) => `linux/${name}`),
      );
    });
  it('stays on the operating system', () => {
    const platforms = compatiblePlatforms({ os: 'macOS', architecture: 'amd64' }).map(formatPlatform);
    assert.deepEqual(platforms, ['darwin/amd64', 'darwin/386']);
  });
});
