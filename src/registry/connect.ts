import { authorized, passwordAuthorized } from '../auth/authorized.ts';
import { type AuthorizerOptions, OriginAuthorizer } from '../auth/authorizer.ts';
import { tokenRedirects } from '../auth/token-server.ts';
import { dockerConfigDirectory, machineDirectories } from '../credentials/docker-config.ts';
import { type CredentialsOptions, OrderedCredentials } from '../credentials/keychain.ts';
import { BufferCollector } from '../http/buffer-collector.ts';
import { HostLimiters, limited } from '../http/host-limiter.ts';
import type { Send } from '../http/message.ts';
import { proxiesOf } from '../http/proxy.ts';
import { redirected, registryRedirects } from '../http/redirect.ts';
import { logged } from '../http/request-log.ts';
import { type RetryPolicy, retried, standardRetries } from '../http/retry.ts';
import { answering } from '../http/silent-host.ts';
import { tlsSettings } from '../http/tls.ts';
import { standardTimeouts, type Timeouts, Transport } from '../http/transport.ts';
import { systemClock } from '../run/clock.ts';
import { outwardNames } from '../run/inward-names.ts';
import { RegistryClient } from './client.ts';
import { Endpoints, located } from './located.ts';
import type { Management } from './registry-request.ts';

/** The settings of a connection to registries. */
export interface ConnectionOptions extends CredentialsOptions {
  /** Registries that may be reached over plain HTTP or unverified TLS, as references name them. */
  readonly insecureRegistries: ReadonlySet<string>;
  readonly timeouts?: Timeouts | undefined;
  readonly retries?: RetryPolicy | undefined;
  readonly refusedLogins?: AuthorizerOptions['refusedLogins'];
}

const userAgent = 'multiarch-manifest-action';

interface Connection {
  readonly client: RegistryClient;
  readonly management: Management;
  close(): Promise<void>;
}

/**
 * Composes the layers of the client; nothing is read or sent yet. Every layer is a `Send` around a `Send`, and a
 * request passes each of them once:
 *
 *     retried(located(authorized(redirected(limited(answering(logged(transport.send)))))))
 *
 * Token requests leave out `located` and `authorized`, probes of `located` also the retries and redirects. Retries do
 * not nest: a token request that fails for good fails with TOKEN_SERVER, which `retried` does not repeat. Requests to
 * other APIs have another layer instead of `authorized`, or none.
 */
export function connectRegistries(options: ConnectionOptions): Connection {
  const { environment, home, insecureRegistries, observer } = options;
  const { clock = systemClock, retries = standardRetries, timeouts = standardTimeouts } = options;
  const directories = [...machineDirectories(environment), dockerConfigDirectory(environment, home)];
  const limiters = new HostLimiters(clock, (host, wait) => {
    observer.info(`${host} limits the rate of requests: waiting ${Math.ceil(wait / 1000)} s`);
  });
  const transport = new Transport({
    timeouts,
    tls: tlsSettings(directories, insecureRegistries),
    proxy: proxiesOf(environment, observer),
    names: outwardNames((host) => insecureRegistries.has(host)),
    userAgent,
    buffers: new BufferCollector(),
    onHttp2: (origin) => limiters.of(origin).multiplexed(),
  });
  const wire = limited(answering(logged(transport.send, observer, clock), clock), limiters);
  const endpoints = new Endpoints(insecureRegistries, wire);
  const credentials = new OrderedCredentials({ ...options, clock });
  const authorizer = new OriginAuthorizer({
    credentials,
    send: retried(redirected(wire, tokenRedirects), retries, clock),
    observer,
    clock,
    refusedLogins: options.refusedLogins,
    allowPrivateRealm: (registry) => insecureRegistries.has(registry),
  });
  const redirects = registryRedirects((host) => insecureRegistries.has(host));
  const followed = redirected(wire, redirects);
  const registries = authorized(followed, authorizer, credentials);
  const send = retried(located(registries, endpoints), retries, clock);
  const management: Management = {
    anonymously: retried(located(followed, endpoints), retries, clock),
    withPassword: retried(located(passwordAuthorized(followed, credentials), endpoints), retries, clock),
    toService: retried(redirected(wire, registryRedirects()), retries, clock),
    credentials,
  };
  const client = new RegistryClient(send, authorizer, observer);
  return { client, management, close: () => transport.close() };
}

type DownloadOptions = Pick<ConnectionOptions, 'environment' | 'observer' | 'timeouts' | 'retries' | 'clock'>;

/** A connection for files that are not in a registry: retries, and follows redirects as registries' reads do. */
export function connectDownloads(options: DownloadOptions): { readonly send: Send; close(): Promise<void> } {
  const { environment, observer } = options;
  const { clock = systemClock, retries = standardRetries, timeouts = standardTimeouts } = options;
  const transport = new Transport({
    timeouts,
    tls: tlsSettings([], new Set()),
    proxy: proxiesOf(environment, observer),
    names: outwardNames(() => false),
    userAgent,
    buffers: new BufferCollector(),
  });
  const wire = logged(transport.send, observer, clock);
  const send = retried(redirected(wire, registryRedirects()), retries, clock);
  return { send, close: () => transport.close() };
}
