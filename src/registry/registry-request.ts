import type { Scope } from '../auth/scope.ts';
import type { HttpRequest } from '../http/message.ts';
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
