import type { Environment } from '../../run/environment.ts';
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
