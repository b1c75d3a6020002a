/** Credential helpers as real programs: small scripts that speak the docker-credential protocol, each in its own way. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { AccountCredentials } from '../registry/registry-handle.ts';
import { secretOf } from '../run/secrets.ts';

/** The answer of a helper that is asked for a registry. */
export type HelperManner =
  /** Knows logins by what it is asked: `127.0.0.1:5000`, `https://index.docker.io/v1/`; no other. */
  | { readonly knows: Readonly<Record<string, AccountCredentials>> }
  /** Does this, as a shell script. */
  | { readonly does: string };

export interface CredentialPrograms {
  /** A PATH on which the helpers come first. */
  readonly path: string;
  /** The calls of the helpers, oldest first: `steady get 127.0.0.1:5000`. */
  calls(): string[];
}

let root: string | undefined;

function makeRoot(): string {
  const made = mkdtempSync(join(tmpdir(), 'credential-programs-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Installs `docker-credential-NAME` for each name, until the process ends. */
export function credentialPrograms(helpers: Readonly<Record<string, HelperManner>>): CredentialPrograms {
  root ??= makeRoot();
  const directory = mkdtempSync(join(root, 'path-'));
  const record = join(directory, 'calls');
  writeFileSync(record, '');
  for (const [name, manner] of Object.entries(helpers)) {
    const script = `#!/bin/sh\nread -r server\necho "${name} $1 $server" >> '${record}'\n${scriptOf(manner)}\n`;
    writeFileSync(join(directory, `docker-credential-${name}`), script, { mode: 0o755 });
  }
  return {
    path: [directory, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    calls: () => readFileSync(record, 'utf8').split('\n').filter(Boolean),
  };
}

function scriptOf(manner: HelperManner): string {
  if ('does' in manner) return manner.does;
  const cases = Object.entries(manner.knows).map(
    ([server, login]) => `'${server}') ${printing(server, login)};;`,
  );
  return `case "$server" in\n${cases.join('\n')}\n*) echo 'credentials not found in native keychain'; exit 1;;\nesac`;
}

function printing(server: string, { username, password }: AccountCredentials): string {
  secretOf(username, password);
  const answer = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
  return `printf %s '${answer.replaceAll("'", `'\\''`)}'`;
}
