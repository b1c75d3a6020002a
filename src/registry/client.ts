import type { RunAccess } from '../auth/authorizer.ts';
import type { Grant } from '../auth/scope.ts';
import { type HttpResponse, header, type Method, maxShortBody, type Send } from '../http/message.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestMatches, isDigest } from '../oci/digest.ts';
import { type Manifest, manifestLimit } from '../oci/manifest.ts';
import { essence, manifestAccept } from '../oci/media-types.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { ActionError, orFailure, RegistryError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { ManifestBudget } from './manifest-budget.ts';
import { corrupted, manifestOf, rereadOnMismatch } from './manifest-response.ts';
import { isSuccess, isWebPage, notARegistry, notStored, registryError } from './refusal.ts';
import type { RegistryRequest } from './registry-request.ts';

/** A tag's or digest's manifest as the registry describes it, without its bytes. */
interface ManifestHead {
  readonly digest: Digest;
  /** Lower-case, without parameters; empty when the registry does not say. */
  readonly mediaType: string;
}

/** A registry's confirmation of a push. */
export interface Receipt {
  readonly repository: Repository;
  readonly name: string;
  readonly digest: Digest;
  /** `digest`: the registry named our digest; `status`: it only answered 201. */
  readonly proof: 'digest' | 'status';
  /** The subject that the registry processed, from OCI-Subject. */
  readonly subject?: string | undefined;
}

/** Tags of one listing, and bytes of its answer. */
const maxListedTags = 1000;
const maxTagListBytes = 256 * 1024;
const maxWarnings = 50;
const maxWarningLength = 500;

/**
 * Speaks the distribution API for manifests and for reading blobs.
 * Digests are computed from bytes; a header's digest is only ever compared with them.
 */
export class RegistryClient {
  readonly #send: Send<RegistryRequest>;
  readonly #authorizer: RunAccess;
  readonly #observer: Observer;
  readonly #warned = new Set<string>();
  readonly #written = new Set<string>();
  readonly budget = new ManifestBudget();

  constructor(send: Send<RegistryRequest>, authorizer: RunAccess, observer: Observer) {
    this.#send = send;
    this.#authorizer = authorizer;
    this.#observer = observer;
  }

  /** Declares access that the run will need in a repository, so that one token serves all of it. */
  declareAccess(repository: Repository, actions: RegistryRequest['actions']): void {
    if (actions.includes('push')) this.#written.add(formatRepository(repository));
    this.#authorizer.declareAccess(repository.registry, { repository: repository.path, actions });
  }

  /** Whether a login may be sent for a repository. */
  mayLogIn({ registry, path }: Repository): Promise<boolean> {
    return this.#authorizer.mayLogIn(registry, path);
  }

  /**
   * Whether a push to a repository would be allowed: asks for a token to push, and only reads with it. Throws AuthError
   * when the token server denies that.
   */
  async pushGrant(repository: Repository, tag: string): Promise<Grant> {
    const actions = ['pull', 'push'] as const;
    await this.send({ ...manifestRequest('HEAD', repository, tag), actions });
    return this.#authorizer.grants(repository.registry, { repository: repository.path, actions });
  }

  /** Sends a request of the API; shows each Warning header once. */
  async send(request: RegistryRequest): Promise<HttpResponse> {
    const response = await this.#send(request);
    for (const warning of response.headers.get('warning') ?? []) this.#warnOnce(request.repository, warning);
    return response;
  }

  /**
   * The digest and media type of a tag or digest, or undefined when the registry has no such manifest.
   * A registry that refuses HEAD (https://github.com/containerd/containerd/pull/6684) or leaves the digest out
   * (https://github.com/distribution/distribution/issues/3792) gets a GET instead.
   */
  async headManifest(
    repository: Repository,
    name: string,
    priority?: 'background',
  ): Promise<ManifestHead | undefined> {
    const response = await this.send({ ...manifestRequest('HEAD', repository, name), priority });
    if (response.status === 404) return undefined;
    const digest = header(response.headers, 'docker-content-digest');
    if (isSuccess(response, 200) && digest !== undefined && isDigest(digest)) {
      return { digest, mediaType: essence(header(response.headers, 'content-type') ?? '') };
    }
    return this.findManifest(repository, name);
  }

