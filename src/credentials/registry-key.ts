import { canonicalRegistry, dockerHub } from '../oci/reference.ts';

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
  return registry === dockerHub ? dockerHubServer : registry;
}

/** An entry of a map in docker's configuration whose key means a registry. */
export interface KeyedEntry<T> {
  readonly key: string;
  readonly value: T;
  /** Whether the key is the one that docker itself writes for the registry. */
  readonly isExact: boolean;
}

/**
 * The entries of a map whose keys mean the registry, the closest first: keys with a path (containers-auth.json(5)) that
 * is the repository's or a prefix of it by whole segments, the longest first; the key that docker writes; the
 * registry's name; other spellings, in the map's order.
 */
export function entriesFor<T>(
  map: ReadonlyMap<string, T>,
  registry: string,
  repository = '',
): readonly KeyedEntry<T>[] {
  return [...map]
    .filter(([key]) => registryKey(key) === registry && `${repository}/`.startsWith(pathOf(key)))
    .sort(([a], [b]) => closeness(b, registry) - closeness(a, registry))
    .map(([key, value]) => ({ key, value, isExact: key === serverName(registry) }));
}

/** A key's path with a slash at its end; empty for a whole registry, as also docker's `/v1/` is. */
function pathOf(key: string): string {
  const [, ...segments] = key
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .split('/');
  const path = segments.filter((segment) => segment !== '').join('/');
  return path === '' || /^v[12]$/.test(path) ? '' : `${path}/`;
}

function closeness(key: string, registry: string): number {
  const path = pathOf(key);
  if (path !== '') return 2 + path.length;
  if (key === serverName(registry)) return 2;
  return key === registry ? 1 : 0;
}

/**
 * The container registry of the GitHub server that runs the job, to which the job's token belongs: `ghcr.io` for
 * github.com, `containers.HOST` for other servers, by the variable GITHUB_SERVER_URL.
 * https://docs.github.com/en/enterprise-server/packages/working-with-a-github-packages-registry/working-with-the-container-registry
 */
export function jobRegistry(environment: Readonly<Record<string, string | undefined>>): string {
  const host = URL.parse(environment['GITHUB_SERVER_URL'] ?? '')?.host ?? 'github.com';
  return host === 'github.com' ? 'ghcr.io' : `containers.${host}`;
}
