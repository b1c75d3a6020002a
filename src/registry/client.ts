import { type HttpResponse, header, redacted } from '../http/message.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestMatches, isDigest } from '../oci/digest.ts';
import { type Manifest, manifestLimit } from '../oci/manifest.ts';
import { essence, manifestAccept } from '../oci/media-types.ts';
import type { Repository } from '../oci/reference.ts';
import { ActionError, RegistryError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { Call, Exchange } from './exchange.ts';
import { corrupted, manifestOf, rereadOnMismatch } from './manifest-response.ts';
import { isWebPage, notARegistry, type Operation, registryError } from './refusal.ts';

/** What a registry says a tag or digest holds, without its bytes. */
export interface ManifestHead {
  readonly digest: Digest;
  /** Lower-case, without parameters; empty when the registry does not say. */
  readonly mediaType: string;
}

/** What a registry accepted. */
export interface Receipt {
  readonly repository: Repository;
  /** The tag or digest it was pushed under. */
  readonly name: string;
  readonly digest: Digest;
  /** `digest`: the registry named our digest for what it holds now; `status`: it only said 201. */
  readonly proof: 'digest' | 'status';
  /** The subject that the registry processed, from OCI-Subject. */
  readonly subject?: string | undefined;
}

/** Largest config, or other small blob, that is read whole: 4 MiB. */
export const smallBlobLimit = manifestLimit;

const refusalLimit = 64 * 1024;
/** Different Warning headers that are shown, and characters of one. */
const maxWarnings = 50;
const maxWarningLength = 500;

/**
 * Speaks the distribution API for manifests and for reading blobs.
 * Digests are computed from bytes; a header's digest is only ever compared with them.
 */
export class RegistryClient {
  readonly #exchange: Exchange;
  readonly #observer: Observer;
  readonly #warned = new Set<string>();

  constructor(exchange: Exchange, observer: Observer) {
    this.#exchange = exchange;
    this.#observer = observer;
  }

  /** Declares what the run will do in a repository, so that one token serves all of it. */
  declareAccess(repository: Repository, actions: Call['actions']): void {
    this.#exchange.declareAccess(repository, actions);
  }

  /** Makes a call of the API; Warning headers are shown once. */
  async call(call: Call): Promise<HttpResponse> {
    const response = await this.#exchange.call(call);
    for (const warning of response.headers.get('warning') ?? []) this.#warnOnce(call.repository, warning);
    return response;
  }

  /**
   * What a tag or digest holds, or undefined when the registry has no such manifest.
   * A registry that refuses HEAD or leaves the digest out is asked with GET instead.
   */
  async headManifest(
    repository: Repository,
    name: string,
    priority?: 'background',
  ): Promise<ManifestHead | undefined> {
    const response = await this.call(this.#manifestCall('HEAD', repository, name, priority));
    if (response.status === 404) return undefined;
    const digest = header(response.headers, 'docker-content-digest');
    if (response.status === 200 && digest !== undefined && isDigest(digest) && !isWebPage(response)) {
      return { digest, mediaType: essence(header(response.headers, 'content-type') ?? '') };
    }
    return this.findManifest(repository, name);
  }

  /**
   * The manifest a tag or digest names; throws RegistryError NOT_FOUND, AuthError, IntegrityError. `size`: the
   * bytes it is said to have, beyond which hardly any more are read.
   */
  async getManifest(repository: Repository, name: string, size: number = manifestLimit): Promise<Manifest> {
    const limit = roomFor(size);
    return rereadOnMismatch(async () => {
      const response = await this.call({
        ...this.#manifestCall('GET', repository, name),
        maxBodyBytes: limit,
      });
      if (response.status !== 200 || isWebPage(response)) {
        throw registryError(response, { method: 'GET', repository, verb: 'pull from', subject: name });
      }
      return manifestOf(response, repository, name);
    });
  }

  /** Like getManifest, but undefined when the registry has no such manifest. */
  async findManifest(repository: Repository, name: string, size?: number): Promise<Manifest | undefined> {
    try {
      return await this.getManifest(repository, name, size);
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /**
   * Pushes a manifest under a tag or its digest. Before a further try the name is read: what took effect
   * is not written twice. An answer other than 201 with our digest counts only once a read confirms it.
   */
  async putManifest(repository: Repository, name: string, manifest: Manifest): Promise<Receipt> {
    const call: Call = {
      ...this.#manifestCall('PUT', repository, name),
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
      maxBodyBytes: refusalLimit,
      actions: ['pull', 'push'],
      alreadyApplied: () => this.#settled(repository, name, manifest),
    };
    const response = await this.call(call);
    if (response.status >= 300) throw registryError(response, { ...pushDeed, repository, subject: name });
    const proof = await this.#confirm(response, repository, name, manifest);
    const subject = header(response.headers, 'oci-subject');
    return { repository, name, digest: manifest.digest, proof, subject };
  }

  /** Whether the repository holds a blob; a refused HEAD counts as no. */
  async hasBlob(repository: Repository, digest: Digest): Promise<boolean> {
    const response = await this.call({
      method: 'HEAD',
      repository,
      target: `/v2/${repository.path}/blobs/${digest}`,
      maxBodyBytes: refusalLimit,
      actions: ['pull'],
    });
    return response.status === 200 && !isWebPage(response);
  }

  /** Reads a small blob whole; throws IntegrityError when its bytes are not the descriptor's. */
  async getBlob(repository: Repository, descriptor: Descriptor): Promise<Uint8Array> {
    return rereadOnMismatch(async () => {
      const response = await this.call(
        this.#blobCall(repository, descriptor.digest, roomFor(descriptor.size)),
      );
      const deed: Operation = { method: 'GET', repository, verb: 'pull from', subject: descriptor.digest };
      if (response.status !== 200 || isWebPage(response)) throw registryError(response, deed);
      if (response.body.byteLength !== descriptor.size || !digestMatches(response.body, descriptor.digest)) {
        throw corrupted(repository, descriptor.digest);
      }
      return response.body;
    });
  }

  /** Opens a blob from `offset` bytes in; the reader checks digest and size. */
  async openBlob(
    repository: Repository,
    descriptor: Descriptor,
    offset: number,
  ): Promise<AsyncIterable<Uint8Array>> {
    const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const call = this.#blobCall(repository, descriptor.digest, refusalLimit);
    const response = await this.call({ ...call, headers, answer: 'stream' });
    if (response.stream === undefined || isWebPage(response)) {
      throw registryError(response, {
        method: 'GET',
        repository,
        verb: 'pull from',
        subject: descriptor.digest,
      });
    }
    // A server that knows no ranges answers 200 with everything.
    return response.status === 206 ? response.stream : skipping(response.stream, offset);
  }

  #blobCall(repository: Repository, digest: Digest, limit: number): Call {
    return {
      method: 'GET',
      repository,
      target: `/v2/${repository.path}/blobs/${digest}`,
      maxBodyBytes: limit,
      actions: ['pull'],
    };
  }

  #manifestCall(method: Call['method'], repository: Repository, name: string, priority?: 'background'): Call {
    return {
      method,
      repository,
      target: `/v2/${repository.path}/manifests/${name}`,
      headers: { accept: manifestAccept },
      maxBodyBytes: manifestLimit,
      actions: ['pull'],
      priority,
    };
  }

  // Asked between two tries of a write: one look, and when that fails too the write is simply tried again.
  async #settled(
    repository: Repository,
    name: string,
    manifest: Manifest,
  ): Promise<HttpResponse | undefined> {
    try {
      const response = await this.call({ ...this.#manifestCall('HEAD', repository, name), tries: 'one' });
      const digest = header(response.headers, 'docker-content-digest');
      return response.status === 200 && digest === manifest.digest ? { ...response, status: 201 } : undefined;
    } catch (error) {
      if (error instanceof ActionError) return undefined;
      throw error;
    }
  }

  async #confirm(
    response: HttpResponse,
    repository: Repository,
    name: string,
    manifest: Manifest,
  ): Promise<Receipt['proof']> {
    const digest = header(response.headers, 'docker-content-digest');
    if (response.status === 201 && digest === undefined) return 'status';
    if (response.status === 201 && digest === manifest.digest) return 'digest';
    const held = await this.findManifest(repository, name);
    if (held?.digest === manifest.digest) return 'digest';
    throw isWebPage(response) ? notARegistry(response) : notStored(response, repository, name);
  }

  #warnOnce(repository: Repository, warning: string): void {
    const text = `${repository.registry} warns: ${warning.slice(0, maxWarningLength)}`;
    if (this.#warned.has(text) || this.#warned.size === maxWarnings) return;
    this.#warned.add(text);
    this.#observer.warning(text);
  }
}

/** Bytes to accept of what should have `size`: room for a page or a few too many, so that it is told what came instead. */
function roomFor(size: number): number {
  return Math.min(Math.max(size, refusalLimit), smallBlobLimit);
}

const pushDeed = { method: 'PUT', verb: 'push to' } as const;

function notStored(response: HttpResponse, repository: Repository, name: string): RegistryError {
  const failure = { method: 'PUT', url: redacted(response.url), status: response.status, codes: [] };
  return new RegistryError(
    'NOT_STORED',
    `${repository.registry} answered the push of ${repository.path} (${name}) with ${response.status} but does not serve it`,
    failure,
    {
      hint: 'Only a read that gives our bytes counts. Check what stands between this runner and the registry.',
    },
  );
}

async function* skipping(stream: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const chunk of stream) {
    if (left < chunk.byteLength) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
  }
}
