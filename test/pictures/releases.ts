/** Releases of an image, as people make them. */
import { withPulls } from '../../src/actions/summary/client-pulls.ts';
import type { ReportedSource, Result } from '../../src/actions/summary/report.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { TargetTag } from '../../src/pipeline/request.ts';
import { digestOf, entryOf, type MadeImage, madeResult, madeTag } from './made-list.ts';

/** A tag as its reference says. */
export function target(reference: string): TargetTag {
  const { repository, tag = '' } = parseReference(reference);
  return { repository, tag };
}

/** A source that was found. */
export function found(name: string, platform: string): Extract<ReportedSource, { state: 'found' }> {
  return { name, state: 'found', digest: digestOf(name), platforms: [parsePlatform(platform)] };
}

function images(version: string): readonly MadeImage[] {
  const platforms = { 'linux/amd64': 41_812_030, 'linux/arm64': 39_406_118, 'linux/arm/v7': 36_127_954 };
  return Object.entries(platforms).map(([platform, size]) => ({
    platform,
    size: version === '1.3.2' ? size - 1_291_847 : size,
    source: `ghcr.io/acme/app:${version}-${platform.replaceAll('/', '-')}`,
    predicates: ['https://slsa.dev/provenance/v1', 'https://spdx.dev/Document'],
  }));
}

const riscv: MadeImage = {
  platform: 'linux/riscv64',
  size: 44_010_223,
  source: 'ghcr.io/acme/app:1.4.0-linux-riscv64',
};

/** A release whose latest tag moves: an image was added. */
export function release(status: 'published' | 'dry-run', earlier = images('1.3.2')): Result {
  const isDry = status === 'dry-run';
  const before = madeResult({ images: earlier, tags: [] });
  const { digest } = before.served;
  const result = madeResult(
    {
      images: [...images('1.4.0'), riscv],
      tags: [
        madeTag('ghcr.io/acme/app:1.4.0', isDry ? 'dry-run' : 'created'),
        madeTag('ghcr.io/acme/app:1.4', isDry ? 'dry-run' : 'created'),
        madeTag('ghcr.io/acme/app:latest', isDry ? 'dry-run' : 'moved', digest),
        ...(isDry ? [madeTag('docker.io/acme/app:latest', 'unknown')] : []),
      ],
    },
    { before: { tag: 'latest', digest, entries: earlier.map(entryOf) } },
  );
  return withPulls(result);
}

/** The same release where the list before also had an image for linux/386. */
export function releaseWithout386(status: 'published' | 'dry-run'): Result {
  return release(status, [...images('1.3.2'), { platform: 'linux/386', size: 40_118_220, source: '386' }]);
}

/** The first release of an image. */
export function firstRelease(name = 'app'): Result {
  const repository = target(`docker.io/acme/${name}:1`).repository;
  return madeResult(
    {
      images: [
        ...images('1.4.0'),
        { platform: windows, size: 121_004_118, source: 'oci-archive:windows.tar' },
      ],
      tags: [madeTag(`docker.io/acme/${name}:1.4.0`, 'created')],
    },
    {
      copies: [
        {
          repository,
          manifests: 9,
          referrers: 2,
          blobs: 14,
          skipped: 0,
          bytes: 161_004_200,
          mounted: 3,
          milliseconds: 4200,
        },
      ],
      purged: [`docker.io/acme/${name}:1.4.0`],
    },
  );
}

const windows = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2227' };

/** A run again of the same release. */
export function unchanged(): Result {
  const list = { images: images('1.4.0'), tags: [] };
  const { digest } = madeResult(list).served;
  const tags = ['1.4.0', 'latest'].map((tag) => madeTag(`ghcr.io/acme/app:${tag}`, 'unchanged', digest));
  const before = { tag: '1.4.0', digest, entries: list.images.map(entryOf) };
  return madeResult({ ...list, tags }, { before });
}
