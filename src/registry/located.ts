import type { ScopedRequest } from '../auth/authorized.ts';
import { maxShortBody, type Send } from '../http/message.ts';
import { isLoopbackRegistry } from '../oci/reference.ts';
import { NetworkError } from '../run/errors.ts';
import { Memo } from '../run/memo.ts';
import type { RegistryRequest } from './registry-request.ts';

/** Docker Hub's registry has another host than its references. */
const hosts: ReadonlyMap<string, string> = new Map([['docker.io', 'registry-1.docker.io']]);

/**
 * The origin of each registry: https, except that loopback hosts and those listed as insecure may also
 * speak plain HTTP. Loopback hosts are tried with HTTP first, insecure ones with https first; the other scheme
 * is probed once, when the first one fails before the registry has ever answered.
 */
export class Endpoints {
  readonly #insecure: ReadonlySet<string>;
  readonly #send: Send;
  readonly #confirmed = new Map<string, URL>();
  readonly #probes = new Memo<string, URL | undefined>();

  /** `insecure`: registries as references name them. `send` sends the probes. */
  constructor(insecure: ReadonlySet<string>, send: Send) {
    this.#insecure = insecure;
    this.#send = send;
  }

  /** The origin of a registry, if it is known. */
  origin(registry: string): URL {
    return this.#confirmed.get(registry) ?? this.#first(registry);
  }

  /** Records that the registry answered at an origin, so that no other scheme is tried any more. */
  confirm(registry: string, origin: URL): void {
    if (this.#mayChoose(registry) && !this.#confirmed.has(registry)) {
      this.#confirmed.set(registry, new URL(origin.origin));
    }
  }

  /** The origin with the other scheme, if the registry answers there and never answered at the first one. */
  async other(registry: string): Promise<URL | undefined> {
    if (!this.#mayChoose(registry)) return undefined;
    const confirmed = this.#confirmed.get(registry);
    if (confirmed !== undefined) {
      return confirmed.origin === this.#first(registry).origin ? undefined : confirmed;
    }
    // A failed probe is not kept: the registry may only be starting up.
    return this.#probes.get(registry, () =>
      this.#probe(registry).finally(() => this.#probes.forget(registry)),
    );
  }

  #mayChoose(registry: string): boolean {
    return isLoopbackRegistry(registry) || this.#insecure.has(registry);
  }

  #first(registry: string): URL {
    const scheme = isLoopbackRegistry(registry) ? 'http' : 'https';
    return new URL(`${scheme}://${hosts.get(registry) ?? registry}`);
  }

  async #probe(registry: string): Promise<URL | undefined> {
    const scheme = this.#first(registry).protocol === 'http:' ? 'https' : 'http';
    const url = new URL(`${scheme}://${registry}/v2/`);
    try {
      const answer = await this.#send({ method: 'GET', url, headers: {}, maxBodyBytes: maxShortBody });
      if (answer.status !== 200 && answer.status !== 401) return undefined;
      const origin = new URL(url.origin);
      this.#confirmed.set(registry, origin);
      return origin;
    } catch (error) {
      if (error instanceof NetworkError && !reportedFailures.has(error.code)) return undefined;
      throw error;
    }
  }
}

/** Failures of a probe that the user must see: a TLS server with a certificate that is not trusted, or a proxy. */
const reportedFailures: ReadonlySet<string> = new Set(['TLS', 'PROXY']);

/** Failures of a server that does not speak the scheme; no other failure says anything about schemes. */
const schemeFailures: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'TLS', 'NO_TLS', 'PROTOCOL']);

/** Sends requests to the origin of their registry, and to the one with the other scheme if only that answers. */
export function located(send: Send<ScopedRequest>, endpoints: Endpoints): Send<RegistryRequest> {
  return async (request) => {
    const { registry } = request.repository;
    const origin = endpoints.origin(registry);
    const result = await send(requestAt(origin, request)).catch(schemeFailure);
    // Servers that require TLS answer plain HTTP with 400: https://github.com/google/go-containerregistry/issues/1405
    const isMismatch = result instanceof NetworkError || result.status === 400;
    if (!isMismatch) endpoints.confirm(registry, origin);
    const other = isMismatch ? await endpoints.other(registry) : undefined;
    if (other !== undefined && other.origin !== origin.origin) return send(requestAt(other, request));
    if (result instanceof NetworkError) throw result;
    return result;
  };
}

function schemeFailure(error: unknown): NetworkError {
  if (error instanceof NetworkError && schemeFailures.has(error.code)) return error;
  throw error;
}

function requestAt(origin: URL, request: RegistryRequest): ScopedRequest {
  const { repository, target, actions, headers = {}, ...rest } = request;
  const { registry, path } = repository;
  const scope = { repository: path, actions };
  const url = new URL(target, origin);
  // A link of an answer that came from elsewhere is the only target that is not on this origin.
  if (url.origin !== origin.origin)
    throw new NetworkError('REDIRECT', `${registry} continues at another host (${url.host})`, {
      hint: 'Check the proxies between this runner and the registry.',
    });
  return {
    ...rest,
    url,
    headers,
    origin,
    registry,
    registryHost: origin.host,
    scope,
  };
}
