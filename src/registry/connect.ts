import { createAuthorizer } from '../auth/authorizer.ts';
import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { type CredentialsOptions, createCredentials } from '../credentials/keychain.ts';
import { HostLimiters, limited } from '../http/host-limiter.ts';
import type { Send } from '../http/message.ts';
import { proxiesOf } from '../http/proxy.ts';
import { followingRedirects } from '../http/redirect.ts';
import { logged } from '../http/request-log.ts';
import { type RetryPolicy, standardRetries, withRetries } from '../http/retry.ts';
import { tlsSettings } from '../http/tls.ts';
import { standardTimeouts, type Timeouts, Transport } from '../http/transport.ts';
import { RegistryClient } from './client.ts';
import { Endpoints } from './endpoint.ts';
import { Exchange } from './exchange.ts';

/** What a connection to registries depends on. */
export interface ConnectionOptions extends CredentialsOptions {
  /** Registries that may be reached over plain HTTP or unverified TLS, as references name them. */
  readonly insecureRegistries: ReadonlySet<string>;
  readonly timeouts?: Timeouts | undefined;
  readonly retries?: RetryPolicy | undefined;
}

/** The way to all registries of a run. */
export interface Connection {
  readonly client: RegistryClient;
  /** Ends every connection, so that the process can end. */
  close(): Promise<void>;
}

/** Puts the layers of the client together; nothing is read or sent yet. */
export function connectRegistries(options: ConnectionOptions): Connection {
  const { environment, insecureRegistries, observer, retries: policy = standardRetries } = options;
  const transport = new Transport({
    timeouts: options.timeouts ?? standardTimeouts,
    tls: tlsSettings({ directories: certificateDirectories(options), insecureRegistries }),
    proxy: proxiesOf(environment, observer),
    userAgent: 'multiarch-manifest-action',
  });
  const paces = new HostLimiters(policy, (host, wait) => {
    observer.info(`${host} asks for a pause of ${Math.ceil(wait / 1000)} s`);
  });
  const wire = limited(logged(transport.send, observer, policy.now), paces);
  const persistent: Send = (request) =>
    withRetries(policy, paces, { attempt: () => wire(request), method: request.method });
  const credentials = createCredentials(options);
  const endpoints = new Endpoints(insecureRegistries, transport.send);
  const allowPrivateRealm = (registry: string): boolean => endpoints.isInsecure(registry);
  const exchange = new Exchange({
    endpoints,
    credentials,
    authorizer: createAuthorizer({ credentials, send: persistent, observer, allowPrivateRealm }),
    send: followingRedirects(wire),
    policy,
    paces,
  });
  return { client: new RegistryClient(exchange, observer), close: () => transport.close() };
}

// docker's own, and the user's.
function certificateDirectories({ environment, home }: ConnectionOptions): readonly string[] {
  return ['/etc/docker', dockerConfigDirectory(environment, home)];
}
