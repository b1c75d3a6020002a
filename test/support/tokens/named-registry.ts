/** A registry and its token server under public names, at the end of a proxy that knows them. */
import { startRegistry, type TestRegistry } from '../registry/registry.ts';
import type { AuthOptions, Challenge } from '../registry/registry-options.ts';
import { serverTls } from '../tls/tls.ts';
import { startProxy } from '../wire/proxy.ts';
import { type BearerServer, startBearerServer } from './bearer-server.ts';
import type { TokenOptions } from './token-issuer.ts';

/** What closes servers at its end: a scenario, for example. */
export interface Closing {
  readonly test: { readonly after: (close: () => unknown) => void };
}

export interface NamedRegistry {
  readonly registry: TestRegistry;
  readonly tokens: BearerServer;
  /** The environment of a run that uses it. */
  readonly env: Readonly<Record<string, string>>;
}

export interface NamedOptions extends TokenOptions {
  /** The names of the registry and of its token server. */
  readonly names: readonly [registry: string, tokens: string];
  /** The path of the token server; default `/token`. */
  readonly path?: string;
  /** The WWW-Authenticate values of a 401, in place of the usual one. */
  readonly challenge?: (usual: Challenge) => readonly string[];
  /** Other names, and where they lead: `auth.docker.io` to `127.0.0.1:4711`. */
  readonly others?: Readonly<Record<string, string>>;
}

/** Starts a registry that asks for tokens of a server elsewhere; both are closed when the scenario ends. */
export async function startNamedRegistry(t: Closing, options: NamedOptions): Promise<NamedRegistry> {
  const { names, path = '/token', challenge, others = {}, ...issuing } = options;
  const [name, tokenName] = names;
  const tls = serverTls([...names, ...Object.keys(others)]);
  const tokens = await startBearerServer({ tls, ...issuing });
  const issuer = { url: `https://${tokenName}${path}`, tokens: tokens.tokens };
  const auth = { ...issuing, kind: 'bearer', issuer, ...(challenge && { challenge }) } as const;
  const registry = await startRegistry({ tls, auth, http2: true });
  const hosts = { ...others, [tokenName]: tokens.host, [name]: registry.host };
  const env = { NODE_EXTRA_CA_CERTS: tls.caFile, ...(await proxyTo(t, hosts)) };
  for (const server of [tokens, registry]) t.test.after(() => server.close());
  return { registry, tokens, env };
}

/** Starts a registry that answers for itself under a name; it is closed when the scenario ends. */
export async function startNamed(
  t: Closing,
  name: string,
  auth: AuthOptions,
  others: Readonly<Record<string, string>> = {},
): Promise<Omit<NamedRegistry, 'tokens'>> {
  const tls = serverTls([name, ...Object.keys(others)]);
  const registry = await startRegistry({ tls, auth, http2: true });
  t.test.after(() => registry.close());
  const env = {
    NODE_EXTRA_CA_CERTS: tls.caFile,
    ...(await proxyTo(t, { ...others, [name]: registry.host })),
  };
  return { registry, env };
}

async function proxyTo(t: Closing, hosts: Readonly<Record<string, string>>) {
  const routes = Object.entries(hosts).map(([name, host]) => [`${name}:443`, host] as const);
  const proxy = await startProxy({ routes: Object.fromEntries(routes) });
  t.test.after(() => proxy.close());
  return { HTTPS_PROXY: proxy.url };
}
