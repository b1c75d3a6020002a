/** Entries of lists for the tests of policies: told apart by a name that becomes their digest. */
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { attestationPlatform, type Platform, parsePlatform } from '../../../src/oci/platform.ts';

/** `linux/arm/v7`, a platform, or null for an entry that has none. */
export type PlatformLike = string | Platform | null;

export function digestFor(name: string): Digest {
  return digestOf(new TextEncoder().encode(name));
}

export function entryOf(like: PlatformLike, name = JSON.stringify(like)): Descriptor {
  const platform = typeof like === 'string' ? parsePlatform(like) : like;
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestFor(name),
    size: 500,
    ...(platform === null ? {} : { platform }),
  };
}

export function attestationOf(subject: Descriptor, name = `attestation of ${subject.digest}`): Descriptor {
  return {
    ...entryOf(attestationPlatform, name),
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': subject.digest,
    },
  };
}

export function windows(
  version?: string,
  features: readonly string[] = [],
  architecture = 'amd64',
): Platform {
  return {
    os: 'windows',
    architecture,
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(features.length === 0 ? {} : { 'os.features': features }),
  };
}
