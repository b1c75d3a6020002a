/** Manifest endpoints (OCI distribution-spec, "Pulling manifests", "Pushing Manifests", "Deleting tags"). */
import {
  type DescriptorDocument,
  descriptorsOf,
  isIndex,
  type ManifestDocument,
  readManifestDocument,
} from '../images/manifest-document.ts';
import { type Answer, BodyTooLargeError, readBody, requestHeader, type WireRequest } from '../wire/wire.ts';
import { Refusal } from './registry-errors.ts';
import { isDigestText, isTagName } from './registry-names.ts';
import type { RegistryOptions } from './registry-options.ts';
import { digestText, type RepositoryStore, type StoredManifest } from './registry-store.ts';

const manifestLimit = 4 * 1024 * 1024;

export interface ManifestCall {
  readonly request: WireRequest;
  readonly name: string;
  readonly repository: RepositoryStore;
  /** A tag or a digest. */
  readonly reference: string;
}

export class ManifestEndpoints {
  readonly #options: RegistryOptions;
  readonly #writing = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  async answer(call: ManifestCall): Promise<Answer> {
    checkReference(call.reference);
    switch (call.request.method) {
      case 'GET':
      case 'HEAD':
        return this.#read(call);
      case 'PUT':
        return this.#put(call);
      case 'DELETE':
        return this.#delete(call);
      default:
        throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
    }
  }

  #read(call: ManifestCall): Answer {
    const { request, repository, reference } = call;
    const manifest = repository.find(reference, request.view);
    if (manifest === undefined)
      throw new Refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown', unknownDetail(call));
    if (!accepts(request, manifest.mediaType))
      throw new Refusal(404, 'MANIFEST_UNKNOWN', `${manifest.mediaType} found, but Accept does not name it`);
    return {
      status: 200,
      headers: {
        'content-type': manifest.mediaType,
        'content-length': String(manifest.bytes.length),
        etag: `"${manifest.digest}"`,
        ...this.#digestHeader(request.method, manifest.digest),
      },
      body: manifest.bytes,
    };
  }

  async #put(call: ManifestCall): Promise<Answer> {
    const { name, repository, reference } = call;
    const manifest = await this.#accept(call);
    const release = this.#claim(`${name}@${manifest.digest}`);
    try {
      if (release !== undefined) await new Promise((resolve) => setTimeout(resolve, 30));
      const tags = isDigestText(reference) ? [] : [reference];
      for (const tag of tags) this.#checkMutable(repository, tag);
      repository.manifests.set(manifest.digest, manifest);
      for (const tag of tags) repository.setTag(tag, manifest.digest);
      return this.#created(call, manifest);
    } finally {
      release?.();
    }
  }

  async #accept({ request, repository, reference }: ManifestCall): Promise<StoredManifest> {
    const bytes = await readManifestBytes(request);
    const mediaType = requestHeader(request, 'content-type') ?? '';
    const document = readManifestDocument(bytes, mediaType);
    const algorithm = reference.startsWith('sha512:') ? 'sha512' : 'sha256';
    const digest = digestText(bytes, algorithm);
    if (isDigestText(reference) && reference !== digest)
      throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    checkContent(document, repository);
    this.#checkSubject(document, repository);
    return { bytes, mediaType, digest, document };
  }

  #checkSubject({ subject }: ManifestDocument, repository: RepositoryStore): void {
    if (this.#options.subjects !== 'required' || subject === undefined) return;
    if (repository.manifests.has(subject.digest)) return;
    const detail = { digest: subject.digest };
    throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', detail);
  }

  #checkMutable(repository: RepositoryStore, tag: string): void {
    if (!isTagName(tag)) throw new Refusal(400, 'TAG_INVALID', `invalid tag ${tag}`);
    const { immutableTags } = this.#options;
    if (immutableTags === undefined || !immutableTags.test(tag) || !repository.tags.has(tag)) return;
    throw new Refusal(400, 'TAG_INVALID', `The image tag '${tag}' already exists and cannot be overwritten.`);
  }

  /** With refuseParallelWrites: what to call when the write is done. */
  #claim(key: string): (() => void) | undefined {
    if (this.#options.refuseParallelWrites !== true) return undefined;
    if (this.#writing.has(key)) throw new Refusal(409, 'UNKNOWN', 'the manifest is being written');
    this.#writing.add(key);
    return () => this.#writing.delete(key);
  }

  #created({ request, name }: ManifestCall, manifest: StoredManifest): Answer {
    const subject = this.#options.referrers === false ? undefined : manifest.document.subject;
    return {
      status: 201,
      headers: {
        location: `${request.url.origin}/v2/${name}/manifests/${manifest.digest}`,
        ...this.#digestHeader('PUT', manifest.digest),
        ...(subject !== undefined && { 'oci-subject': subject.digest }),
      },
    };
  }

  #delete(call: ManifestCall): Answer {
    const { repository, reference } = call;
    if (!isDigestText(reference)) this.#checkTagDelete();
    if (repository.find(reference) === undefined)
      throw new Refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown', unknownDetail(call));
    if (isDigestText(reference)) repository.removeManifest(reference);
    else this.#deleteTag(repository, reference);
    return { status: 202, headers: {} };
  }

  // CNCF distribution 2 refuses before it looks for the tag.
  #checkTagDelete(): void {
    const { tagDelete } = this.#options;
    if (tagDelete === 400)
      throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    if (tagDelete === 405) throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
  }

  #deleteTag(repository: RepositoryStore, tag: string): void {
    const digest = repository.tags.get(tag);
    if (this.#options.tagDelete === 'digest' && digest !== undefined) repository.removeManifest(digest);
    else repository.removeTag(tag);
  }

  #digestHeader(method: string, digest: string): Record<string, string> {
    const hidden: readonly string[] = this.#options.noDigestHeader ?? [];
    return hidden.includes(method) ? {} : { 'docker-content-digest': digest };
  }
}