  /**
   * The manifest of a tag or digest, counted in the budget; throws RegistryError NOT_FOUND, AuthError, IntegrityError,
   * ActionError MEMORY_BUDGET. `size`: the bytes it should have; not many more are read.
   */
  async getManifest(
    repository: Repository,
    name: string,
    size: number = manifestLimit,
    priority?: 'background',
  ): Promise<Manifest> {
    const request = { ...manifestRequest('GET', repository, name), maxBodyBytes: maxBodyFor(size), priority };
    return rereadOnMismatch(async () => {
      const response = await this.send(request);
      if (!isSuccess(response, 200)) {
        const isWritten = this.#written.has(formatRepository(repository));
        throw registryError(response, { method: 'GET', verb: 'pull', repository, name, isWritten });
      }
      return this.budget.counted(manifestOf(response, repository, name));
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
   * Pushes a manifest under a tag or its digest. Before a further attempt the name is read: a push that took effect
   * is not repeated, and `beforeRepeat` may throw to prevent the attempt. An answer other than 201 with our digest, such
   * as Quay's 202 (https://github.com/containers/image/issues/381), counts only once a read confirms it.
   */
  async putManifest(
    repository: Repository,
    name: string,
    manifest: Manifest,
    beforeRepeat?: () => Promise<void>,
  ): Promise<Receipt> {
    const response = await this.send({
      ...manifestRequest('PUT', repository, name),
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
      maxBodyBytes: maxShortBody,
      actions: ['pull', 'push'],
      alreadyApplied: async () => {
        const applied = await this.#alreadyApplied(repository, name, manifest);
        if (applied === undefined) await beforeRepeat?.();
        return applied;
      },
    });
    if (response.status >= 300) {
      throw registryError(response, { method: 'PUT', verb: 'push', repository, name, manifest });
    }
    const proof = await this.#confirm(response, repository, name, manifest);
    const subject = header(response.headers, 'oci-subject');
    return { repository, name, digest: manifest.digest, proof, subject };
  }

  /**
   * The tags of a repository, at most one answer's worth, for hints; none when the registry does not list them
   * (distribution-spec, "Listing Tags").
   */
  async listTags(repository: Repository): Promise<readonly string[]> {
    const target = `/v2/${repository.path}/tags/list?n=${maxListedTags}`;
    const list = { method: 'GET', repository, target, actions: ['pull'], tries: 'one' } as const;
    try {
      const { status, body } = await this.send({ ...list, maxBodyBytes: maxTagListBytes });
      if (status !== 200) return [];
      const { tags } = JSON.parse(Buffer.from(body).toString('utf8')) as { tags?: unknown };
      const names = Array.isArray(tags) ? tags.slice(0, maxListedTags) : [];
      return names.filter(
        (name): name is string => typeof name === 'string' && /^\w[\w.-]{0,127}$/.test(name),
      );
    } catch {
      return [];
    }
  }

  /** Whether the repository holds a blob; a refused HEAD counts as no. */
  async hasBlob(repository: Repository, digest: Digest): Promise<boolean> {
    return isSuccess(await this.send(blobRequest('HEAD', repository, digest)), 200);
  }

  /** Reads a small blob whole; throws IntegrityError when its bytes are not the descriptor's. */
  async getBlob(repository: Repository, { digest, size }: Descriptor): Promise<Uint8Array> {
    const request = { ...blobRequest('GET', repository, digest), maxBodyBytes: maxBodyFor(size) };
    return rereadOnMismatch(async () => {
      const response = await this.send(request);
      if (!isSuccess(response, 200)) {
        throw registryError(response, { method: 'GET', verb: 'pull', repository, name: digest });
      }
      if (response.body.byteLength !== size || !digestMatches(response.body, digest)) {
        throw corrupted(repository, digest);
      }
      return response.body;
    });
  }

  /** Opens a blob from `offset` bytes in; the reader checks digest and size. */
  async openBlob(
    repository: Repository,
    { digest }: Descriptor,
    offset: number,
  ): Promise<AsyncIterable<Uint8Array>> {
    const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const request = blobRequest('GET', repository, digest);
    const response = await this.send({ ...request, headers, answer: 'stream' });
    if (response.stream === undefined || !isSuccess(response)) {
      throw registryError(response, { method: 'GET', verb: 'pull', repository, name: digest });
    }
    // A server that does not support ranges answers 200 with everything.
    return response.status === 206 ? response.stream : skipping(response.stream, offset);
  }

  // One request only: if it fails too, the write is simply tried again.
  async #alreadyApplied(repository: Repository, name: string, manifest: Manifest) {
    const head = this.send({ ...manifestRequest('HEAD', repository, name), tries: 'one' });
    const response = await orFailure(head);
    if (response instanceof ActionError) return undefined;
    const digest = header(response.headers, 'docker-content-digest');
    return response.status === 200 && digest === manifest.digest ? { ...response, status: 201 } : undefined;
  }

  async #confirm(response: HttpResponse, repository: Repository, name: string, manifest: Manifest) {
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

/** A request for the manifest of a tag or digest. */
export function manifestRequest(method: Method, repository: Repository, name: string): RegistryRequest {
  return {
    method,
    repository,
    target: `/v2/${repository.path}/manifests/${name}`,
    headers: { accept: manifestAccept },
    maxBodyBytes: manifestLimit,
    actions: ['pull'],
  };
}

function blobRequest(method: 'GET' | 'HEAD', repository: Repository, digest: Digest): RegistryRequest {
  const target = `/v2/${repository.path}/blobs/${digest}`;
  return { method, repository, target, maxBodyBytes: maxShortBody, actions: ['pull'] };
}

/** Bytes to read of content that should have `size`: room for a web page or some extra bytes, for a better error. */
function maxBodyFor(size: number): number {
  return Math.min(Math.max(size, maxShortBody), manifestLimit);
}

async function* skipping(stream: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const chunk of stream) {
    if (left < chunk.byteLength) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.byteLength);
  }
}
