/** Small real images, artifacts and indexes with the same bytes on every machine. */

import { blobOf, digestText, type StoredBlob } from '../registry/registry-store.ts';
import { type Layer, makeLayer } from './layers.ts';
import { type DescriptorDocument, type ManifestDocument, manifestTypes } from './manifest-document.ts';

export interface TestPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/** A manifest with everything a registry must hold before it takes it. */
export interface TestContent {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly size: number;
  /** The platform of the config, for an image. */
  readonly platform?: TestPlatform;
  readonly document: ManifestDocument;
  readonly blobs: ReadonlyMap<string, StoredBlob>;
  /** Manifests an index lists. */
  readonly children: readonly TestContent[];
}

export interface ImageOptions {
  /** Default OCI. */
  readonly types?: 'oci' | 'docker';
  /** Tells images of one platform apart. */
  readonly name?: string;
  /** Default 1. */
  readonly layers?: number;
  /** The media type of the layers where it differs. */
  readonly layerType?: string;
  /** Put before the small layers; see layers.ts for big ones. */
  readonly bigLayers?: readonly (StoredBlob & { readonly digest: string })[];
  /** The URLs of a layer that is referenced, not stored. */
  readonly foreignUrls?: readonly string[];
  /** The platform of the config where it differs; `null` leaves it out of the config. */
  readonly configPlatform?: Partial<TestPlatform> | null;
  /** The labels of the config, `org.opencontainers.image.` left out. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: TestContent;
  /** `false` leaves the `mediaType` field out, as OCI allows. */
  readonly statesMediaType?: boolean;
}

/** `linux/arm/v7`, or an object for os.version and os.features. */
export type PlatformLike = string | TestPlatform;

/** An image whose config is for this platform. */
export function makeImage(platform: PlatformLike = 'linux/amd64', options: ImageOptions = {}): TestContent {
  const parsed = testPlatform(platform);
  const { types = 'oci', configPlatform = parsed } = options;
  const layers = smallLayers(parsed, options);
  const config = json(imageConfig(configPlatform ?? {}, layers, options.labels));
  const blobs = new Map([[digestText(config), blobOf(config)]]);
  for (const { bytes } of layers) blobs.set(digestText(bytes), blobOf(bytes));
  for (const big of options.bigLayers ?? []) blobs.set(big.digest, big);
  const document: ManifestDocument = {
    schemaVersion: 2,
    ...(options.statesMediaType !== false && {
      mediaType: types === 'oci' ? manifestTypes.ociManifest : manifestTypes.dockerManifest,
    }),
    config: descriptor(types === 'oci' ? ociConfig : dockerConfig, config),
    layers: layerDescriptors(layers, options),
    ...linked(options),
  };
  const mediaType = types === 'oci' ? manifestTypes.ociManifest : manifestTypes.dockerManifest;
  return { ...content(mediaType, document), platform: parsed, blobs, children: [] };
}

export interface ArtifactOptions {
  readonly artifactType: string;
  readonly subject?: TestContent | DescriptorDocument;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The artifact's only layer. */
  readonly payload?: string;
  /** `true` (cosign's older way): the type stands in config.mediaType. */
  readonly typeInConfig?: boolean;
}

/** An artifact, such as a signature, that may refer to a subject (OCI image-spec, "Guidelines for Artifact Usage"). */
export function makeArtifact(options: ArtifactOptions): TestContent {
  const empty = Buffer.from('{}');
  const payload = Buffer.from(options.payload ?? options.artifactType);
  const { artifactType, typeInConfig } = options;
  const document: ManifestDocument = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociManifest,
    ...(typeInConfig !== true && { artifactType }),
    config: descriptor(typeInConfig === true ? artifactType : 'application/vnd.oci.empty.v1+json', empty),
    layers: [descriptor('application/octet-stream', payload)],
    ...linked(options),
  };
  const blobs = new Map([empty, payload].map((bytes) => [digestText(bytes), blobOf(bytes)]));
  return { ...content(manifestTypes.ociManifest, document), blobs, children: [] };
}

/** The in-toto attestation manifest that buildx adds for one image. */
export function makeAttestation(subject: TestContent): TestContent {
  const statement = json({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: 'app', digest: { sha256: subject.digest.slice('sha256:'.length) } }],
    predicate: { buildType: 'https://mobyproject.org/buildkit@v1' },
  });
  const rootfs = { type: 'layers', diff_ids: [digestText(statement)] };
  const config = json({ architecture: 'unknown', os: 'unknown', config: {}, rootfs });
  const layer = {
    ...descriptor('application/vnd.in-toto+json', statement),
    annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
  };
  const document: ManifestDocument = {
    schemaVersion: 2,
    mediaType: manifestTypes.ociManifest,
    config: descriptor(ociConfig, config),
    layers: [layer],
  };
  const blobs = new Map([config, statement].map((bytes) => [digestText(bytes), blobOf(bytes)]));
  return { ...content(manifestTypes.ociManifest, document), blobs, children: [] };
}

/**
 * The attestation that BuildKit 0.32 and later add for one image: an OCI artifact with a subject. Each type is that of a
 * layer: `application/vnd.in-toto+json`, or signed by docker/attest `application/vnd.in-toto.provenance+dsse`.
 */
