/** Sources as they are once resolved, from content in memory. */
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { describePlatform, type Platform } from '../../../src/oci/platform.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import type { PlannedList } from '../../../src/pipeline/list.ts';
import { type Member, membersOf } from '../../../src/pipeline/member.ts';
import type { ListRequest } from '../../../src/pipeline/request.ts';
import { RegistryError } from '../../../src/run/errors.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import type { ContentStore, Resolved } from '../../../src/sources/source.ts';
import type { TestContent } from '../images/images.ts';

export const repository = parseReference('ghcr.io/acme/app').repository;

/** A store of what some contents hold; `lost` digests are not there. */
export function storeOf(contents: readonly TestContent[], lost: readonly string[] = []): ContentStore {
  const manifests = new Map<string, TestContent>();
  const blobs = new Map<string, Uint8Array>();
  const hold = (content: TestContent): void => {
    manifests.set(content.digest, content);
    content.children.forEach(hold);
    for (const [digest, { read, size }] of content.blobs)
      blobs.set(digest, Buffer.concat([...((read?.(0, size) ?? []) as Iterable<Uint8Array>)]));
  };
  contents.forEach(hold);
  const missing = (digest: string): RegistryError =>
    new RegistryError('NOT_FOUND', `not found: ${digest}`, {
      method: 'GET',
      url: 'x',
      status: 404,
      codes: [],
    });
  return {
    name: 'ghcr.io/acme/app',
    repository,
    getManifest: async (digest) => {
      const content = lost.includes(digest) ? undefined : manifests.get(digest);
      if (content === undefined) throw missing(digest);
      return parseManifest(content.bytes, content.mediaType, digest);
    },
    keep: (manifest) => manifest,
    getBlob: async ({ digest }: Descriptor) => {
      const blob = lost.includes(digest) ? undefined : blobs.get(digest);
      if (blob === undefined) throw missing(digest);
      return blob;
    },
    openBlob: () => {
      throw new Error('nothing is streamed here');
    },
  };
}

export interface ResolvedOptions {
  /** The words after the source on its line. */
  readonly says?: string;
  readonly line?: number;
  readonly lost?: readonly string[];
  /** The values of the source itself. */
  readonly platform?: Partial<Platform>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** By which digest it was asked for; its own by default. */
  readonly digest?: Digest;
}

/** Content as a source, with what its line says of it. */
export function resolvedOf(content: TestContent, options: ResolvedOptions = {}): Resolved {
  const { says = '', line: number = 1, lost, platform, annotations, digest } = options;
  const { lines, problems } = parseSources(`ghcr.io/acme/app:x ${says}`, []);
  const [line] = lines;
  if (line === undefined || problems.length > 0)
    throw new Error(problems.map(({ message }) => message).join());
  return {
    line: { ...line, line: number },
    label: `source${number}`,
    manifest: parseManifest(content.bytes, content.mediaType, digest),
    store: storeOf([content], lost),
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** The members of one source; throws the first contradiction between a platform and a config. */
export async function membersFrom(
  content: TestContent,
  options: ResolvedOptions = {},
): Promise<readonly Member[]> {
  const members = await membersOf(resolvedOf(content, options));
  for (const { mismatch } of members) if (mismatch !== undefined) throw mismatch;
  return members;
}

/** A list of these members, with the parts of its request that a test states. */
export function plannedList(
  request: Partial<ListRequest>,
  members: readonly Member[],
  resolvedSources: readonly Resolved[] = [],
): PlannedList {
  return { request: request as ListRequest, resolvedSources, members, targets: [] };
}

/** A member in a word: its platform, or `~` and its platform's for an attestation. */
export function word({ descriptor, kind }: Member): string {
  if (kind === 'attestation') return '~';
  return descriptor.platform === undefined ? '-' : describePlatform(descriptor.platform);
}
