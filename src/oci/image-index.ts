import type { Descriptor } from './descriptor.ts';
import { FormatError, quote } from './format-error.ts';
import { marshalIndent, sortedMap } from './go-json.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { dockerList, isDockerType, ociIndex, ociManifest } from './media-types.ts';
import type { Platform } from './platform.ts';

/** `docker`: as `docker manifest push` writes a list; `oci`: as `docker buildx imagetools create` writes an index. */
export type IndexFormat = 'docker' | 'oci';

type Annotations = Readonly<Record<string, string>>;

/**
 * The format for these entries. `auto` is docker when every entry has a Docker media type and a platform and nothing
 * carries annotations, else oci.
 *
 * @throws FormatError when docker is wanted, and something carries annotations or an entry has no platform: a
 * manifest list cannot hold the one nor lack the other.
 */
export function chooseFormat(
  entries: readonly Descriptor[],
  indexAnnotations: Annotations,
  wanted: 'auto' | IndexFormat,
): IndexFormat {
  if (wanted === 'oci') return 'oci';
  const flaw = dockerFlaw(entries, indexAnnotations);
  if (wanted === 'docker' && flaw !== undefined) throw new FormatError(flaw, 'format "oci" or "auto"');
  if (wanted === 'docker') return 'docker';
  const fits =
    flaw === undefined && entries.length > 0 && entries.every(({ mediaType }) => isDockerType(mediaType));
  return fits ? 'docker' : 'oci';
}

/**
 * Writes the index of these entries in their order.
 *
 * `docker` gives byte for byte what `docker manifest push` gives: 3-space indent; of an entry only mediaType, size,
 * digest and platform; a manifest list, unless the first entry is an OCI image, which makes it an OCI index.
 * `oci` gives what `docker buildx imagetools create` gives: an OCI index with 2-space indent; all fields of the
 * entries are kept, the unknown ones last.
 *
 * @throws FormatError when the format is docker and chooseFormat would refuse it, when an entry is malformed, or
 * the index exceeds the size of a manifest.
 */
export function assembleIndex(
  entries: readonly Descriptor[],
  options: { readonly format: IndexFormat; readonly annotations?: Annotations },
): Manifest {
  const annotations = options.annotations ?? {};
  const text =
    options.format === 'docker' ? dockerDocument(entries, annotations) : ociDocument(entries, annotations);
  return parseManifest(new TextEncoder().encode(text), undefined);
}

function dockerDocument(entries: readonly Descriptor[], annotations: Annotations): string {
  const flaw = dockerFlaw(entries, annotations);
  if (flaw !== undefined) throw new FormatError(flaw, 'format "oci" or "auto"');
  const mediaType = entries[0]?.mediaType === ociManifest ? ociIndex : dockerList;
  return marshalIndent({ schemaVersion: 2, mediaType, manifests: entries.map(dockerEntry) }, '   ');
}

function ociDocument(entries: readonly Descriptor[], annotations: Annotations): string {
  const document = {
    schemaVersion: 2,
    mediaType: ociIndex,
    manifests: entries.map(ociEntry),
    annotations: orderedAnnotations(annotations),
  };
  return marshalIndent(document, '  ');
}

/** What a manifest list of these entries would lose, or undefined. */
function dockerFlaw(entries: readonly Descriptor[], indexAnnotations: Annotations): string | undefined {
  const names = Object.keys(indexAnnotations);
  if (names.length > 0) return `a Docker manifest list cannot hold the annotation ${quote(names[0] ?? '')}`;
  const annotated = entries.find((entry) => Object.keys(entry.annotations ?? {}).length > 0);
  if (annotated !== undefined) {
    const name = Object.keys(annotated.annotations ?? {})[0] ?? '';
    return `a Docker manifest list cannot hold the annotation ${quote(name)} of the entry ${annotated.digest}`;
  }
  const bare = entries.find((entry) => entry.platform === undefined);
  return bare && `a Docker manifest list cannot hold the entry ${bare.digest}, which has no platform`;
}

function dockerEntry({ mediaType, size, digest, platform }: Descriptor): object {
  return { mediaType, size, digest, platform: platform && platformFields(platform) };
}

function ociEntry(entry: Descriptor): object {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType, ...unknown } = entry;
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations: orderedAnnotations(annotations ?? {}),
    data,
    platform: platform && { ...platformFields(platform), ...unknownPlatformFields(platform) },
    artifactType,
    ...unknown,
  };
}

function orderedAnnotations(annotations: Annotations): ReadonlyMap<string, string> | undefined {
  const sorted = sortedMap(annotations);
  return sorted.size === 0 ? undefined : sorted;
}

function platformFields(platform: Platform): object {
  const features = platform['os.features'] ?? [];
  return {
    architecture: platform.architecture,
    os: platform.os,
    'os.version': platform['os.version'] || undefined,
    'os.features': features.length === 0 ? undefined : features,
    variant: platform.variant || undefined,
  };
}

function unknownPlatformFields(platform: Platform): object {
  const { architecture, os, variant, 'os.version': version, 'os.features': features, ...unknown } = platform;
  return unknown;
}
