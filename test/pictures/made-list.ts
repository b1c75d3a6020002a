/** Results of runs over images that exist only as manifests, of any size and name. */
import { createHash } from 'node:crypto';
import type { ReportedTag, Result } from '../../src/actions/summary/report.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, parseDigest } from '../../src/oci/digest.ts';
import { type Manifest, parseManifest } from '../../src/oci/manifest.ts';
import { type Platform, parsePlatform } from '../../src/oci/platform.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { Member } from '../../src/pipeline/member.ts';
import type { ContentStore } from '../../src/sources/source.ts';

/** The digest of a text, for content that nobody reads. */
export function digestOf(text: string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`);
}

export interface MadeImage {
  /** `linux/arm/v7`, or an object for os.version and os.features. */
  readonly platform: string | Platform;
  /** Bytes of its only layer. */
  readonly size: number;
  readonly source: string;
  /** Predicate types of its attestation, when it has one. */
  readonly predicates?: readonly string[];
}

export interface MadeList {
  readonly images: readonly MadeImage[];
  readonly tags: readonly ReportedTag[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The result of a run that published this list; `more` holds what only some runs know. */
export function madeResult({ images, tags, annotations }: MadeList, more: Partial<Result> = {}): Result {
  const entries = images.map(imageMember);
  const members = [...entries, ...images.flatMap((image, at) => attestationOf(image, entries[at]))];
  const served = manifestOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: members.map(({ descriptor }) => descriptor),
    ...(annotations && { annotations }),
  });
  return { served, members, tags, copies: [], purged: [], ...more };
}

/** A tag and the result of its removal. */
export function madeTag(reference: string, state: ReportedTag['state'], previous?: Digest): ReportedTag {
  const { repository, tag = '' } = parseReference(reference);
  return { repository, tag, state, previous };
}

/** The entry that stands for this image in a list. */
export function entryOf(image: MadeImage): NonNullable<Result['before']>['entries'][number] {
  const { descriptor } = imageMember(image);
  return { platform: platformOf(image), digest: descriptor.digest };
}

function platformOf({ platform }: MadeImage): Platform {
  return typeof platform === 'string' ? parsePlatform(platform) : platform;
}

function imageMember(image: MadeImage): Member {
  const platform = platformOf(image);
  const manifest = manifestOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: madeDescriptor('application/vnd.oci.image.config.v1+json', JSON.stringify(platform), 1200),
    layers: [madeDescriptor('application/vnd.oci.image.layer.v1.tar+gzip', image.source, image.size)],
  });
  return memberOf(manifest, image.source, { platform });
}

function attestationOf({ predicates, source }: MadeImage, image: Member | undefined): readonly Member[] {
  if (predicates === undefined || image === undefined) return [];
  const subject = image.descriptor.digest;
  const manifest = manifestOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: madeDescriptor('application/vnd.oci.image.config.v1+json', subject, 167),
    layers: predicates.map((type) => ({
      ...madeDescriptor('application/vnd.in-toto+json', subject + type, 2048),
      annotations: { 'in-toto.io/predicate-type': type },
    })),
  });
  const fields = {
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: {
      'vnd.docker.reference.digest': subject,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  };
  return [{ ...memberOf(manifest, source, fields), kind: 'attestation', attestationSubject: subject }];
}

function memberOf(manifest: Manifest, label: string, fields: Partial<Descriptor>): Member {
  const { mediaType, digest, size } = manifest;
  const descriptor = { mediaType, digest, size, ...fields };
  return { descriptor, manifest, store: unread, label, line: 1, suppliedBy: 'image', kind: 'image' };
}

const unread: ContentStore = {
  name: 'nothing',
  getManifest: () => Promise.reject(new Error('nothing is read')),
  keep: (manifest) => manifest,
  getBlob: () => Promise.reject(new Error('nothing is read')),
  openBlob: () => {
    throw new Error('nothing is read');
  },
};

function madeDescriptor(mediaType: string, content: string, size: number): Descriptor {
  return { mediaType, digest: digestOf(content), size };
}

function manifestOf(document: object): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(document)), undefined);
}
