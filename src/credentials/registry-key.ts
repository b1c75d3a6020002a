import { canonicalRegistry } from '../oci/registry-name.ts';

/** The name under which docker stores the login for Docker Hub. */
const dockerHubServer = 'https://index.docker.io/v1/';

/**
 * The registry of a key in docker's configuration, as references name it: lower-case
 * host[:port], `docker.io` for Docker Hub. Scheme and path are ignored, as docker does.
 */
export function registryKey(text: string): string {
  const rest = text.trim().replace(/^[a-z]+:\/\//i, '');
  const slash = rest.indexOf('/');
  return canonicalRegistry(slash < 0 ? rest : rest.slice(0, slash));
}

/** The name by which docker asks a credential helper for a registry. */
export function serverName(registry: string): string {
  return registry === 'docker.io' ? dockerHubServer : registry;
}

/**
 * The values of a map whose keys mean the registry, the closest key first: the exact name,
 * then the name with a scheme, then keys with a path; equal ones in the map's order.
 */
export function valuesFor<T>(map: ReadonlyMap<string, T>, registry: string): readonly T[] {
  return [...map]
    .filter(([key]) => registryKey(key) === registry)
    .sort(([a], [b]) => distance(a, registry) - distance(b, registry))
    .map(([, value]) => value);
}

function distance(key: string, registry: string): number {
  if (key === registry || key === serverName(registry)) return 0;
  const path = key.replace(/^[a-z]+:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '');
  return path.includes('/') ? 2 : 1;
}
