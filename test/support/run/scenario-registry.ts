/** The registries a scenario runs on: in process, or a real program, by the same few words. */
import { after } from 'node:test';
import { type RealRegistry, realRegistryAvailable, startRealRegistry } from '../registry/real-registry.ts';
import { startRegistry, type TestRegistry } from '../registry/registry.ts';
import type { RegistryHandle } from '../registry/registry-handle.ts';
import type { RegistryOptions } from '../registry/registry-options.ts';
import { serverTls } from '../tls/tls.ts';
import { secret, secretOf } from './secrets.ts';

export type Ground = 'in-process' | 'real';

export interface RegistryWish {
  /** Default none. */
  readonly auth?: 'none' | 'basic' | 'bearer';
  readonly tls?: boolean;
  /** On the real registry with bearer tokens: the repositories the test itself writes to. */
  readonly repositories?: readonly string[];
}

/** Whether a ground is there; a real registry that is missing is an Error when CI=true. */
export function groundAvailable(ground: Ground): boolean {
  return ground === 'in-process' || realRegistryAvailable();
}

/** Starts a registry in process with every option. */
export async function startInProcess(wish: RegistryWish, options: RegistryOptions): Promise<TestRegistry> {
  const auth = options.auth ?? wish.auth ?? 'none';
  return startRegistry({ ...(wish.tls === true && { tls: serverTls() }), ...options, auth });
}

/** The registries that all scenarios of this process share, by the kind of login. */
const shared = new Map<string, Promise<RealRegistry>>();
let scenarios = 0;
after(async () => {
  for (const started of shared.values()) await (await started).close();
});

/**
 * Repositories of one scenario on a CNCF distribution, which this process starts once for each kind of login. `place`
 * tells the registries of the scenario apart.
 */
export async function shareReal(wish: RegistryWish, place: number): Promise<RegistryHandle> {
  const { auth = 'none', tls = false, repositories = [] } = wish;
  const names = { none: 'none', basic: 'htpasswd', bearer: 'token' } as const;
  const kind = `${auth} ${tls} ${place}`;
  const started = shared.get(kind) ?? startRealRegistry({ auth: names[auth], tls });
  shared.set(kind, started);
  const registry = await started;
  scenarios += 1;
  const folder = `z${scenarios}/`;
  const authorization = registry.authorizationFor(repositories.map((name) => `${folder}${name}`));
  if (registry.credentials !== undefined)
    secretOf(registry.credentials.username, registry.credentials.password);
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  if (token !== undefined) secret(token);
  return { ...registry, ...(authorization && { authorization }), folder, close: async () => {} };
}
