/** Upload endpoints (OCI distribution-spec, "Pushing blobs"). */
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type Answer, requestHeader, type WireRequest } from '../wire/wire.ts';
import { Refusal } from './registry-errors.ts';
import { isDigestText } from './registry-names.ts';
import type { RegistryOptions } from './registry-options.ts';
import {
  blobOf,
  digestText,
  type RegistryStore,
  type RepositoryStore,
  type StoredBlob,
} from './registry-store.ts';

export interface UploadCall {
  readonly request: WireRequest;
  readonly name: string;
  readonly repository: RepositoryStore;
  /** The session; absent when one is asked for. */
  readonly session?: string;
}

interface Upload {
  readonly id: string;
  readonly name: string;
  readonly hash: Hash;
  readonly chunks: Uint8Array[];
  size: number;
  /** Clients must return the latest Location with its query. */
  state: string;
}

export class UploadEndpoints {
  readonly #options: RegistryOptions;
  readonly #store: RegistryStore;
  readonly #uploads = new Map<string, Upload>();

  constructor(options: RegistryOptions, store: RegistryStore) {
    this.#options = options;
    this.#store = store;
  }

  /** Sessions that were opened and neither finished nor cancelled. */
  get open(): number {
    return this.#uploads.size;
  }

  async answer(call: UploadCall): Promise<Answer> {
    if (call.session === undefined) return this.#start(call);
    const upload = this.#find(call.name, call.session);
    switch (call.request.method) {
      case 'GET':
        return this.#progress(call, upload, 204);
      case 'PATCH':
        return this.#append(call, upload);
      case 'PUT':
        return this.#finish(call, upload);
      case 'DELETE':
        this.#uploads.delete(upload.id);
        return { status: 204, headers: {} };
      default:
        throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
    }
  }

  async #start(call: UploadCall): Promise<Answer> {
    if (call.request.method !== 'POST')
      throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
    const { searchParams } = call.request.url;
    const mounted = this.#mount(call);
    if (mounted !== undefined) return mounted;
    const upload = this.#open(call.name);
    if (!searchParams.has('digest')) return this.#progress(call, upload, 202);
    return this.#finish(call, upload);
  }

  #mount({ request, name, repository }: UploadCall): Answer | undefined {
    const { searchParams } = request.url;
    const digest = searchParams.get('mount');
    const from = searchParams.get('from');
    if (digest === null || from === null || this.#options.mount === false || !this.#store.has(from))
      return undefined;
    const blob = this.#store.repository(from).blobs.get(digest);
    if (blob === undefined) return undefined;
    repository.blobs.set(digest, blob);
    return created(request, name, digest);
  }

  #open(name: string): Upload {
    const upload = {
      id: randomUUID(),
      name,
      hash: createHash('sha256'),
      chunks: [],
      size: 0,
      state: randomUUID(),
    };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  #find(name: string, session: string): Upload {
    const upload = this.#uploads.get(session);
    if (upload === undefined || upload.name !== name)
      throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    return upload;
  }

  async #append(call: UploadCall, upload: Upload): Promise<Answer> {
    checkState(call.request, upload);
    const range = /^(\d+)-(\d+)$/.exec(requestHeader(call.request, 'content-range') ?? '');
    if (range !== null && Number(range[1]) !== upload.size)
      return { ...this.#progress(call, upload, 416), status: 416 };
    const before = upload.size;
    await this.#receive(call.request, upload);
    if (range !== null && upload.size - before !== Number(range[2]) - Number(range[1]) + 1)
      throw new Refusal(400, 'SIZE_INVALID', 'the chunk is not as long as its Content-Range');
    upload.state = randomUUID();
    return this.#progress(call, upload, 202);
  }

  async #finish(call: UploadCall, upload: Upload): Promise<Answer> {
    const { request, name, repository } = call;
    if (call.session !== undefined) checkState(request, upload);
    const digest = request.url.searchParams.get('digest') ?? '';
    if (!isDigestText(digest)) throw new Refusal(400, 'DIGEST_INVALID', `invalid digest ${digest}`);
    await this.#receive(request, upload);
    this.#uploads.delete(upload.id);
    if (digest !== digestOfUpload(upload, digest))
      throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    repository.blobs.set(digest, this.#kept(upload));
    return created(request, name, digest);
  }

  async #receive(request: WireRequest, upload: Upload): Promise<void> {
    const limit = this.#options.maxUploadBody ?? Number.POSITIVE_INFINITY;
    let received = 0;
    for await (const chunk of request.body) {
      received += chunk.length;
      if (received > limit)
        throw new Refusal(413, 'SIZE_INVALID', `a request body is at most ${limit} bytes`);
      upload.hash.update(chunk);
      upload.size += chunk.length;
      if (this.#options.discardBlobs !== true) upload.chunks.push(chunk);
    }
  }

  #kept(upload: Upload): StoredBlob {
    return this.#options.discardBlobs === true ? { size: upload.size } : blobOf(Buffer.concat(upload.chunks));
  }

  #progress({ request, name }: UploadCall, upload: Upload, status: number): Answer {
    const path = `/v2/${name}/blobs/uploads/${upload.id}?_state=${upload.state}`;
    return {
      status,
      headers: {
        location: this.#options.locations === 'relative' ? path : request.url.origin + path,
        range: `0-${Math.max(0, upload.size - 1)}`,
        'docker-upload-uuid': upload.id,
      },
    };
  }
}

function checkState(request: WireRequest, upload: Upload): void {
  if (request.url.searchParams.get('_state') !== upload.state)
    throw new Refusal(400, 'BLOB_UPLOAD_INVALID', 'the upload is not at this state: use the latest Location');
}

/** Only whole bodies can be hashed with sha512, since the session does not know the algorithm in advance. */
function digestOfUpload(upload: Upload, wanted: string): string {
  if (wanted.startsWith('sha512:')) return digestText(Buffer.concat(upload.chunks), 'sha512');
  return `sha256:${upload.hash.copy().digest('hex')}`;
}

function created(request: WireRequest, name: string, digest: string): Answer {
  return {
    status: 201,
    headers: {
      location: `${request.url.origin}/v2/${name}/blobs/${digest}`,
      'docker-content-digest': digest,
    },
  };
}
