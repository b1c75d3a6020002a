/** A registry as a profile describes it, with a latency that can be set. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testUser } from '../../test/support/registry/real-registry-configuration.ts';
import { createAuthority } from '../../test/support/tls/certificate.ts';
import { startTokenServer, type TokenServer } from '../../test/support/tokens/token-server.ts';
import { LatencyProxy } from '../network/latency-proxy.ts';
import type { Traffic } from '../network/traffic.ts';
import { TunnelProxy } from '../network/tunnel-proxy.ts';
import type { Profile } from './profiles.ts';
import { startBenchRegistry } from './registry.ts';
import { startTlsFront } from './tls-front.ts';

export interface Host {
  /** The registry's name in references. */
  readonly name: string;
  readonly scheme: 'http' | 'https';
  /** The variables with which a tool reaches and trusts it. */
  readonly environment: Readonly<Record<string, string>>;
  /** docker's configuration file, with a login if the host requires one. */
  readonly dockerConfig: object;
  /** Sets the round trip in milliseconds and resets the counters. */
  begin(roundTrip: number): Promise<void>;
  /** The traffic since the last `begin`. */
  traffic(): Promise<Traffic>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly profile: Profile;
  /** A directory that does not exist yet, for its files. */
  readonly directory: string;
  /** The directory of the registry's content. */
  readonly storage: string;
}

/** Starts all servers of a host of this profile on loopback addresses. */
export async function startHost(options: HostOptions): Promise<Host> {
  await mkdir(options.directory, { recursive: true });
  const { name } = options.profile;
  return name === undefined ? startPlainHost(options) : startTlsHost(options, name);
}

async function startPlainHost({ directory, storage }: HostOptions): Promise<Host> {
  const registry = await startBenchRegistry({
    directory: join(directory, 'registry'),
    storage,
    auth: 'none',
  });
  const proxy = await new LatencyProxy(registry.host).listen();
  return {
    name: proxy.address,
    scheme: 'http',
    environment: {},
    dockerConfig: {},
    begin: async (roundTrip) => proxy.begin(roundTrip),
    traffic: async () => proxy.traffic,
    close: () => closeAll(proxy, registry),
  };
}

async function startTlsHost({ profile, directory, storage }: HostOptions, name: string): Promise<Host> {
  const { auth, servers = [name], loginKey = name, tokenHost } = profile;
  const tokens = tokenHost === undefined ? undefined : await startTokens(profile);
  const realm = `https://${tokenHost}/token`;
  const registry = await startBenchRegistry({
    ...{ directory: join(directory, 'registry'), storage, auth },
    tokens: tokens && { ...tokens, realm },
  });
  const authority = createAuthority('bench authority');
  const names = [...new Set([...servers, ...(tokenHost ? [tokenHost] : [])])];
  const behind = { registry: registry.host, tokens: tokens && new URL(tokens.realm).host };
  const front = await startTlsFront({ directory, authority, names, ...behind });
  const proxy = await new TunnelProxy(new Map(names.map((each) => [`${each}:443`, front.host]))).listen();
  return {
    ...{ name, scheme: 'https', dockerConfig: loginFor(loginKey, auth) },
    environment: await environmentFor(directory, proxy.address, authority.pem),
    async begin(roundTrip) {
      await front.begin();
      proxy.begin(roundTrip);
    },
    traffic: async () => ({ requests: await front.requests(), ...proxy.traffic }),
    close: () => closeAll(proxy, front, registry, ...(tokens ? [tokens] : [])),
  };
}

function startTokens({ service = '' }: Profile): Promise<TokenServer> {
  const access = { '*': ['pull', 'push', 'delete', '*'] };
  return startTokenServer({ service, users: [{ ...testUser, access }] });
}

function loginFor(key: string, auth: Profile['auth']): object {
  if (auth === 'none') return {};
  const { username, password } = testUser;
  return { auths: { [key]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } };
}

/** Go's programs read SSL_CERT_FILE, Node NODE_EXTRA_CA_CERTS; both read HTTPS_PROXY. */
async function environmentFor(
  directory: string,
  proxy: string,
  authority: string,
): Promise<Record<string, string>> {
  const file = join(directory, 'authority.pem');
  await writeFile(file, authority);
  return { HTTPS_PROXY: `http://${proxy}`, SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: file };
}

async function closeAll(...parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.close();
}
