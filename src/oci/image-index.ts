import { isAttestation } from './attestation.ts';
import type { Descriptor } from './descriptor.ts';
import { FormatError, quote } from './format-error.ts';
import { marshalIndent, sortedMap } from './go-json.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { dockerList, isDockerType, ociIndex, ociManifest } from './media-types.ts';
import { describePlatform, type Platform } from './platform.ts';

/** `docker`: a list as `docker manifest push` writes it; `oci`: an index as `docker buildx imagetools create` does. */
type IndexFormat = 'docker' | 'oci';

const dockerForm = 'entries with a platform and without annotations, or format "oci"';

type Annotations = Readonly<Record<string, string>>;

/**
 * The format for these entries. `auto` is docker when every entry has a Docker media type and a platform and there
 * are no annotations, else oci.
 *
 * @throws FormatError when docker is wanted but there are annotations, or an entry has no platform: a manifest list
 * cannot hold annotations and needs platforms.
 */
export function chooseFormat(
  entries: readonly Descriptor[],
  indexAnnotations: Annotations,
  wanted: 'auto' | IndexFormat,
): IndexFormat {
  if (wanted === 'oci') return 'oci';
  const flaw = dockerFlaw(entries, indexAnnotations);
  if (wanted === 'docker' && flaw !== undefined) throw new FormatError(flaw, dockerForm);
  if (wanted === 'docker') return 'docker';
  const fits =
    flaw === undefined && entries.length > 0 && entries.every(({ mediaType }) => isDockerType(mediaType));
  return fits ? 'docker' : 'oci';
}

/**
 * Writes the index of these entries in their order.
 *
 * `docker` gives byte for byte what `docker manifest push` gives: 3-space indent; only mediaType, size, digest and
 * platform of an entry; a manifest list, unless the first entry is an OCI image, which makes it an OCI index.
 * `oci` gives what `docker buildx imagetools create` gives: an OCI index with 2-space indent; all fields of the
 * entries are kept, unknown ones last.
 *
 * @throws FormatError when the format is docker and chooseFormat refuses it, when an entry is malformed, or when the
 * index exceeds the maximum size of a manifest.
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
  if (flaw !== undefined) throw new FormatError(flaw, dockerForm);
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

/** The first thing that a manifest list of these entries cannot hold, or undefined. */
function dockerFlaw(entries: readonly Descriptor[], indexAnnotations: Annotations): string | undefined {
  const [onIndex] = Object.keys(indexAnnotations);
  if (onIndex !== undefined) return `a Docker manifest list cannot hold the annotation ${quote(onIndex)}`;
  for (const entry of entries) {
    const name = entryName(entry);
    const [onEntry] = Object.keys(entry.annotations ?? {});
    if (onEntry !== undefined)
      return `a Docker manifest list cannot hold the annotation ${quote(onEntry)} of ${name}`;
    if (entry.platform === undefined)
      return `a Docker manifest list cannot hold ${name}, which has no platform`;
  }
  return undefined;
}

function entryName(entry: Descriptor): string {
  if (isAttestation(entry)) return `the attestation ${entry.digest}`;
  return `the entry ${entry.platform ? quote(describePlatform(entry.platform)) : entry.digest}`;
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
    urls: nonEmpty(urls),
    annotations: orderedAnnotations(annotations ?? {}),
    data: nonEmpty(data),
    platform: platform && { ...platformFields(platform), ...unknownPlatformFields(platform) },
    artifactType: nonEmpty(artifactType),
    ...unknown,
  };
}

/** Go leaves out optional fields that are empty. */
function nonEmpty<Value>(value: Value): Value | undefined {
  return value === '' || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function orderedAnnotations(annotations: Annotations): ReadonlyMap<string, string> | undefined {
  const sorted = sortedMap(annotations);
  return sorted.size === 0 ? undefined : sorted;
}

function platformFields(platform: Platform): object {
  return {
    architecture: platform.architecture,
    os: platform.os,
    'os.version': nonEmpty(platform['os.version']),
    'os.features': nonEmpty(platform['os.features']),
    variant: nonEmpty(platform.variant),
  };
}

function unknownPlatformFields(platform: Platform): object {
  const { architecture, os, variant, 'os.version': version, 'os.features': features, ...unknown } = platform;
  return unknown;
}
