/** ghcr.io on this machine: its registry, its packages API, and a run of the purge action through a proxy. */
import assert from 'node:assert/strict';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun, RunOptions } from '../../support/run/run-action.ts';
import type { Scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { type ApiCall, type ApiServer, json, type Script } from '../../support/vendors/api-server.ts';
import type { Answer } from '../../support/wire/wire.ts';
import { proxyTo } from './vendor-rig.ts';

export const ghcr = {
  registry: { tls: serverTls(['ghcr.io', 'containers.github.example']), locations: 'relative' },
} as const;
export const repository = 'acme/app/web';
export const token = secret('ghs_token-of-the-packages-api');
export const cloud = { GITHUB_API_URL: 'https://api.github.com', GITHUB_SERVER_URL: 'https://github.com' };

/** The packages API over what a registry holds, as GitHub keeps it: a version is a digest with its tags. */
export class Packages {
  readonly #registry: TestRegistry;
  readonly #ids: string[] = [];
  readonly kind: 'Organization' | 'User';

  constructor(registry: TestRegistry, kind: 'Organization' | 'User' = 'Organization') {
    this.#registry = registry;
    this.kind = kind;
  }

  readonly answer: Script = ({ method, path }: ApiCall): Answer => {
    if (path === '/users/acme') return json(200, { login: 'acme', type: this.kind });
    const [, id] = /\/versions\/(\d+)$/.exec(path) ?? [];
    if (id === undefined) return json(200, this.#versions());
    assert.equal(method, 'DELETE');
    const digest = this.#ids[Number(id) - 1];
    if (digest === undefined) return json(404, {});
    for (const [tag, held] of Object.entries(this.#registry.tags(repository)))
      if (held === digest) this.#registry.remove(repository, tag);
    this.#registry.remove(repository, digest);
    return { status: 204, headers: {} };
  };

  #versions(): readonly object[] {
    const digests = new Set([...this.#ids, ...Object.values(this.#registry.tags(repository))]);
    return [...digests].map((name) => {
      if (!this.#ids.includes(name)) this.#ids.push(name);
      const tags = Object.entries(this.#registry.tags(repository)).flatMap(([tag, held]) =>
        held === name ? [tag] : [],
      );
      const metadata = { package_type: 'container', container: { tags } };
      return { id: this.#ids.indexOf(name) + 1, name, metadata };
    });
  }
}

/** Runs the purge action for tags of the package. */
export async function purgePackage(
  t: Scenario<TestRegistry>,
  api: ApiServer,
  tags: readonly string[],
  options: Omit<RunOptions, 'env'> = {},
): Promise<ActionRun> {
  const proxy = await proxyTo(t, { 'ghcr.io': t.registry.host, 'api.github.com': api.host });
  const inputs = {
    tags: tags.map((tag) => `ghcr.io/${repository}:${tag}`).join('\n'),
    'github-token': token,
  };
  return t.purge(inputs, { ...options, env: { HTTPS_PROXY: proxy.url, ...cloud } });
}
