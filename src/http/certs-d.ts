import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError, isAbsent } from '../run/errors.ts';

/** What is trusted of, and shown to, one registry over TLS; PEM texts. */
export interface TlsFiles {
  /** Certificates to trust besides the system's. */
  readonly ca: readonly string[];
  /** The certificate this client shows, and its key. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/**
 * Reads `certs.d/<host[:port]>/` under each directory: `*.crt` are certificate authorities, `*.cert` with
 * `*.key` of the same name is a client certificate (the first one found). Undefined when there are none.
 * Throws ActionError (TLS_FILES) naming a file that is unreadable or lacks its counterpart.
 * https://docs.docker.com/engine/security/certificates/
 */
export async function findTlsFiles(
  host: string,
  directories: readonly string[],
): Promise<TlsFiles | undefined> {
  // A host is one name in a directory; Windows has no colon in names, and docker leaves it out there.
  const name = process.platform === 'win32' ? host.replaceAll(':', '') : host;
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(name) || name === '.' || name === '..') return undefined;
  const found = await Promise.all(directories.map((directory) => readHost(join(directory, 'certs.d', name))));
  const ca = found.flatMap((files) => files.ca);
  const certificate = found.find((files) => files.certificate !== undefined)?.certificate;
  if (ca.length === 0 && certificate === undefined) return undefined;
  return certificate === undefined ? { ca } : { ca, certificate };
}

async function readHost(directory: string): Promise<TlsFiles> {
  const names = (await list(directory)).toSorted();
  const having = (ending: string): readonly string[] => names.filter((name) => name.endsWith(ending));
  const ca = await Promise.all(having('.crt').map((name) => read(directory, name)));
  const stem = (name: string): string => name.slice(0, name.lastIndexOf('.'));
  for (const name of having('.cert')) requirePair(directory, names, [name, `${stem(name)}.key`]);
  for (const name of having('.key')) requirePair(directory, names, [name, `${stem(name)}.cert`]);
  const [first] = having('.cert');
  if (first === undefined) return { ca };
  const [cert, key] = await Promise.all([read(directory, first), read(directory, `${stem(first)}.key`)]);
  return { ca, certificate: { cert, key } };
}

function requirePair(directory: string, names: readonly string[], [name, other]: [string, string]): void {
  if (names.includes(other)) return;
  throw new ActionError('TLS_FILES', `${join(directory, name)} lacks its counterpart ${other}`, {
    hint: 'A client certificate is a pair of files: NAME.cert and NAME.key. A certificate authority ends in .crt.',
  });
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unreadable(directory, error);
  }
}

async function read(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ActionError {
  return new ActionError('TLS_FILES', `${path} cannot be read (${codeOf(error)})`, {
    hint: 'The user that runs this job needs to be allowed to read it.',
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
