/** CNCF distribution as a process of its own, for tests and benches. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from '../tls/certificate.ts';
import {
  type Access,
  startTokenServer,
  type TokenGrant,
  type TokenServer,
  type TokenUser,
} from '../tokens/token-server.ts';
import { Program } from '../wire/program.ts';
import { findProgram } from '../wire/programs.ts';
import {
  htpasswdLine,
  type RegistrySettings,
  registryConfiguration,
  testUser,
} from './real-registry-configuration.ts';
import type { RegistryHandle } from './registry-handle.ts';

export interface RealRegistryOptions {
  /** Default `none`. `htpasswd` and `token` know the user on the handle's `credentials`. */
  readonly auth?: 'none' | 'htpasswd' | 'token';
  /** Serves https (HTTP/2 and HTTP/1.1) under the authority in the handle's `caFile`. */
  readonly tls?: boolean;
  /** Users of the token server; by default one who may do everything. */
  readonly users?: readonly TokenUser[];
  /** What the token server grants those without credentials. */
  readonly anonymous?: Access;
  /** Seconds a bearer token is good for. */
  readonly tokenLifetime?: number;
  /** Repositories that the handle's own `authorization` reaches with `auth: 'token'`: tokens know no wildcard. */
  readonly repositories?: readonly string[];
  /** Whether `storage.delete` is enabled; default `on`. */
  readonly deletes?: 'on' | 'off';
  /** Answers uploads with a relative Location. */
  readonly relativeUrls?: boolean;
}

export interface RealRegistry extends RegistryHandle {
  /** What the process has printed, its last part when that is long. */
  log(): string;
  /** Token requests so far; with `auth: 'token'` only. */
  readonly grants: readonly TokenGrant[];
  /** Directory of the stored content. */
  readonly storage: string;
  /** The Authorization header of the test's own requests to these repositories, when the registry asks for one. */
  authorizationFor(repositories: readonly string[]): string | undefined;
}

/**
 * Whether the registry program is there: `DOCKER_REGISTRY_BINARY`, or `docker-registry` on PATH.
 * With `CI=true` its absence is an Error, so that no run passes by leaving these tests out.
 */
export function realRegistryAvailable(): boolean {
  if (registryBinary() !== undefined) return true;
  if (process.env['CI'] !== 'true') return false;
  throw new Error('docker-registry is required when CI=true: install the Debian package of that name');
}

function registryBinary(): string | undefined {
  return process.env['DOCKER_REGISTRY_BINARY'] || findProgram('docker-registry');
}

/** Starts a registry on a free port of 127.0.0.1 with storage of its own; throws when it does not come up. */
export async function startRealRegistry(options: RealRegistryOptions = {}): Promise<RealRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'registry-'));
  const authority = options.tls ? createAuthority() : undefined;
  const tokens = options.auth === 'token' ? await startTokens(options, authority) : undefined;
  try {
    const { relativeUrls = false, deletes = 'on' } = options;
    const settings = { directory, tokens, relativeUrls, deletes };
    await writeSettings(
      { ...settings, auth: options.auth ?? 'none', tls: authority !== undefined },
      authority,
    );
    const binary = registryBinary() ?? 'docker-registry';
    const server = new Program('docker-registry', binary, ['serve', join(directory, 'config.yml')]);
    // It picks its port itself and says so, so no two ever race for one.
    const [, host = ''] = await server.printed(/listening on (127\.0\.0\.1:\d+)/);
    return handle({ options, directory, tokens, authority, server, host });
  } catch (error) {
    await tokens?.close();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function startTokens(options: RealRegistryOptions, authority: Authority | undefined): Promise<TokenServer> {
  const everything = { '*': ['pull', 'push', 'delete', '*'] };
  return startTokenServer({
    service: 'test registry',
    users: options.users ?? [{ ...testUser, access: everything }],
    ...(options.anonymous && { anonymous: options.anonymous }),
    ...(options.tokenLifetime !== undefined && { lifetime: options.tokenLifetime }),
    authority,
  });
}

async function writeSettings(settings: RegistrySettings, authority: Authority | undefined): Promise<void> {
  const write = (name: string, text: string) => writeFile(join(settings.directory, name), text);
  await write('config.yml', registryConfiguration(settings));
  await write('htpasswd', htpasswdLine);
  if (settings.tokens) await write('token-root.pem', settings.tokens.certificate.pem);
  if (!authority) return;
  const { pem, keyPem } = authority.issue(['127.0.0.1', 'localhost']);
  await write('ca.pem', authority.pem);
  await write('server.pem', pem);
  await write('server-key.pem', keyPem);
}

interface Started {
  readonly options: RealRegistryOptions;
  readonly directory: string;
  readonly tokens: TokenServer | undefined;
  readonly authority: Authority | undefined;
  readonly server: Program;
  readonly host: string;
}

function handle({ options, directory, tokens, authority, server, host }: Started): RealRegistry {
  return {
    host,
    url: `${authority ? 'https' : 'http'}://${host}`,
    ...account(options, tokens),
    authorizationFor: (repositories) => account({ ...options, repositories }, tokens).authorization,
    ...(authority && { ca: authority.pem, caFile: join(directory, 'ca.pem') }),
    grants: tokens?.grants ?? [],
    storage: join(directory, 'storage'),
    log: () => server.log,
    async close() {
      await server.stop();
      await tokens?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function account(
  { auth = 'none', users = [], repositories = [] }: RealRegistryOptions,
  tokens: TokenServer | undefined,
): Pick<RegistryHandle, 'credentials' | 'authorization'> {
  if (auth === 'none') return {};
  const { username, password } = users[0] ?? testUser;
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const authorization = tokens ? `Bearer ${tokens.issue(repositories)}` : `Basic ${basic}`;
  return { credentials: { username, password }, authorization };
}
