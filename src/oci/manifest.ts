import { type Descriptor, parseDescriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf } from './digest.ts';
import { FormatError, quote } from './format-error.ts';
import {
  annotationsAt,
  arrayAt,
  type JsonObject,
  kindOf,
  objectAt,
  parseJsonDocument,
  stringAt,
} from './json-document.ts';
import { essence, isIndexType, manifestTypes, ociIndex, ociManifest } from './media-types.ts';

/** The annotation of an attestation's layer that names its statement. (BuildKit, docs/attestations/attestation-storage.md) */
export const predicateKey = 'in-toto.io/predicate-type';

/** The maximum size of a manifest in bytes: registries must accept it by OCI distribution-spec 1.1. */
export const manifestLimit: number = 4 * 1024 * 1024;

/** A manifest as a registry stores it. The bytes are the truth; `content` is read from them. */
export interface Manifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly content: ImageManifest | ImageIndex;
}

/** A manifest that is kept: without `bytes` it is {@link condensed}. */
export type HeldManifest = Omit<Manifest, 'bytes'> & { readonly bytes?: Uint8Array };

/** An image of one platform, or an artifact in the same form (OCI image-spec 1.1, manifest.md). */
export interface ImageManifest extends SharedFields {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image index or manifest list (OCI image-spec 1.1, image-index.md). */
export interface ImageIndex extends SharedFields {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

interface SharedFields {
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Bytes that do not have the digest that they were requested by. */
export class DigestMismatchError extends FormatError {
  override readonly name = 'DigestMismatchError';

  constructor(wanted: Digest, actual: Digest) {
    super(`the content of ${wanted} has the digest ${actual}`, wanted);
  }
}

/** A manifest larger than registries accept. */
export class ManifestTooLargeError extends FormatError {
  override readonly name = 'ManifestTooLargeError';
  readonly size: number;

  constructor(size: number) {
    super(`the manifest has ${size} bytes`, `at most ${manifestLimit} bytes (4 MiB)`);
    this.size = size;
  }
}

/** Content-Types that do not identify a manifest; the mediaType in the body decides. */
const genericTypes: readonly string[] = [
  '',
  'application/json',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
];

const knownTypes = `one of ${manifestTypes.join(', ')}`;

/**
 * Reads a manifest or index as a registry sends it (OCI distribution-spec 1.1, "Pulling manifests"). `contentType`: the
 * Content-Type header, or the type that a descriptor states; undefined when unknown. `expected`: the digest it was
 * requested by; by default its digest is the sha256. Throws DigestMismatchError, ManifestTooLargeError above
 * {@link manifestLimit}, and FormatError when the bytes are not one unambiguous manifest.
 */
export function parseManifest(
  bytes: Uint8Array,
  contentType: string | undefined,
  expected?: Digest,
): Manifest {
  const size = bytes.byteLength;
  if (size > manifestLimit) throw new ManifestTooLargeError(size);
  const digest = digestOf(bytes, expected && algorithmOf(expected));
  if (expected !== undefined && digest !== expected) throw new DigestMismatchError(expected, digest);
  const document = objectAt(parseJsonDocument(bytes), 'the manifest');
  const mediaType = decideType(document, essence(contentType ?? ''));
  const content = isIndexType(mediaType) ? parseIndex(document) : parseImage(document);
  return { bytes, mediaType, digest, size, content };
}

/** The annotations that decide something; all others may be let go. */
const usedAnnotations: readonly string[] = [
  predicateKey,
  ...['vnd.docker.reference.type', 'vnd.docker.reference.digest', 'org.opencontainers.image.version'],
];

/**
 * What others need to know of a manifest: its types, its subject, the few annotations that decide something, and an
 * image's config and layers, of which all that have one media type and predicate type are one with their total size.
 * 4 MiB hold 37 000 layers.
 */
export function condensed({ bytes: _, content, ...manifest }: Manifest): HeldManifest {
  const { artifactType, subject } = content;
  const shared = {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject: bare(subject) }),
    ...annotationsOf(content),
  };
  if (content.kind === 'index')
    return { ...manifest, content: { kind: 'index', manifests: content.manifests.map(bare), ...shared } };
  const { config, layers } = content;
  return { ...manifest, content: { kind: 'image', config: bare(config), layers: merged(layers), ...shared } };
}

function merged(layers: readonly Descriptor[]): readonly Descriptor[] {
  const kinds = new Map<string, Descriptor>();
  for (const layer of layers.map(bare)) {
    const kind = `${layer.mediaType} ${layer.annotations?.[predicateKey]}`;
    kinds.set(kind, { ...layer, size: layer.size + (kinds.get(kind)?.size ?? 0) });
  }
  return [...kinds.values()];
}

function bare({ mediaType, digest, size, platform, annotations }: Descriptor): Descriptor {
  const shared = platform === undefined ? {} : { platform };
  return { mediaType, digest, size, ...shared, ...annotationsOf({ annotations }) };
}

function annotationsOf({
  annotations = {},
}: {
  readonly annotations?: SharedFields['annotations'] | undefined;
}) {
  const kept = usedAnnotations.flatMap((key) => {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    return value === undefined ? [] : [[key, value] as const];
  });
  return kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) };
}

