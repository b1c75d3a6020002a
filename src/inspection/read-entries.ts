import { attestationSubject, isAttestation } from '../oci/attestation.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type ImageIndex, type Manifest, wholeOf } from '../oci/manifest.ts';
import { attestationPlatform, isWholePlatform, samePlatform } from '../oci/platform.ts';
import { readConfig } from '../pipeline/image-platform.ts';
import { findEntryFlaw } from '../pipeline/member.ts';
import { isPlaceholder } from '../registry/placeholder.ts';
import { ActionError } from '../run/errors.ts';
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
    const entries = await readList({ resolved, limits }, content, 1);
    limits.countConfigs(entries.flatMap((entry) => (isUnstated(entry) ? (entry.manifest ?? []) : [])));
    return Promise.all(entries.map((entry) => (isUnstated(entry) ? withConfig(resolved, entry) : entry)));
  }
  const image = await withConfig(resolved, entryOf({ mediaType, digest, size }, wholeOf(manifest)));
  const { platform } = image;
  return [platform === undefined ? image : { ...image, descriptor: { ...image.descriptor, platform } }];
}

/** The state of reading one list. */
interface Reading {
  readonly resolved: Resolved;
  readonly limits: TreeLimits;
}

async function readList(
  reading: Reading,
  index: ImageIndex,
  depth: number,
): Promise<readonly InspectedEntry[]> {
  reading.limits.enter(index, depth);
  const entries = index.manifests.map((descriptor) => readEntry(reading, descriptor, depth));
  return (await Promise.all(entries)).flat();
}

async function readEntry(
  reading: Reading,
  descriptor: Descriptor,
  depth: number,
): Promise<readonly InspectedEntry[]> {
  const { store } = reading.resolved;
  const read = await unlessFailed(() => store.getManifest(descriptor.digest, descriptor.size));
  if ('failure' in read) return [{ ...unreadEntry(descriptor), flaw: read.failure }];
  const manifest = read.value;
  if (manifest.content.kind === 'index') return readList(reading, manifest.content, depth + 1);
  const text = findEntryFlaw(descriptor, manifest);
  const entry = entryOf(descriptor, manifest);
  if (text === undefined) return [entry];
  return [
    { ...entry, flaw: new ActionError('INDEX_INCONSISTENT', `${descriptor.digest} is listed ${text}`) },
  ];
}

function entryOf(descriptor: Descriptor, manifest: Manifest): InspectedEntry {
  const { platform } = descriptor;
  if (!isAttestation(descriptor, manifest)) {
    return { descriptor, platform, kind: 'image', manifest, ...placeholderFlaw(manifest) };
  }
  const subject = attestationSubject(descriptor);
  return { descriptor, platform, kind: 'attestation', attestationSubject: subject, manifest };
}

function placeholderFlaw(manifest: Manifest): Pick<InspectedEntry, 'flaw'> {
  if (!isPlaceholder(manifest)) return {};
  const message = `${manifest.digest} is a placeholder, which a removal of a tag left: it is no image`;
  return { flaw: new ActionError('SOURCE_PLACEHOLDER', message) };
}

// Without its manifest, only the entry itself tells whether it is an attestation.
function unreadEntry(descriptor: Descriptor): InspectedEntry {
  const { platform } = descriptor;
  const subject = attestationSubject(descriptor);
  const isImage = subject === undefined || (platform && !samePlatform(platform, attestationPlatform));
  return { descriptor, platform, kind: isImage ? 'image' : 'attestation', attestationSubject: subject };
}

function isUnstated({ kind, platform }: InspectedEntry): boolean {
  return kind === 'image' && (platform === undefined || !isWholePlatform(platform));
}

async function withConfig(resolved: Resolved, entry: InspectedEntry): Promise<InspectedEntry> {
  const content = entry.manifest?.content;
  if (content?.kind !== 'image') return entry;
  const read = await unlessFailed(() => readConfig(resolved, content));
  return 'failure' in read ? { ...entry, flaw: read.failure } : { ...entry, platform: read.value?.platform };
}

type ReadOutcome<T> = { readonly value: T } | { readonly failure: ActionError };

async function unlessFailed<T>(read: () => Promise<T>): Promise<ReadOutcome<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof ActionError && entryFailures.has(error.code)) return { failure: error };
    throw error;
  }
}