/** As CNCF distribution writes it. */
function unknownDetail({ name, reference }: ManifestCall): unknown {
  return isDigestText(reference) ? { Name: name, Revision: reference } : { Tag: reference };
}

function checkReference(reference: string): void {
  if (isDigestText(reference)) return;
  if (reference.includes(':')) throw new Refusal(400, 'DIGEST_INVALID', `invalid digest ${reference}`);
  if (!isTagName(reference)) throw new Refusal(400, 'TAG_INVALID', `invalid tag ${reference}`);
}

async function readManifestBytes(request: WireRequest): Promise<Buffer> {
  try {
    return await readBody(request, manifestLimit);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    throw new Refusal(413, 'SIZE_INVALID', 'manifest is larger than 4 MiB');
  }
}

/** RFC 9110 §12.5.1 without weights; no Accept at all is taken for Docker's types, as distribution does. */
function accepts(request: WireRequest, mediaType: string): boolean {
  const accept = requestHeader(request, 'accept');
  if (accept === undefined) return mediaType.startsWith('application/vnd.docker.');
  const ranges = accept.split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase());
  return ranges.some((range) => range === mediaType || range === '*/*' || range === 'application/*');
}

/** Everything a manifest points at must be there, in its right size. */
function checkContent(document: ManifestDocument, repository: RepositoryStore): void {
  const children = document.manifests !== undefined;
  for (const descriptor of descriptorsOf(document)) {
    const size = sizeHeld(descriptor, children, repository);
    if (size === undefined)
      throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', {
        digest: descriptor.digest,
      });
    if (size !== descriptor.size)
      throw new Refusal(
        400,
        'SIZE_INVALID',
        `${descriptor.digest} has ${size} bytes, not ${descriptor.size}`,
      );
  }
}

type Children = boolean;

function sizeHeld(
  descriptor: DescriptorDocument,
  children: Children,
  repository: RepositoryStore,
): number | undefined {
  if (children) {
    const child = repository.manifests.get(descriptor.digest);
    if (child !== undefined && child.mediaType !== descriptor.mediaType)
      throw new Refusal(400, 'MANIFEST_INVALID', `${descriptor.digest} is ${child.mediaType}`);
    return child?.bytes.length;
  }
  const foreign = descriptor.urls !== undefined && descriptor.urls.length > 0;
  return foreign ? descriptor.size : repository.blobs.get(descriptor.digest)?.size;
}

/** Descriptors of all manifests in a repository whose subject has this digest, as the referrers API lists them. */
export function referrersOf(repository: RepositoryStore, subject: string): DescriptorDocument[] {
  const referring = [...repository.manifests.values()].filter(
    ({ document }) => document.subject?.digest === subject,
  );
  return referring.map(({ document, mediaType, digest, bytes }) => {
    const artifactType =
      document.artifactType ?? (isIndex(mediaType) ? undefined : document.config?.mediaType);
    const { annotations } = document;
    return {
      mediaType,
      digest,
      size: bytes.length,
      ...(annotations !== undefined && { annotations }),
      ...(artifactType !== undefined && { artifactType }),
    };
  });
}
