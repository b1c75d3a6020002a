/** A registry that is a few maps, and the real client before it: no sockets, no files, no time. */

import { authorized } from '../../../src/auth/authorized.ts';
import type { Authorizer, RunAccess } from '../../../src/auth/authorizer.ts';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import { HostLimiters, limited } from '../../../src/http/host-limiter.ts';
import type { HttpRequest, HttpResponse, Send } from '../../../src/http/message.ts';
import { redirected, registryRedirects } from '../../../src/http/redirect.ts';
import { retried, standardRetries } from '../../../src/http/retry.ts';
import { answering } from '../../../src/http/silent-host.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { type Manifest, parseManifest } from '../../../src/oci/manifest.ts';
import { parseReference, type Repository } from '../../../src/oci/reference.ts';
import { RegistryClient } from '../../../src/registry/client.ts';
import { Endpoints, located } from '../../../src/registry/located.ts';
import type { RegistryRequest } from '../../../src/registry/registry-request.ts';
import { AuthError } from '../../../src/run/errors.ts';
import type { Observer } from '../../../src/run/observer.ts';
import type { TestContent } from '../images/images.ts';
import type { StoredBlob } from '../registry/registry-store.ts';
import { type AnswerParts, answer, FakeClock, Told } from './wire-rig.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Changes an answer, or gives another one; undefined leaves it as it is. */
export type Trouble = (
  request: HttpRequest,
  proceed: () => HttpResponse,
) => HttpResponse | undefined | Promise<HttpResponse | undefined>;

/** Manifests, blobs and tags by `host/path`. */
export class MemoryRegistry {
  /** `HEAD /v2/acme/app/manifests/latest`, in the order they came. */
  readonly requests: string[] = [];
  readonly clock = new FakeClock();
  readonly #manifests = new Map<string, Stored>();
  readonly #tags = new Map<string, Digest>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #troubles: Trouble[] = [];

  /** Puts something in the way of requests; the first that answers wins. */
  trouble(trouble: Trouble): void {
    this.#troubles.push(trouble);
  }

  /** Writes, `PUT …` alone. */
  get writes(): readonly string[] {
    return this.requests.filter((text) => text.startsWith('PUT'));
  }

  /** Holds content with all that is under it, under a tag or only by digest; returns it as a manifest. */
  hold(repository: string, content: TestContent, tag?: string): Manifest {
    for (const child of content.children) this.hold(repository, child);
    for (const [digest, blob] of content.blobs) this.#blobs.set(`${repository}@${digest}`, bytesOf(blob));
    const digest = content.digest as Digest;
    this.#manifests.set(`${repository}@${digest}`, content);
    if (tag !== undefined) this.setTag(repository, tag, digest);
    return manifestOf(content);
  }

  setTag(repository: string, tag: string, digest: Digest | undefined): void {
    if (digest === undefined) this.#tags.delete(`${repository}:${tag}`);
    else this.#tags.set(`${repository}:${tag}`, digest);
  }

  tag(repository: string, tag: string): Digest | undefined {
    return this.#tags.get(`${repository}:${tag}`);
  }

  /** Forgets a manifest or blob. */
  lose(repository: string, digest: string): void {
    this.#manifests.delete(`${repository}@${digest}`);
    this.#blobs.delete(`${repository}@${digest}`);
  }

  readonly send: Send = async (request) => {
    this.requests.push(`${request.method} ${request.url.pathname}`);
    const proceed = (): HttpResponse => this.#answer(request);
    for (const trouble of this.#troubles) {
      const changed = await trouble(request, proceed);
      if (changed !== undefined) return changed;
    }
    return proceed();
  };

  #answer(request: HttpRequest): HttpResponse {
    const { method, url } = request;
    const found = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname);
    const [, path = '', kind = '', name = ''] = found ?? [];
    const repository = `${url.host}/${path}`;
    const reply = (status: number, parts: AnswerParts = {}) => answer(status, { ...parts, url: url.href });
    if (kind === 'manifests' && method === 'PUT') return reply(201, this.#put(repository, name, request));
    const digest = name.includes(':') ? name : (this.#tags.get(`${repository}:${name}`) ?? 'none');
    const key = `${repository}@${digest}`;
    const stored = kind === 'manifests' ? this.#manifests.get(key) : blobOf(this.#blobs.get(key));
    if (stored === undefined) return reply(404, { body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' });
    const headers = { 'content-type': stored.mediaType, 'docker-content-digest': digest };
    return reply(200, { headers, body: method === 'HEAD' ? '' : stored.bytes });
  }

  #put(repository: string, name: string, request: HttpRequest): AnswerParts {
    const bytes = request.body as Uint8Array;
    const digest = digestOf(bytes);
    this.#manifests.set(`${repository}@${digest}`, {
      bytes,
      mediaType: request.headers['content-type'] ?? '',
    });
    if (!name.includes(':')) this.setTag(repository, name, digest);
    return { headers: { 'docker-content-digest': digest } };
  }
}

function bytesOf(blob: StoredBlob): Uint8Array {
  return Buffer.concat([...((blob.read?.(0, blob.size) ?? []) as Iterable<Uint8Array>)]);
}

function blobOf(bytes: Uint8Array | undefined): Stored | undefined {
  return bytes && { bytes, mediaType: 'application/octet-stream' };
}

/** Content as the client reads it. */
export function manifestOf(content: TestContent): Manifest {
  return parseManifest(content.bytes, content.mediaType);
}

export interface ClientParts {
  readonly observer?: Observer;
  readonly authorizer?: Authorizer & RunAccess;
  readonly credentials?: Credentials;
  readonly insecure?: readonly string[];
}

const noLogin: Credentials = {
  find: async () => ({ kind: 'anonymous', source: 'no login' }),
  mayFind: async () => false,
  headers: async () => ({}),
};

const noAuthorizer: Authorizer & RunAccess = {
  declareAccess: () => undefined,
  grants: () => 'unknown',
  mayLogIn: async () => false,
  enter: (_request, job) => job({}),
  challenged: async () => {
    throw new AuthError('UNAUTHORIZED', 'no login');
  },
};

/** The layers of the client over a transport, on a fake clock. */
export function layersOver(send: Send, clock: FakeClock, parts: ClientParts = {}): Send<RegistryRequest> {
  const { authorizer = noAuthorizer, credentials = noLogin, insecure = [] } = parts;
  const wire = limited(answering(send, clock), new HostLimiters(clock));
  const registries = authorized(redirected(wire, registryRedirects()), authorizer, credentials);
  return retried(located(registries, new Endpoints(new Set(insecure), wire)), standardRetries, clock);
}

/** The real client over a registry in memory. */
export function clientOf(registry: MemoryRegistry, parts: ClientParts = {}): RegistryClient {
  const { authorizer = noAuthorizer, observer = new Told() } = parts;
  return new RegistryClient(layersOver(registry.send, registry.clock, parts), authorizer, observer);
}

export function repositoryOf(text: string): Repository {
  return parseReference(text).repository;
}
