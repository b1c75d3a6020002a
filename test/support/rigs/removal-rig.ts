/** A registry in memory that removes tags, and what tags are removed with. */
import { passwordAuthorized } from '../../../src/auth/authorized.ts';
import type { Credential } from '../../../src/credentials/credential.ts';
import type { Credentials } from '../../../src/credentials/keychain.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { redirected, registryRedirects } from '../../../src/http/redirect.ts';
import { retried, standardRetries } from '../../../src/http/retry.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { dockerHub, parseReference } from '../../../src/oci/reference.ts';
import type { PurgeContext } from '../../../src/pipeline/untag/purge-tags.ts';
import { Endpoints, located } from '../../../src/registry/located.ts';
import { empty } from '../../../src/registry/placeholder.ts';
import { Removals } from '../../../src/registry/untag/removals.ts';
import type { GithubRegistry } from '../../../src/registry/untag/remover.ts';
import type { StagingTag } from '../../../src/registry/untag/staging-tag.ts';
import { Cancellation } from '../../../src/run/cancellation.ts';
import type { TestContent } from '../images/images.ts';
import { clientOf, MemoryRegistry, manifestOf } from './memory-registry.ts';
import { answer, Told } from './wire-rig.ts';

export const login: Credential = {
  kind: 'basic',
  username: 'acme',
  password: 'pass',
  source: 'registry-auth input',
};

export interface RemovalRig {
  readonly registry: MemoryRegistry;
  readonly told: Told;
  readonly context: PurgeContext;
  /** Holds content under a tag. */
  hold(reference: string, content: TestContent): StagingTag;
}

export interface RemovalOptions {
  readonly credential?: Credential;
  readonly github?: GithubRegistry;
}

/** `serve` answers what is not a read or a write of a manifest; undefined leaves it to the registry. */
export function removalRig(
  serve: (request: HttpRequest, registry: MemoryRegistry) => HttpResponse | undefined = removesTags,
  options: RemovalOptions = {},
): RemovalRig {
  const registry = new MemoryRegistry();
  registry.trouble((request) => hasEmptyBlob(request) ?? serve(request, registry));
  const told = new Told();
  const { clock } = registry;
  const { credential = login, github = { registry: 'ghcr.io', connect: undefined } } = options;
  const credentials: Credentials = {
    find: async () => credential,
    mayFind: async () => true,
    headers: async () => ({}),
  };
  const endpoints = new Endpoints(new Set(), registry.send);
  const followed = redirected(registry.send, registryRedirects());
  const management = {
    anonymously: retried(located(followed, endpoints), standardRetries, clock),
    withPassword: retried(
      located(passwordAuthorized(followed, credentials), endpoints),
      standardRetries,
      clock,
    ),
    toService: retried(followed, standardRetries, clock),
    credentials,
  };
  const client = clientOf(registry, { observer: told });
  const [removals, cancellation] = [new Removals(), new Cancellation(clock)];
  return {
    registry,
    told,
    context: { client, management, github, observer: told, clock, removals, cancellation, runId: '7' },
    hold(text, content) {
      const { repository, tag = '' } = parseReference(text);
      const host = repository.registry === dockerHub ? 'registry-1.docker.io' : repository.registry;
      registry.hold(`${host}/${repository.path}`, content, tag);
      return { repository, tag, manifest: manifestOf(content) };
    },
  };
}

// The content of placeholders.
function hasEmptyBlob({ method, url }: HttpRequest): HttpResponse | undefined {
  if (method !== 'HEAD' || !url.pathname.endsWith(`/blobs/${empty.digest}`)) return undefined;
  return answer(200, { url: url.href });
}

/** The removals of tags that a registry was asked for, without those of throw-away tags. */
export function removalsIn(registry: MemoryRegistry): readonly string[] {
  return registry.requests.filter((text) => text.startsWith('DELETE') && !isProbe(text));
}

/** Whether a request is about a throw-away tag. */
export function isProbe(text: string): boolean {
  return text.includes('/multiarch-manifest-action-probe-7-');
}

/** Removes a tag as the distribution API does. */
export function removesTags(request: HttpRequest, registry: MemoryRegistry): HttpResponse | undefined {
  if (request.method !== 'DELETE') return undefined;
  const [, path = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.url.pathname) ?? [];
  registry.setTag(`${request.url.host}/${path}`, tag, undefined);
  return answer(202, { url: request.url.href });
}

/** Removes a tag and what it held. */
export function removesContent(lost: Digest): typeof removesTags {
  return (request, registry) => {
    const removed = removesTags(request, registry);
    const isTried = isProbe(request.url.pathname);
    if (removed !== undefined && !isTried) registry.lose(`${request.url.host}/app`, lost);
    return removed;
  };
}
