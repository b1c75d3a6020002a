/** The authority that signs the certificates of all test servers in one process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from './certificate.ts';

export interface TlsOptions {
  /** Options of node:tls. */
  readonly server: {
    readonly cert: string;
    readonly key: string;
    readonly ca?: string | string[];
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** A file that holds `ca`, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
}

interface KeptAuthority {
  readonly authority: Authority;
  readonly file: string;
}

let kept: KeptAuthority | undefined;

const loopback = ['127.0.0.1', 'localhost'];

/** A certificate for these hosts and the loopback ones, signed by the process's own authority. */
export function serverTls(hosts: readonly string[] = []): TlsOptions {
  const { authority, file } = keptAuthority();
  const { pem, keyPem } = authority.issue([...hosts, ...loopback]);
  // No authority: a server that has one sends its certificate along, and which ones this process trusts changes.
  return { server: { cert: pem, key: keyPem, ca: [] }, ca: authority.pem, caFile: file };
}

function keptAuthority(): KeptAuthority {
  kept ??= keepAuthority();
  return kept;
}

function keepAuthority(): KeptAuthority {
  const authority = createAuthority();
  const directory = mkdtempSync(join(tmpdir(), 'authority-'));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, authority.pem);
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return { authority, file };
}
