/** The registry's side of the wire: which endpoint answers which path. */

import { type Answer, requestHeader, type UnauthorizedReason, type WireRequest } from '../wire/wire.ts';
import { setupHeader, type WireHandler } from '../wire/wire-server.ts';
import { Gatekeeper } from './registry-auth.ts';
import { answerBlob } from './registry-blobs.ts';
import { Refusal } from './registry-errors.ts';
import { listReferrers, listTags } from './registry-listings.ts';
import { ManifestEndpoints } from './registry-manifests.ts';
import { isRepositoryName, redirectedPrefix } from './registry-names.ts';
import type { RegistryOptions } from './registry-options.ts';
import { RegistryStore } from './registry-store.ts';
import { UploadEndpoints } from './registry-uploads.ts';

const apiVersion = { 'docker-distribution-api-version': 'registry/2.0' };

type Kind = 'base' | 'manifests' | 'blobs' | 'upload' | 'uploads' | 'tags' | 'referrers';

interface Route {
  readonly kind: Kind;
  readonly name?: string;
  readonly rest: string;
}

const routes: readonly { readonly kind: Kind; readonly path: RegExp }[] = [
  { kind: 'base', path: /^\/v2\/?()()$/ },
  { kind: 'manifests', path: /^\/v2\/(.+)\/manifests\/([^/]+)$/ },
  { kind: 'uploads', path: /^\/v2\/(.+)\/blobs\/uploads\/?()$/ },
  { kind: 'upload', path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/ },
  { kind: 'blobs', path: /^\/v2\/(.+)\/blobs\/([^/]+)$/ },
  { kind: 'tags', path: /^\/v2\/(.+)\/tags\/list()$/ },
  { kind: 'referrers', path: /^\/v2\/(.+)\/referrers\/([^/]+)$/ },
];

export class RegistryService implements WireHandler {
  readonly store: RegistryStore;
  readonly gate: Gatekeeper;
  readonly uploads: UploadEndpoints;
  readonly #options: RegistryOptions;
  readonly #manifests: ManifestEndpoints;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.store = options.store ?? new RegistryStore();
    this.gate = new Gatekeeper(options.auth ?? 'none');
    this.uploads = new UploadEndpoints(options, this.store);
    this.#manifests = new ManifestEndpoints(options);
  }

  async answer(request: WireRequest): Promise<Answer> {
    try {
      const answer = await this.#route(request);
      return { ...answer, headers: { ...apiVersion, ...answer.headers } };
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  unauthorized(request: WireRequest, reason: UnauthorizedReason, scope?: string): Answer {
    return this.gate.challenge(request, findRoute(request)?.name, { reason, scope });
  }

  #route(request: WireRequest): Answer | Promise<Answer> {
    if (request.url.pathname === '/token' && this.gate.ownTokens !== undefined)
      return this.gate.ownTokens.answer(request);
    const route = findRoute(request);
    if (route === undefined) return { status: 404, headers: {}, body: '404 page not found\n' };
    const name = route.name ?? '';
    if (route.kind !== 'base' && !isRepositoryName(name))
      throw new Refusal(400, 'NAME_INVALID', 'invalid repository name', { name });
    return this.#refusal(request, route.name) ?? this.#dispatch(request, { ...route, name });
  }

  #refusal(request: WireRequest, name: string | undefined): Answer | undefined {
    if (requestHeader(request, setupHeader) !== undefined) return undefined;
    return this.gate.refuse(request, name);
  }

  #dispatch(request: WireRequest, route: Route & { readonly name: string }): Answer | Promise<Answer> {
    const { kind, name, rest } = route;
    if (kind === 'base') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
    this.#checkKnown(request, name);
    const repository = this.store.repository(name);
    const call = { request, name, repository };
    switch (kind) {
      case 'manifests':
        return this.#manifests.answer({ ...call, reference: rest });
      case 'blobs':
        return answerBlob({ ...call, digest: rest });
      case 'uploads':
        return this.uploads.answer(call);
      case 'upload':
        return this.uploads.answer({ ...call, session: rest });
      case 'tags':
        return listTags(call, this.#options);
      case 'referrers':
        return listReferrers(call, rest, this.#options);
    }
  }

  /** Reading from a repository that nothing was ever written to is an error of its own. */
  #checkKnown(request: WireRequest, name: string): void {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && !this.store.has(name) && request.url.pathname.endsWith('/tags/list'))
      throw new Refusal(404, 'NAME_UNKNOWN', 'repository name not known to registry', { name });
  }
}

function findRoute({ url }: WireRequest): Route | undefined {
  const path = decoded(
    url.pathname.startsWith(redirectedPrefix) ? url.pathname.slice(redirectedPrefix.length) : url.pathname,
  );
  for (const { kind, path: pattern } of routes) {
    const [found, name, rest = ''] = pattern.exec(path) ?? [];
    if (found !== undefined) return { kind, rest, ...(name ? { name } : {}) };
  }
  return undefined;
}

/** Percent-encoding has no meaning in these paths beyond the character it stands for. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
