/** Per-architecture images for the benches. */
import { makeImage, type TestContent } from '../test/support/images/images.ts';
import { pushImage } from '../test/support/registry/push-image.ts';
import type { RegistryAddress } from '../test/support/registry/registry-handle.ts';

const usualPlatforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
] as const;

/** One pushed image. */
export interface FixtureImage {
  readonly tag: string;
  readonly digest: string;
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
}

/** Pushes `count` Docker images, each for another platform: the usual seven, then invented architectures. */
export async function pushImages(
  registry: RegistryAddress,
  repository: string,
  count: number,
): Promise<FixtureImage[]> {
  const images: FixtureImage[] = [];
  for (const platform of platforms(count)) {
    const [os = '', architecture = '', variant] = platform.split('/');
    const tag = platform.replaceAll('/', '-');
    const content: TestContent = makeImage(platform, { types: 'docker' });
    const digest = await pushImage(registry, repository, tag, content);
    images.push({ tag, digest, os, architecture, variant });
  }
  return images;
}

function platforms(count: number): string[] {
  const extra = Math.max(0, count - usualPlatforms.length);
  return [...usualPlatforms, ...Array.from({ length: extra }, (_, i) => `linux/cpu${i + 1}`)].slice(0, count);
}
