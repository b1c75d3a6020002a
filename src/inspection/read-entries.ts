import type { Descriptor } from '../oci/descriptor.ts';
import { type ImageIndex, type Manifest, wholeOf } from '../oci/manifest.ts';
import { manifestTypes } from '../oci/media-types.ts';
import { isWholePlatform } from '../oci/platform.ts';
import { readConfig } from '../pipeline/image-platform.ts';
import { findEntryFlaw } from '../pipeline/member.ts';
import { entryRoles, isForeign } from '../policy/entry-kind.ts';
import { isPlaceholder } from '../registry/placeholder.ts';
import { ActionError, orFailure } from '../run/errors.ts';
import type { Resolved } from '../sources/source.ts';
import { TreeLimits } from '../sources/tree-limits.ts';
import type { InspectedEntry } from './document.ts';

/** The failures of one entry that leave the others readable. */
const entryFailures: ReadonlySet<string> = new Set(['NOT_FOUND', 'BAD_MANIFEST', 'SOURCE_NOT_AN_IMAGE']);

/**
 * Reads the manifests that a list names, and the configs of images whose platform the list does not state; for an
 * image, its own config. Throws SourceError SOURCE_TOO_LARGE or INDEX_TOO_DEEP for a list beyond the limits.
 */
export async function readEntries(resolved: Resolved): Promise<readonly InspectedEntry[]> {
  const { manifest, label } = resolved;
  const { mediaType, digest, size, content } = manifest;
  const limits = new TreeLimits(label, 'Inspect the images that it lists one by one, by their digests.');
  if (content.kind === 'index') {
    const entries = withRoles(await readList({ resolved, limits }, content, 1));
    limits.countConfigs(entries.flatMap((entry) => (isUnstated(entry) ? (entry.manifest ?? []) : [])));
    return Promise.all(entries.map((entry) => (isUnstated(entry) ? withConfig(resolved, entry) : entry)));
  }
  const [entry] = withRoles([{ descriptor: { mediaType, digest, size }, manifest: wholeOf(manifest) }]);
  const image = entry && (await withConfig(resolved, entry));
  if (image?.platform === undefined) return image ? [image] : [];
  return [{ ...image, descriptor: { ...image.descriptor, platform: image.platform } }];
}

/** An entry as it was read, before its kind is decided. */
type ReadEntry = Pick<InspectedEntry, 'descriptor' | 'manifest' | 'flaw'>;

interface Reading {
  readonly resolved: Resolved;
  readonly limits: TreeLimits;
}

async function readList(reading: Reading, index: ImageIndex, depth: number): Promise<readonly ReadEntry[]> {
  reading.limits.enter(index, depth);
  const entries = index.manifests.map((descriptor) => readEntry(reading, descriptor, depth));
  return (await Promise.all(entries)).flat();
}

async function readEntry(
  reading: Reading,
  descriptor: Descriptor,
  depth: number,
): Promise<readonly ReadEntry[]> {
  // Layers that a build cache lists cannot be read as manifests.
  if (!manifestTypes.includes(descriptor.mediaType)) return [{ descriptor }];
  const { store } = reading.resolved;
  const manifest = await unlessFailed(() => store.getManifest(descriptor.digest, descriptor.size));
  if (manifest instanceof ActionError) return [{ descriptor, flaw: manifest }];
  if (manifest.content.kind === 'index') return readList(reading, manifest.content, depth + 1);
  const text = findEntryFlaw(descriptor, manifest);
  if (text === undefined) return [{ descriptor, manifest }];
  const flaw = new ActionError('INDEX_INCONSISTENT', `${descriptor.digest} is listed ${text}`);
  return [{ descriptor, manifest, flaw }];
}

function withRoles(entries: readonly ReadEntry[]): readonly InspectedEntry[] {
  const roles = entryRoles(entries);
  return entries.map((entry, at) => {
    const role = roles[at] ?? { kind: 'image' };
    const { platform } = entry.descriptor;
    // What has no image config is no image to run, also where clients would pull it.
    const isArtifact = role.kind === 'image' && entry.manifest !== undefined && isForeign(entry.manifest);
    return {
      ...entry,
      platform,
      ...(isArtifact ? { kind: 'artifact' } : role),
      ...placeholderFlaw(entry.manifest),
    };
  });
}

function placeholderFlaw(manifest: Manifest | undefined): Pick<InspectedEntry, 'flaw'> {
  if (manifest === undefined || !isPlaceholder(manifest)) return {};
  const message = `${manifest.digest} is a placeholder, which a removal of a tag left: it is no image`;
  return { flaw: new ActionError('SOURCE_PLACEHOLDER', message) };
}

function isUnstated({ kind, platform }: InspectedEntry): boolean {
  return kind === 'image' && (platform === undefined || !isWholePlatform(platform));
}

async function withConfig(resolved: Resolved, entry: InspectedEntry): Promise<InspectedEntry> {
  const content = entry.manifest?.content;
  if (content?.kind !== 'image') return entry;
  const config = await unlessFailed(() => readConfig(resolved, content));
  return config instanceof ActionError
    ? { ...entry, flaw: config }
    : { ...entry, platform: config?.platform };
}

async function unlessFailed<T>(read: () => Promise<T>): Promise<T | ActionError> {
  const result = await orFailure(read());
  if (result instanceof ActionError && !entryFailures.has(result.code)) throw result;
  return result;
}
