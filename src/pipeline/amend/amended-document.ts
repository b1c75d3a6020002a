import { marshalIndent, sortedMap } from '../../oci/go-json.ts';
import type { IndexFormat } from '../../oci/image-index.ts';
import { annotationsAt, type JsonObject } from '../../oci/json-document.ts';
import { type Manifest, parseManifest } from '../../oci/manifest.ts';
import { dockerList, isDockerType, ociIndex, ociManifest } from '../../oci/media-types.ts';

/** The changes to a list. */
interface DocumentChange {
  /** All entries as JSON values, in order. */
  readonly entries: readonly object[];
  /** Annotations of the list that are added or changed. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly format: IndexFormat;
}

/**
 * A list with its entries replaced: all other fields, also unknown ones, keep their JSON value and position. The text
 * has the layout that the tools of the format write, see assembleIndex.
 *
 * @throws FormatError when the result is not a manifest, or larger than registries accept.
 */
export function amendedDocument(base: JsonObject, change: DocumentChange): Manifest {
  const fields = new Map<string, unknown>([
    ['schemaVersion', 2],
    ['mediaType', mediaTypeOf(base, change)],
    ...Object.entries(base).filter(([key]) => key !== 'schemaVersion' && key !== 'mediaType'),
    ['manifests', change.entries],
  ]);
  if (Object.keys(change.annotations).length > 0) {
    const own = annotationsAt(base['annotations'], 'annotations');
    fields.set('annotations', sortedMap({ ...own, ...change.annotations }));
  }
  const text = marshalIndent(fields, change.format === 'docker' ? '   ' : '  ');
  return parseManifest(new TextEncoder().encode(text), undefined);
}

function mediaTypeOf({ mediaType }: JsonObject, { format, entries }: DocumentChange): string {
  if (format === 'oci') return ociIndex;
  if (typeof mediaType === 'string' && isDockerType(mediaType)) return mediaType;
  // As docker does for a new list.
  const [first] = entries;
  return first !== undefined && 'mediaType' in first && first.mediaType === ociManifest
    ? ociIndex
    : dockerList;
}
