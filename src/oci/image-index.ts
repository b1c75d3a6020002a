import { attestationSubject } from './attestation.ts';
import type { Descriptor } from './descriptor.ts';
import { FormatError, quote } from './format-error.ts';
import { marshalIndent, sortedMap } from './go-json.ts';
import { type ImageIndex, type Manifest, parseManifest } from './manifest.ts';
import { dockerList, isDockerType, ociIndex, ociManifest } from './media-types.ts';
import { describePlatform, type Platform } from './platform.ts';

/** `docker`: a list as `docker manifest push` writes it; `oci`: an index as `docker buildx imagetools create` does. */
export type IndexFormat = 'docker' | 'oci';

const dockerForm = 'entries with a platform and without annotations, or format "oci"';

type Annotations = Readonly<Record<string, string>>;

/** The fields of an index other than its entries. */
export type IndexFields = Pick<ImageIndex, 'artifactType' | 'subject' | 'annotations'>;

/**
 * The format for these entries. `auto` is docker when every entry has a Docker media type and a manifest list can hold
 * all that is to be in it, else oci. Throws FormatError when docker is wanted but {@link findDockerFlaw} finds
 * something.
 */
export function chooseFormat(
  entries: readonly Descriptor[],
  fields: IndexFields,
  wanted: 'auto' | IndexFormat,
): IndexFormat {
  if (wanted === 'oci') return 'oci';
  const flaw = findDockerFlaw(entries, fields);
  if (wanted === 'docker' && flaw !== undefined) throw new FormatError(flaw, dockerForm);
  if (wanted === 'docker') return 'docker';
  const fits =
    flaw === undefined && entries.length > 0 && entries.every(({ mediaType }) => isDockerType(mediaType));
  return fits ? 'docker' : 'oci';
}

/**
 * Writes the index of these entries in their order. `docker` gives byte for byte what `docker manifest push` gives:
 * 3-space indent; only mediaType, size, digest and platform of an entry; a manifest list, unless the first entry is an
 * OCI image, which makes it an OCI index. `oci` gives what `docker buildx imagetools create` gives: an OCI index with
 * 2-space indent; all fields of the entries, unknown ones last, and its own fields in the order of the specification's
 * Go types. Throws FormatError for a format that chooseFormat refuses, a malformed entry, or too large an index.
 */
export function assembleIndex(
  entries: readonly Descriptor[],
  { format, ...fields }: IndexFields & { readonly format: IndexFormat },
): Manifest {
  const text = format === 'docker' ? dockerDocument(entries, fields) : ociDocument(entries, fields);
  return parseManifest(new TextEncoder().encode(text), undefined);
}

function dockerDocument(entries: readonly Descriptor[], fields: IndexFields): string {
  const flaw = findDockerFlaw(entries, fields);
  if (flaw !== undefined) throw new FormatError(flaw, dockerForm);
  const mediaType = entries[0]?.mediaType === ociManifest ? ociIndex : dockerList;
  return marshalIndent({ schemaVersion: 2, mediaType, manifests: entries.map(dockerEntry) }, '   ');
}

function ociDocument(entries: readonly Descriptor[], { artifactType, subject, annotations }: IndexFields) {
  const document = {
    schemaVersion: 2,
    mediaType: ociIndex,
    artifactType,
    manifests: entries.map(ociEntry),
    subject: subject && ociEntry(subject),
    annotations: orderedAnnotations(annotations ?? {}),
  };
  return marshalIndent(document, '  ');
}

/**
 * The first thing that a Docker manifest list of these entries and fields cannot hold, or undefined: it has no
 * annotations, subject and artifactType, and its entries need a platform.
 */
export function findDockerFlaw(entries: readonly Descriptor[], fields: IndexFields): string | undefined {
  const flaws = [listFlaw(fields), ...entries.map(entryFlaw)];
  const flaw = flaws.find((each) => each !== undefined);
  return flaw && `a Docker manifest list cannot hold ${flaw}`;
}

function listFlaw({ artifactType, subject, annotations = {} }: IndexFields): string | undefined {
  const [key] = Object.keys(annotations);
  if (key !== undefined) return `the annotation ${quote(key)}`;
  if (subject !== undefined) return `the subject ${subject.digest}`;
  return artifactType && `the artifactType ${quote(artifactType)}`;
}

function entryFlaw(entry: Descriptor): string | undefined {
  const [key] = Object.keys(entry.annotations ?? {});
  if (key !== undefined) return `the annotation ${quote(key)} of ${entryName(entry)}`;
  return entry.platform === undefined ? `${entryName(entry)}, which has no platform` : undefined;
}

function entryName(entry: Descriptor): string {
  if (attestationSubject(entry) !== undefined) return `the attestation ${entry.digest}`;
  return `the entry ${entry.platform ? quote(describePlatform(entry.platform)) : entry.digest}`;
}

/** An entry as {@link assembleIndex} writes it in this format. */
export function indexEntry(entry: Descriptor, format: IndexFormat): object {
  return format === 'docker' ? dockerEntry(entry) : ociEntry(entry);
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
    // Unknown fields follow the known ones.
    platform: platform && { ...platformFields(platform), ...platform, ...platformFields(platform) },
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

/** The non-empty fields of a platform, in the order in which Go writes them. */
export function platformFields(platform: Platform): object {
  return {
    architecture: platform.architecture,
    os: platform.os,
    'os.version': nonEmpty(platform['os.version']),
    'os.features': nonEmpty(platform['os.features']),
    variant: nonEmpty(platform.variant),
  };
}
