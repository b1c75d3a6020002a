/** Registries by their real names: a proxy leads each name to a server of this machine. */
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun, RunOptions } from '../../support/run/run-action.ts';
import type { Scenario } from '../../support/run/scenario.ts';
import { type ApiServer, callOf, type Script, startApiServer } from '../../support/vendors/api-server.ts';
import { startProxy } from '../../support/wire/proxy.ts';

export const amd64 = makeImage('linux/amd64');
export const arm64 = makeImage('linux/arm64');
export const list = makeIndex([amd64, arm64]);

/** Pushes a list, and its images under staging tags. */
export async function stage(t: Scenario<TestRegistry>, repository: string): Promise<void> {
  await t.push(`${repository}:1`, list);
  await t.push(`${repository}:1-amd64`, amd64);
  await t.push(`${repository}:1-arm64`, arm64);
}

/** The removals of tags that the registry was asked for, without those of throw-away tags. */
export function removalsOf(t: Scenario<TestRegistry>): readonly string[] {
  const paths = t.registry.wire.flatMap(({ method, path }) => (method === 'DELETE' ? path : []));
  return paths.filter((path) => !path.includes('/multiarch-manifest-action-probe-'));
}

/** A proxy by which each name is a server of this machine; everything else is out of reach. */
export async function proxyTo(t: Scenario, names: Readonly<Record<string, string>>) {
  const routes = Object.entries(names).map(([name, host]) => [`${name}:443`, host] as const);
  const proxy = await startProxy({ routes: Object.fromEntries(routes) });
  t.test.after(() => proxy.close());
  return proxy;
}

/** Starts a vendor's API, which ends with the scenario. */
export async function startApi(t: Scenario, name: string, script: Script): Promise<ApiServer> {
  const api = await startApiServer([name], script);
  t.test.after(() => api.close());
  return api;
}

/** Lets a script answer the requests to the registry whose path matches. */
export function scripted(t: Scenario<TestRegistry>, path: RegExp, script: Script): void {
  t.registry.inject({
    on: { path, times: 1000 },
    fault: 'custom',
    apply: async ({ request }) => script(await callOf(request)),
  });
}

/** Removes the staging tag `1-amd64` of a repository through a proxy. */
export function purgeThrough(
  t: Scenario,
  proxy: { readonly url: string },
  inputs: Readonly<Record<string, string>>,
  env: RunOptions['env'] = {},
): Promise<ActionRun> {
  return t.purge(inputs, { env: { HTTPS_PROXY: proxy.url, ...env } });
}
