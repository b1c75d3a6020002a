/** Manifests as a registry looks at them before it takes them. */
import { Refusal } from '../registry/registry-errors.ts';
import { isDigestText } from '../registry/registry-names.ts';

export const manifestTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

const knownTypes: readonly string[] = Object.values(manifestTypes);

export interface DescriptorDocument {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly platform?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

export interface ManifestDocument {
  readonly schemaVersion: number;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: DescriptorDocument;
  readonly layers?: readonly DescriptorDocument[];
  readonly manifests?: readonly DescriptorDocument[];
  readonly subject?: DescriptorDocument;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function isIndex(mediaType: string): boolean {
  return mediaType === manifestTypes.ociIndex || mediaType === manifestTypes.dockerList;
}

/** Reads a manifest that came with this Content-Type; throws Refusal for what a strict registry refuses. */
export function readManifestDocument(bytes: Buffer, contentType: string | undefined): ManifestDocument {
  const document = parse(bytes);
  if (contentType === undefined || !knownTypes.includes(contentType))
    throw invalid(`unsupported Content-Type ${contentType ?? '(none)'}`);
  checkType(document, contentType);
  for (const descriptor of descriptorsOf(document)) checkDescriptor(descriptor);
  return document;
}

/** Every descriptor a manifest holds, except its subject. */
export function descriptorsOf(document: ManifestDocument): readonly DescriptorDocument[] {
  const own = document.config === undefined ? [] : [document.config];
  return [...own, ...(document.layers ?? []), ...(document.manifests ?? [])];
}

function parse(bytes: Buffer): ManifestDocument {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return value as ManifestDocument;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw invalid('not a JSON object');
}

function checkType(document: ManifestDocument, contentType: string): void {
  if (document.schemaVersion !== 2) throw invalid(`schemaVersion ${document.schemaVersion}`);
  const docker = contentType.startsWith('application/vnd.docker.');
  if (document.mediaType !== contentType && (docker || document.mediaType !== undefined))
    throw invalid(`mediaType ${document.mediaType} under Content-Type ${contentType}`);
  const index = isIndex(contentType);
  if (index !== Array.isArray(document.manifests)) throw invalid('manifests do not fit the media type');
  if (index === Array.isArray(document.layers)) throw invalid('layers do not fit the media type');
  if (index === (document.config !== undefined)) throw invalid('config does not fit the media type');
}

function checkDescriptor(descriptor: DescriptorDocument): void {
  if (typeof descriptor.mediaType !== 'string') throw invalid('a descriptor without mediaType');
  if (!isDigestText(String(descriptor.digest))) throw invalid(`digest ${descriptor.digest}`);
  if (!Number.isSafeInteger(descriptor.size) || descriptor.size < 0) throw invalid(`size ${descriptor.size}`);
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'MANIFEST_INVALID', `manifest invalid: ${message}`);
}
