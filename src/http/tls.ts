import type { SecureContextOptions } from 'node:tls';
import { findTlsFiles } from './certs-d.ts';
import type { TlsSource } from './routes.ts';

/**
 * The TLS settings of an origin: Node's own CAs (with NODE_EXTRA_CA_CERTS) and the host's files in certs.d
 * (docs.docker.com, "Verify repository client with certificates"); with `system` trust the system's CAs too. The CAs of
 * a registry's certs.d are trusted at its token server and storage as well, as docker does; its client certificate is
 * sent to the registry only. `directories` may hold a certs.d; the first one with a client certificate wins. The
 * certificates of `insecureRegistries`, hosts with port if any, are not verified.
 */
export function tlsSettings(
  directories: readonly string[],
  insecureRegistries: ReadonlySet<string>,
): TlsSource {
  const insecure = new Set([...insecureRegistries].map((registry) => URL.parse(`https://${registry}`)?.host));
  return async (origin, trust, registryHost = origin.host) => {
    const rejectUnauthorized = !insecure.has(origin.host);
    const files = await findTlsFiles(origin.host, directories);
    const registryFiles =
      registryHost === origin.host ? undefined : await findTlsFiles(registryHost, directories);
    const trusted = [...(files?.ca ?? []), ...(registryFiles?.ca ?? [])];
    if (files === undefined && trusted.length === 0 && trust === 'standard') return { rejectUnauthorized };
    const tls = await import('node:tls');
    const system = trust === 'system' ? tls.getCACertificates('system') : [];
    const ca = [...tls.getCACertificates('default'), ...system, ...trusted];
    const context: SecureContextOptions = { ca, ...files?.certificate };
    return { secureContext: tls.createSecureContext(context), rejectUnauthorized };
  };
}