/** A kept manifest with its bytes; throws if they were let go. */
export function wholeOf(manifest: HeldManifest): Manifest {
  if (isWhole(manifest)) return manifest;
  throw new Error(`the bytes of ${manifest.digest} were let go`);
}

/** Whether a kept manifest still has its bytes. */
export function isWhole(manifest: HeldManifest): manifest is Manifest {
  return manifest.bytes !== undefined;
}

/** Whether an index lists indexes. */
export function listsIndexes({ manifests }: ImageIndex): boolean {
  return manifests.some(({ mediaType }) => isIndexType(mediaType));
}

/** The total size of an image's layers in bytes, compressed as they are stored. */
export function layersSize(manifest: ImageManifest): number {
  return manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
}

function decideType(document: JsonObject, declared: string): string {
  const own = stringAt(document['mediaType'], 'mediaType');
  refuseOldSchema(document, own || declared);
  const generic = genericTypes.includes(declared);
  if (own !== '' && !generic && own !== declared) {
    const message = `the manifest has the media type ${quote(own)}, but was served as ${quote(declared)}`;
    throw new FormatError(message, 'a Content-Type equal to the mediaType');
  }
  const type = own || (generic ? typeOfShape(document) : declared);
  if (manifestTypes.includes(type)) return type;
  throw new FormatError(`the manifest has the unknown media type ${quote(type)}`, knownTypes);
}

function typeOfShape(document: JsonObject): string {
  if (has(document, 'manifests')) return ociIndex;
  if (has(document, 'layers') && has(document, 'config')) return ociManifest;
  const message = 'the document is not a manifest: it has neither "manifests" nor "config" and "layers"';
  throw new FormatError(message, knownTypes);
}

function refuseOldSchema(document: JsonObject, type: string): void {
  const version = document['schemaVersion'];
  const old = type.startsWith('application/vnd.docker.distribution.manifest.v1+');
  if (version === 1 || old || has(document, 'fsLayers')) {
    const message =
      'the manifest is in the retired Docker schema 1: rebuild the image, or push it again with a current tool';
    throw new FormatError(message, 'schemaVersion 2');
  }
  if (version === 2 || version === undefined) return;
  const shown = typeof version === 'number' ? String(version) : kindOf(version);
  throw new FormatError(`schemaVersion is ${shown}`, 'schemaVersion 2');
}

function parseIndex(document: JsonObject): ImageIndex {
  const foreign = ['layers', 'config'].find((field) => has(document, field));
  if (foreign !== undefined) throw ambiguous('index', foreign);
  const manifests = descriptorsAt(document, 'manifests');
  return { kind: 'index', manifests, ...parseShared(document) };
}

function parseImage(document: JsonObject): ImageManifest {
  if (has(document, 'manifests')) throw ambiguous('image manifest', 'manifests');
  const config = parseDescriptor(document['config'], 'config');
  return { kind: 'image', config, layers: descriptorsAt(document, 'layers'), ...parseShared(document) };
}

function ambiguous(kind: string, field: string): FormatError {
  const message = `the ${kind} also has "${field}", so readers may disagree about its type`;
  return new FormatError(message, 'either "manifests", or "config" and "layers"');
}

/** The descriptors in a required field; Go writes an empty list as null. */
function descriptorsAt(document: JsonObject, field: string): readonly Descriptor[] {
  const value = document[field] === null ? [] : document[field];
  return arrayAt(value, field).map((item, at) => parseDescriptor(item, `${field}[${at}]`));
}

function parseShared(document: JsonObject): SharedFields {
  const artifactType = stringAt(document['artifactType'], 'artifactType');
  const subject = document['subject'] ?? undefined;
  const annotations = annotationsAt(document['annotations'], 'annotations');
  return {
    ...(artifactType === '' ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject: parseDescriptor(subject, 'subject') }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function has(document: JsonObject, field: string): boolean {
  return Object.hasOwn(document, field) && document[field] !== null;
}
