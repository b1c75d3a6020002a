import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { ActionError, isAbsent } from '../run/errors.ts';
import { readSmallFile } from '../run/small-file.ts';
import type { TlsSource } from './routes.ts';

/**
 * The TLS settings of an origin: Node's own CAs (with NODE_EXTRA_CA_CERTS) and the host's files in certs.d
 * (docs.docker.com, "Verify repository client with certificates"); with `system` trust the system's CAs too. As docker
 * does, a registry's CAs are trusted at its token server and storage, too; its client certificate is sent to it only. `directories` may hold a certs.d; the first one with a client certificate wins. The
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

/** The TLS files for one registry, as PEM texts. */
export interface TlsFiles {
  /** Certificate authorities to trust besides the usual ones. */
  readonly ca: readonly string[];
  /** The certificate this client identifies itself with, and its key. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/**
 * Reads `certs.d/<host[:port]>/` under each directory: `*.crt` are certificate authorities, `*.cert` with
 * `*.key` of the same name is a client certificate (the first one found). Undefined when there are none.
 * Throws ActionError (TLS_FILES) naming a file that cannot be read or is one of a pair whose other file is missing.
 * https://docs.docker.com/engine/security/certificates/
 */
export async function findTlsFiles(
  host: string,
  directories: readonly string[],
): Promise<TlsFiles | undefined> {
  // File names on Windows have no colons, so docker leaves them out there.
  const name = process.platform === 'win32' ? host.replaceAll(':', '') : host;
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(name) || name === '.' || name === '..') return undefined;
  const found = await Promise.all(directories.map((directory) => readHost(join(directory, 'certs.d', name))));
  const ca = found.flatMap((files) => files.ca);
  const certificate = found.find((files) => files.certificate !== undefined)?.certificate;
  if (ca.length === 0 && certificate === undefined) return undefined;
  return certificate === undefined ? { ca } : { ca, certificate };
}

async function readHost(directory: string): Promise<TlsFiles> {
  const found = await readdir(directory).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw unreadable(directory, error);
  });
  const names = found.toSorted();
  const endingIn = (ending: string): readonly string[] => names.filter((name) => name.endsWith(ending));
  const ca = await Promise.all(endingIn('.crt').map((name) => read(directory, name)));
  const stem = (name: string): string => name.slice(0, name.lastIndexOf('.'));
  for (const name of endingIn('.cert')) requirePair(directory, names, [name, `${stem(name)}.key`]);
  for (const name of endingIn('.key')) requirePair(directory, names, [name, `${stem(name)}.cert`]);
  const [first] = endingIn('.cert');
  if (first === undefined) return { ca };
  const [cert, key] = await Promise.all([read(directory, first), read(directory, `${stem(first)}.key`)]);
  return { ca, certificate: { cert, key } };
}

function requirePair(directory: string, names: readonly string[], [name, other]: [string, string]): void {
  if (names.includes(other)) return;
  throw new ActionError('TLS_FILES', `${other} is missing beside ${join(directory, name)}`, {
    hint: 'Add the missing file: a client certificate is a pair, NAME.cert and NAME.key. The file of a certificate authority ends in .crt.',
  });
}

function read(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  return readSmallFile(path).catch((error: unknown) => Promise.reject(unreadable(path, error)));
}

function unreadable(path: string, error: unknown): ActionError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new ActionError('TLS_FILES', `${path} cannot be read (${code})`, {
    hint: 'Allow the user that runs this job to read it.',
  });
}
