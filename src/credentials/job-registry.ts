/**
 * The container registry of the GitHub server that runs the job, to which the job's token belongs: `ghcr.io` for
 * github.com, `containers.HOST` for other servers, by the variable GITHUB_SERVER_URL.
 * https://docs.github.com/en/enterprise-server/packages/working-with-a-github-packages-registry/working-with-the-container-registry
 */
export function jobRegistry(environment: Readonly<Record<string, string | undefined>>): string {
  const host = URL.parse(environment['GITHUB_SERVER_URL'] ?? '')?.host ?? 'github.com';
  return host === 'github.com' ? 'ghcr.io' : `containers.${host}`;
}