export function makeArtifactAttestation(
  subject: TestContent,
  types = ['application/vnd.in-toto+json'],
): TestContent {
  const { document } = makeAttestation(subject);
  const empty = Buffer.from('{}');
  const statements = types.map((type) => Buffer.from(`${type} for ${subject.digest}`));
  const annotations = { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' };
  const artifact: ManifestDocument = {
    ...document,
    artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
    config: descriptor('application/vnd.oci.empty.v1+json', empty),
    layers: statements.map((bytes, at) => ({ ...descriptor(types[at] ?? '', bytes), annotations })),
    subject: describe(subject),
  };
  const blobs = new Map([empty, ...statements].map((bytes) => [digestText(bytes), blobOf(bytes)]));
  return { ...content(manifestTypes.ociManifest, artifact), blobs, children: [] };
}

export interface IndexEntry {
  readonly content: TestContent;
  /** In place of the content's own; `null` leaves it out. */
  readonly platform?: TestPlatform | null;
  readonly annotations?: Readonly<Record<string, string>>;
  /** More or other fields of the descriptor. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface IndexOptions {
  /** Default OCI. */
  readonly types?: 'oci' | 'docker';
  /** Adds an attestation for every entry after all of them, as buildx does. */
  readonly attestations?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: TestContent;
  /** Spaces; default 2, as buildx writes it. */
  readonly indent?: number;
}

/** An image index (or Docker manifest list) over these entries, in their order. */
export function makeIndex(
  entries: readonly (TestContent | IndexEntry)[],
  options: IndexOptions = {},
): TestContent {
  const given = entries.map((entry) => ('content' in entry ? entry : { content: entry }));
  const all =
    options.attestations === true ? [...given, ...given.map((entry) => attestationEntry(entry))] : given;
  const mediaType = options.types === 'docker' ? manifestTypes.dockerList : manifestTypes.ociIndex;
  const document: ManifestDocument = {
    schemaVersion: 2,
    mediaType,
    manifests: all.map(entryDescriptor),
    ...linked(options),
  };
  const made = content(mediaType, document, options.indent ?? 2);
  return { ...made, blobs: new Map(), children: all.map((entry) => entry.content) };
}

/** The descriptor of some content, without a platform. */
export function describe(of: TestContent): DescriptorDocument {
  return { mediaType: of.mediaType, digest: of.digest, size: of.size };
}

export function testPlatform(platform: PlatformLike): TestPlatform {
  if (typeof platform !== 'string') return platform;
  const [os = '', architecture = '', variant] = platform.split('/');
  return { architecture, os, ...(variant !== undefined && { variant }) };
}

const ociConfig = 'application/vnd.oci.image.config.v1+json';
const dockerConfig = 'application/vnd.docker.container.image.v1+json';

function smallLayers(platform: TestPlatform, { layers = 1, name = 'app' }: ImageOptions): Layer[] {
  const slug = [platform.os, platform.architecture, platform.variant].filter(Boolean).join('-');
  return Array.from({ length: layers }, (_, number) =>
    makeLayer(`${name}-${number}.txt`, `${name} for ${slug}\n`),
  );
}

function imageConfig(
  platform: Partial<TestPlatform>,
  layers: readonly Layer[],
  labels: ImageOptions['labels'],
): object {
  const named = Object.entries(labels ?? {}).map(([key, value]) => [
    `org.opencontainers.image.${key}`,
    value,
  ]);
  return {
    ...platform,
    config: { Cmd: ['/app'], ...(labels !== undefined && { Labels: Object.fromEntries(named) }) },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'COPY app' })),
  };
}

function layerDescriptors(layers: readonly Layer[], options: ImageOptions): DescriptorDocument[] {
  const docker = options.types === 'docker';
  const usual = docker
    ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    : 'application/vnd.oci.image.layer.v1.tar+gzip';
  const type = options.layerType ?? usual;
  const big = (options.bigLayers ?? []).map(({ digest, size }) => ({ mediaType: type, digest, size }));
  const small = layers.map(({ bytes }) => descriptor(type, bytes));
  return [...foreignLayers(options.foreignUrls, docker), ...big, ...small];
}

function foreignLayers(urls: readonly string[] | undefined, docker: boolean): DescriptorDocument[] {
  if (urls === undefined) return [];
  const mediaType = docker
    ? 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
    : 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  return [{ ...descriptor(mediaType, Buffer.from('a layer nobody holds')), urls }];
}

/** The entry of an attestation in a list, as BuildKit writes it. */
export function attestationEntry(
  entry: IndexEntry,
  attestation: TestContent = makeAttestation(entry.content),
): IndexEntry {
  return {
    content: attestation,
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: {
      'vnd.docker.reference.digest': entry.content.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  };
}

function entryDescriptor(entry: IndexEntry): DescriptorDocument {
  const platform = entry.platform === undefined ? entry.content.platform : entry.platform;
  return {
    ...describe(entry.content),
    ...(entry.annotations !== undefined && { annotations: entry.annotations }),
    ...(platform && { platform: { ...platform } }),
    ...entry.fields,
  };
}

interface Linked {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: TestContent | DescriptorDocument;
}

function linked({ annotations, subject }: Linked): Partial<ManifestDocument> {
  return {
    ...(subject !== undefined && { subject: 'document' in subject ? describe(subject) : subject }),
    ...(annotations !== undefined && { annotations }),
  };
}

function descriptor(mediaType: string, bytes: Buffer): DescriptorDocument {
  return { mediaType, digest: digestText(bytes), size: bytes.length };
}

function content(
  mediaType: string,
  document: ManifestDocument,
  indent?: number,
): Pick<TestContent, 'mediaType' | 'bytes' | 'digest' | 'size' | 'document'> {
  const bytes = Buffer.from(JSON.stringify(document, null, indent));
  return { mediaType, bytes, digest: digestText(bytes), size: bytes.length, document };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
