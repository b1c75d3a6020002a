import type { HttpResponse, Send } from '../http/message.ts';
import { isLoopbackRegistry } from '../oci/reference.ts';
import { NetworkError } from '../run/errors.ts';

/** Docker Hub's registry is reached under another name than its references carry. */
const hosts: ReadonlyMap<string, string> = new Map([['docker.io', 'registry-1.docker.io']]);

/**
 * Where each registry is reached: https, except that loopback hosts and those listed as insecure may also
 * speak plain HTTP. Loopback is tried with HTTP first, insecure hosts with https first; the other scheme
 * is looked at once, when the first one fails before the registry has ever answered.
 */
export class Endpoints {
  readonly #insecure: ReadonlySet<string>;
  readonly #send: Send;
  readonly #pinned = new Map<string, URL>();
  readonly #probes = new Map<string, Promise<URL | undefined>>();

  /** `insecure`: registries as references name them. `send` looks at the other scheme. */
  constructor(insecure: ReadonlySet<string>, send: Send) {
    this.#insecure = insecure;
    this.#send = send;
  }

  /** The origin to ask a registry at, as far as is known now. */
  origin(registry: string): URL {
    return this.#pinned.get(registry) ?? this.#first(registry);
  }

  /** Whether a registry may be talked to without a verified certificate. */
  isInsecure(registry: string): boolean {
    return this.#insecure.has(registry);
  }

  /** Notes that the registry answered where it was asked, so that no other scheme is tried any more. */
  confirm(registry: string, origin: URL): void {
    if (this.#mayChoose(registry) && !this.#pinned.has(registry))
      this.#pinned.set(registry, new URL(origin.origin));
  }

  /** The registry's other scheme, when it answers there and never answered where it was asked first. */
  async other(registry: string): Promise<URL | undefined> {
    if (!this.#mayChoose(registry)) return undefined;
    const pinned = this.#pinned.get(registry);
    if (pinned !== undefined) return pinned.origin === this.#first(registry).origin ? undefined : pinned;
    const known = this.#probes.get(registry);
    if (known !== undefined) return known;
    // A look that found nothing is no answer for good: the registry may only be starting up.
    const probe = this.#probe(registry).finally(() => this.#probes.delete(registry));
    this.#probes.set(registry, probe);
    return probe;
  }

  #mayChoose(registry: string): boolean {
    return isLoopbackRegistry(registry) || this.#insecure.has(registry);
  }

  #first(registry: string): URL {
    const scheme = isLoopbackRegistry(registry) ? 'http' : 'https';
    return new URL(`${scheme}://${hosts.get(registry) ?? registry}`);
  }

  async #probe(registry: string): Promise<URL | undefined> {
    const first = this.#first(registry);
    const scheme = first.protocol === 'http:' ? 'https' : 'http';
    const url = new URL(`${scheme}://${registry}/v2/`);
    try {
      const answer = await this.#send({ method: 'GET', url, headers: {}, maxBodyBytes: 65_536 });
      if (answer.status !== 200 && answer.status !== 401) return undefined;
      const origin = new URL(url.origin);
      this.#pinned.set(registry, origin);
      return origin;
    } catch (error) {
      if (error instanceof NetworkError && !tellingFailures.has(error.code)) return undefined;
      throw error;
    }
  }
}

/** A server that speaks TLS, only not with a certificate we trust, and a proxy in the way: that is what to tell. */
const tellingFailures: ReadonlySet<string> = new Set(['TLS', 'PROXY']);

/** What a server is met with that does not speak the scheme it is asked by; other failures say nothing of schemes. */
const contactFailures: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'TLS', 'NO_TLS', 'PROTOCOL']);

/**
 * Asks a registry where it is believed to be, and at its other scheme when only that answers.
 * `ask` is given the origin to use.
 */
export async function atEndpoint(
  endpoints: Endpoints,
  registry: string,
  ask: (origin: URL) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const origin = endpoints.origin(registry);
  const met = await ask(origin).catch(contactFailure);
  // Servers that want TLS answer plain HTTP with 400.
  const isStrange = met instanceof NetworkError || met.status === 400;
  if (!isStrange) endpoints.confirm(registry, origin);
  const other = isStrange ? await endpoints.other(registry) : undefined;
  if (other !== undefined && other.origin !== origin.origin) return ask(other);
  if (met instanceof NetworkError) throw met;
  return met;
}

function contactFailure(error: unknown): NetworkError {
  if (error instanceof NetworkError && contactFailures.has(error.code)) return error;
  throw error;
}
