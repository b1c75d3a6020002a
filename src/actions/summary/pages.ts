import { dockerHub, type Repository } from '../../oci/reference.ts';
import type { Environment } from '../../run/environment.ts';

/**
 * The web page of a repository on Docker Hub, GitHub, Quay or GitLab; undefined elsewhere, and where a GitLab path does
 * not say which of its parts is the project.
 */
export function packagePage({ registry, path }: Repository): string | undefined {
  const [owner, name, ...more] = path.split('/');
  if (owner === undefined || name === undefined) return undefined;
  switch (registry) {
    case dockerHub:
      return owner === 'library' ? `https://hub.docker.com/_/${name}` : `https://hub.docker.com/r/${path}`;
    case 'ghcr.io': // Forwards a browser to the package, whether its owner is a user or an organisation.
      return `https://ghcr.io/${path}`;
    case 'quay.io':
      return `https://quay.io/repository/${path}`;
    case 'registry.gitlab.com':
      return more.length === 0 ? `https://gitlab.com/${path}/container_registry` : undefined;
    default:
      return undefined;
  }
}

/**
 * The URL of an error code's section in docs/TROUBLESHOOTING.md, at the version of the action that runs; undefined
 * when the runner does not say it, as for `uses: ./`.
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/variables)
 */
export function troubleshootingPage(code: string, environment: Environment): string | undefined {
  const {
    GITHUB_SERVER_URL: server = '',
    GITHUB_ACTION_REPOSITORY: repository = '',
    GITHUB_ACTION_REF: ref = '',
  } = environment;
  const isKnown =
    /^https?:\/\/[\w.:-]+$/.test(server) && /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
  if (!isKnown || !/^[A-Z_]+$/.test(code)) return undefined;
  return `${server}/${repository}/blob/${ref}/docs/TROUBLESHOOTING.md#${code.toLowerCase()}`;
}
