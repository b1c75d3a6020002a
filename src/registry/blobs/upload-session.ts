import {
  type BodySource,
  failureOf,
  type HttpResponse,
  header,
  maxShortBody,
  redacted,
} from '../../http/message.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { type ActionError, AuthError, IntegrityError, orFailure, RegistryError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import { formatTarget, isSuccess, registryError } from '../refusal.ts';
import type { RegistryRequest } from '../registry-request.ts';

/** Opens an upload (OCI distribution-spec 1.1, "Pushing blobs"); throws RegistryError or AuthError. */
export async function openUpload(client: RegistryClient, repository: Repository): Promise<UploadSession> {
  const response = await client.send(openRequest(repository));
  if (!isSuccess(response, 202)) {
    throw registryError(response, { method: 'POST', verb: 'push', repository, name: undefined });
  }
  return new UploadSession(client, repository, response);
}

/** An upload that a registry has opened: takes one blob, whole or in chunks. */
export class UploadSession {
  readonly #client: RegistryClient;
  readonly #repository: Repository;
  #location: URL;
  /** Bytes of every chunk but the last, at least, when the registry asks for chunks. */
  readonly minChunkSize: number | undefined;

  /** From the answer that opened it; throws RegistryError LOCATION when that leads to another host. */
  constructor(client: RegistryClient, repository: Repository, opened: HttpResponse) {
    this.#client = client;
    this.#repository = repository;
    this.#location = locationOf(opened, repository);
    const size = Number(header(opened.headers, 'oci-chunk-min-length') ?? Number.NaN);
    this.minChunkSize = Number.isSafeInteger(size) && size > 0 ? size : undefined;
  }

  /** Sends the whole blob, or the rest of it after the chunks, and ends the upload. */
  async finish({ digest }: Descriptor, body: Uint8Array | BodySource, length: number): Promise<void> {
    const target = withQuery(this.#location, `digest=${encodeURIComponent(digest)}`);
    const response = await this.#send({ method: 'PUT', target, body, headers: contentHeaders(length) });
    if (!isSuccess(response)) throw this.#refused(response, 'PUT', digest);
    await this.#confirm(response, digest);
  }

  /** Sends the bytes of `chunk`, which begin at `start`. */
  async append({ digest }: Descriptor, start: number, chunk: readonly Uint8Array[]): Promise<void> {
    const length = chunk.reduce((sum, piece) => sum + piece.byteLength, 0);
    const headers = { ...contentHeaders(length), 'content-range': `${start}-${start + length - 1}` };
    const body: BodySource = async function* () {
      yield* chunk;
    };
    const response = await this.#send({ method: 'PATCH', target: this.#location.href, body, headers });
    if (!isSuccess(response)) throw this.#refused(response, 'PATCH', digest);
    const end = /-(\d+)$/.exec(header(response.headers, 'range') ?? '')?.[1];
    if (end !== undefined && Number(end) !== start + length - 1) throw this.#notStored(response, digest);
    this.#location = locationOf(response, this.#repository);
  }

  /** Cancels the upload; a registry that does not support this keeps it until it expires. */
  async cancel(): Promise<void> {
    // Only an upload is ever deleted, whatever location a registry names.
    if (!isUpload(this.#location, this.#repository)) return;
    await orFailure(this.#send({ method: 'DELETE', target: this.#location.href, headers: {} }));
  }

  #send(request: Pick<RegistryRequest, 'method' | 'target' | 'body' | 'headers'>): Promise<HttpResponse> {
    return this.#client.send({
      ...request,
      repository: this.#repository,
      maxBodyBytes: maxShortBody,
      actions: ['pull', 'push'],
      tries: 'one',
    });
  }

  // Only 201 with our digest, or a read, proves that the blob is stored.
  async #confirm(response: HttpResponse, digest: Digest): Promise<void> {
    const stated = header(response.headers, 'docker-content-digest');
    if (response.status === 201 && (stated === undefined || stated === digest)) return;
    if (await this.#client.hasBlob(this.#repository, digest)) return;
    throw this.#notStored(response, digest);
  }

  #refused(response: HttpResponse, method: 'PUT' | 'PATCH', name: Digest): ActionError {
    return registryError(response, { method, verb: 'push', repository: this.#repository, name });
  }

  #notStored(response: HttpResponse, digest: Digest): IntegrityError {
    const blob = formatTarget(this.#repository, digest);
    const message = `${this.#repository.registry} answered the upload of ${blob} with ${response.status} but does not hold all of it`;
    return new IntegrityError('NOT_STORED', message, {
      hint: 'Check the proxies between this runner and the registry.',
    });
  }
}

function openRequest(repository: Repository, query = ''): RegistryRequest {
  return {
    method: 'POST',
    repository,
    target: `/v2/${repository.path}/blobs/uploads/${query}`,
    maxBodyBytes: maxShortBody,
    actions: ['pull', 'push'],
  };
}

function contentHeaders(length: number): Record<string, string> {
  return { 'content-type': 'application/octet-stream', 'content-length': String(length) };
}

// The query is extended as text, because registries sign it as they wrote it.
function withQuery(url: URL, parameter: string): string {
  const query = url.search === '' ? `?${parameter}` : `${url.search}&${parameter}`;
  return `${url.origin}${url.pathname}${query}`;
}

// The path of an upload in the repository, by its usual name; GHCR writes `upload`
// (https://github.com/hpc/charliecloud/issues/1501). Registries with paths of their own keep the upload until it expires.
function isUpload({ pathname }: URL, { path }: Repository): boolean {
  const prefix = `/v2/${path}/blobs/`;
  return pathname.startsWith(prefix) && /^uploads?\/[\w.~=+-]+$/.test(pathname.slice(prefix.length));
}

function locationOf(response: HttpResponse, repository: Repository): URL {
  const location = header(response.headers, 'location');
  const url = location === undefined ? null : URL.parse(location, response.url.href);
  if (url !== null && url.origin === response.url.origin && url.username === '' && url.password === '') {
    return url;
  }
  const problem = url === null ? 'named no usable location' : `named a location elsewhere, ${redacted(url)},`;
  const message = `${repository.registry} ${problem} for an upload to ${formatRepository(repository)}`;
  throw new RegistryError('LOCATION', message, failureOf('POST', response), {
    hint: 'If a proxy stands in front of the registry, let it pass on Host and X-Forwarded-Proto.',
  });
}

/**
 * Mounts a blob in a second repository (OCI distribution-spec 1.1, "Mounting a blob from another repository").
 * The registry may open an upload instead; any other answer is a refusal.
 */
export async function mountBlob(
  client: RegistryClient,
  digest: Digest,
  from: Repository,
  to: Repository,
): Promise<'mounted' | 'refused' | UploadSession> {
  const query = new URLSearchParams({ mount: digest, from: from.path });
  const response = await client.send(openRequest(to, `?${query}`)).catch(refusedLogin);
  if (response === 'refused') return 'refused';
  if (isSuccess(response, 201)) return 'mounted';
  return isSuccess(response, 202) ? new UploadSession(client, to, response) : 'refused';
}

// A login whose push token may not read the other repository can still read it with a token for that one.
function refusedLogin(error: unknown): 'refused' {
  if (error instanceof AuthError) return 'refused';
  throw error;
}
