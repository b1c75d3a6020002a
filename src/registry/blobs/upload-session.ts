import { type BodySource, type HttpResponse, header, redacted } from '../../http/message.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { ActionError, AuthError, IntegrityError, RegistryError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import type { Call } from '../exchange.ts';
import { isWebPage, notARegistry, registryError } from '../refusal.ts';

const refusalLimit = 64 * 1024;

/** Opens an upload (OCI distribution-spec 1.1, «Pushing blobs»); throws RegistryError or AuthError. */
export async function openUpload(client: RegistryClient, repository: Repository): Promise<UploadSession> {
  const response = await client.call({
    method: 'POST',
    repository,
    target: `/v2/${repository.path}/blobs/uploads/`,
    maxBodyBytes: refusalLimit,
    actions: ['pull', 'push'],
  });
  if (response.status !== 202 || isWebPage(response)) throw refused(response, 'POST', repository, 'upload');
  return new UploadSession(client, repository, response);
}

/** An upload that a registry has opened: takes one blob, all at once or in chunks. */
export class UploadSession {
  readonly #client: RegistryClient;
  readonly #repository: Repository;
  #location: URL;
  /** The least bytes of a chunk that is not the last, when the registry says that it wants chunks. */
  readonly minChunkSize: number | undefined;

  /** From the answer that opened it; throws RegistryError LOCATION when that leads elsewhere. */
  constructor(client: RegistryClient, repository: Repository, opened: HttpResponse) {
    this.#client = client;
    this.#repository = repository;
    this.#location = locationOf(opened, repository);
    const least = Number(header(opened.headers, 'oci-chunk-min-length') ?? Number.NaN);
    this.minChunkSize = Number.isSafeInteger(least) && least > 0 ? least : undefined;
  }

  /** Sends the whole blob, or what is left of it after the chunks, and ends the upload. */
  async finish(descriptor: Descriptor, body: Uint8Array | BodySource, length: number): Promise<void> {
    const { digest } = descriptor;
    const target = withQuery(this.#location, `digest=${encodeURIComponent(digest)}`);
    const response = await this.#send({ method: 'PUT', target, body, headers: contentHeaders(length) });
    if (response.status >= 300) throw refused(response, 'PUT', this.#repository, digest);
    await this.#confirm(response, digest);
  }

  /** Sends the bytes from `start` on that `chunk` makes up. */
  async append(descriptor: Descriptor, start: number, chunk: readonly Uint8Array[]): Promise<void> {
    const length = chunk.reduce((sum, piece) => sum + piece.byteLength, 0);
    const headers = { ...contentHeaders(length), 'content-range': `${start}-${start + length - 1}` };
    const body: BodySource = () => piecesOf(chunk);
    const response = await this.#send({ method: 'PATCH', target: this.#location.href, body, headers });
    if (response.status >= 300 || isWebPage(response)) {
      throw refused(response, 'PATCH', this.#repository, descriptor.digest);
    }
    const taken = /-(\d+)$/.exec(header(response.headers, 'range') ?? '')?.[1];
    if (taken !== undefined && Number(taken) !== start + length - 1)
      throw this.#notStored(response, descriptor);
    this.#location = locationOf(response, this.#repository);
  }

  /** Gives the upload up; a registry that does not know how keeps it until it expires. */
  async cancel(): Promise<void> {
    // Nothing but an upload is ever deleted, whatever a registry calls one.
    if (!/\buploads\b/.test(this.#location.pathname)) return;
    try {
      await this.#send({ method: 'DELETE', target: this.#location.href, headers: {} });
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
    }
  }

  #send(call: Pick<Call, 'method' | 'target' | 'body' | 'headers'>): Promise<HttpResponse> {
    const { headers = {}, ...rest } = call;
    const actions: Call['actions'] = ['pull', 'push'];
    return this.#client.call({
      ...rest,
      headers,
      repository: this.#repository,
      maxBodyBytes: refusalLimit,
      actions,
      tries: 'one',
    });
  }

  // Only 201 with our digest, or a read, says that the blob is there.
  async #confirm(response: HttpResponse, digest: Digest): Promise<void> {
    if (isWebPage(response)) throw notARegistry(response);
    const said = header(response.headers, 'docker-content-digest');
    if (response.status === 201 && (said === undefined || said === digest)) return;
    if (await this.#client.hasBlob(this.#repository, digest)) return;
    throw this.#notStored(response, { digest });
  }

  #notStored(response: HttpResponse, { digest }: Pick<Descriptor, 'digest'>): IntegrityError {
    const { registry, path } = this.#repository;
    return new IntegrityError(
      'NOT_STORED',
      `${registry} answered the upload of ${digest} to ${path} with ${response.status} but does not hold all of it`,
      { hint: 'Check what stands between this runner and the registry.' },
    );
  }
}

function contentHeaders(length: number): Record<string, string> {
  return { 'content-type': 'application/octet-stream', 'content-length': String(length) };
}

// Text is appended, for a registry signs the query as it wrote it.
function withQuery(url: URL, parameter: string): string {
  const query = url.search === '' ? `?${parameter}` : `${url.search}&${parameter}`;
  return `${url.origin}${url.pathname}${query}`;
}

async function* piecesOf(chunk: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunk;
}

function refused(
  response: HttpResponse,
  method: string,
  repository: Repository,
  subject: string,
): ActionError {
  return registryError(response, { method, repository, verb: 'push to', subject });
}

function locationOf(response: HttpResponse, repository: Repository): URL {
  const location = header(response.headers, 'location');
  const url = location === undefined ? null : URL.parse(location, response.url.href);
  if (url !== null && url.origin === response.url.origin && url.username === '' && url.password === '') {
    return url;
  }
  const where = url === null ? 'nowhere' : `to ${redacted(url)}`;
  const failure = { method: 'POST', url: redacted(response.url), status: response.status, codes: [] };
  throw new RegistryError(
    'LOCATION',
    `${repository.registry} leads an upload to ${formatRepository(repository)} ${where}, not to itself`,
    failure,
    {
      hint: 'Uploads stay at the registry that was asked. If a proxy stands before it, let that pass on Host and X-Forwarded-Proto.',
    },
  );
}

/** A blob that is to appear in a repository of the registry that already holds it. */
export interface Mount {
  readonly digest: Digest;
  readonly from: Repository;
  readonly to: Repository;
}

/**
 * Asks a registry to show a blob in a second repository (OCI distribution-spec 1.1, «Mounting a blob from
 * another repository»). Instead it may open an upload; whatever else it answers is a refusal.
 */
export async function mountBlob(
  client: RegistryClient,
  { digest, from, to }: Mount,
): Promise<'mounted' | 'refused' | UploadSession> {
  const query = new URLSearchParams({ mount: digest, from: from.path });
  const response = await answerTo(client, to, `/v2/${to.path}/blobs/uploads/?${query}`);
  if (response === undefined || isWebPage(response)) return 'refused';
  if (response.status === 201) return 'mounted';
  return response.status === 202 ? new UploadSession(client, to, response) : 'refused';
}

// A login that may not read the other repository by a push token can still do so by one of its own.
async function answerTo(
  client: RegistryClient,
  repository: Repository,
  target: string,
): Promise<HttpResponse | undefined> {
  try {
    const actions = ['pull', 'push'] as const;
    return await client.call({ method: 'POST', repository, target, maxBodyBytes: 64 * 1024, actions });
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}
