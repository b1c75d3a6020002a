/** Real clients of registries: the docker CLI, which needs no daemon for what is done here, and skopeo. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { AccountCredentials, RegistryHandle } from '../support/registry/registry-handle.ts';

const start = promisify(execFile);
const limit = 60_000;

/** The docker CLI with a configuration directory of its own. */
export class DockerCli {
  readonly config: string;

  /** The directory goes when the test ends. */
  constructor(test: TestContext, registries: readonly RegistryHandle[] = []) {
    this.config = mkdtempSync(join(tmpdir(), 'docker-config-'));
    test.after(() => rmSync(this.config, { recursive: true, force: true }));
    writeFileSync(join(this.config, 'config.json'), configOf(registries));
  }

  /** `docker manifest <command> --insecure <args>`, its standard output; rejects when it fails. */
  manifest(command: 'create' | 'push' | 'inspect', ...args: readonly string[]): Promise<string> {
    return this.#run(['manifest', command, '--insecure', ...args]);
  }

  annotate(list: string, image: string, options: readonly string[]): Promise<string> {
    return this.#run(['manifest', 'annotate', ...options, list, image]);
  }

  async #run(args: readonly string[]): Promise<string> {
    // Older clients still want the variable.
    const env = { ...process.env, DOCKER_CONFIG: this.config, DOCKER_CLI_EXPERIMENTAL: 'enabled' };
    const { stdout } = await start('docker', [...args], { env, timeout: limit });
    return stdout;
  }
}

/** The exact bytes of a manifest as skopeo reads them. */
export async function skopeoRaw(reference: string, credentials?: AccountCredentials): Promise<Buffer> {
  const login =
    credentials === undefined
      ? ['--no-creds']
      : ['--creds', `${credentials.username}:${credentials.password}`];
  const args = ['inspect', '--raw', '--tls-verify=false', ...login, `docker://${reference}`];
  const { stdout } = await start('skopeo', args, { encoding: 'buffer', timeout: limit });
  return stdout;
}

function configOf(registries: readonly RegistryHandle[]): string {
  const auths = registries.flatMap(({ host, credentials }) => {
    if (credentials === undefined) return [];
    const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    return [[host, { auth }]];
  });
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}
