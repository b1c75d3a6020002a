/** CNCF distribution, with content that several registries share. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  htpasswdLine,
  registryConfiguration,
} from '../../test/support/registry/real-registry-configuration.ts';
import type { TokenServer } from '../../test/support/tokens/token-server.ts';
import { Program } from '../../test/support/wire/program.ts';
import { findProgram } from '../../test/support/wire/programs.ts';

export interface BenchRegistryOptions {
  /** A directory that does not exist yet, for its files. */
  readonly directory: string;
  /** The directory of the content. */
  readonly storage: string;
  readonly auth: 'none' | 'htpasswd' | 'token';
  /** The token server it trusts. */
  readonly tokens?: TokenServer | undefined;
}

export interface BenchRegistry {
  /** `127.0.0.1:port`, plain HTTP. */
  readonly host: string;
  close(): Promise<void>;
}

/** Throws if a required program is missing, and names its Debian package. */
export function requirePrograms(packages: Readonly<Record<string, string>>): void {
  const missing = Object.entries(packages).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const [programs, names] = [missing.map(([program]) => program), missing.map(([, name]) => name)];
  throw new Error(`${programs.join(', ')}: not on PATH. Install with: apt-get install ${names.join(' ')}`);
}

/** Starts a registry on a free port of 127.0.0.1. */
export async function startBenchRegistry(options: BenchRegistryOptions): Promise<BenchRegistry> {
  const { directory, storage, auth, tokens } = options;
  await mkdir(directory, { recursive: true });
  await symlink(storage, join(directory, 'storage'));
  const settings = { directory, auth, tokens, tls: false, relativeUrls: false };
  await writeFile(join(directory, 'config.yml'), registryConfiguration(settings));
  await writeFile(join(directory, 'htpasswd'), htpasswdLine);
  if (tokens) await writeFile(join(directory, 'token-root.pem'), tokens.certificate.pem);
  const program = new Program('docker-registry', 'docker-registry', ['serve', join(directory, 'config.yml')]);
  const [, host = ''] = await program.printed(/listening on (127\.0\.0\.1:\d+)/);
  return { host, close: () => program.stop() };
}
