import type { Scope } from '../auth/scope.ts';
import type { Credentials } from '../credentials/keychain.ts';
import type { HttpRequest, Send } from '../http/message.ts';
import type { RetriedRequest } from '../http/retry.ts';
import type { Repository } from '../oci/reference.ts';

/** One request of the distribution API, before the origin of the registry is chosen. */
export interface RegistryRequest
  extends Omit<HttpRequest, 'url' | 'headers' | 'originHeaders' | 'registryHost'>,
    RetriedRequest {
  readonly repository: Repository;
  /** Path and query, or an absolute URL on the registry's origin. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The actions of the request, for the scope of tokens. */
  readonly actions: Scope['actions'];
}

type ServiceRequest = HttpRequest & RetriedRequest;

/** Requests to other APIs than the distribution API, over the connections, limits and retries of the run. */
export interface Management {
  /** Sends a request to a registry's own origin, without a login. */
  readonly anonymously: Send<RegistryRequest>;
  /** Sends a request to a registry's own origin, with its login as user name and password. */
  readonly withPassword: Send<RegistryRequest>;
  /** Sends a request to any host, with no other login than its own `originHeaders`. */
  readonly toService: Send<ServiceRequest>;
  readonly credentials: Pick<Credentials, 'find'>;
}
