/**
 * The credentials for a registry. `source` names where they came from, for messages: `registry-auth input`,
 * `/home/runner/.docker/config.json`, `docker-credential-ecr-login`, `GITHUB_TOKEN`; never a secret.
 */
export type Credential =
  | {
      readonly kind: 'basic';
      readonly username: string;
      readonly password: string;
      readonly source: string;
    }
  | {
      /** A refresh token, which OAuth2 exchanges for a token of the registry. */
      readonly kind: 'identity-token';
      readonly token: string;
      readonly username?: string;
      readonly source: string;
    }
  | {
      /** Sent to the registry as it is. */
      readonly kind: 'registry-token';
      readonly token: string;
      readonly source: string;
    }
  | {
      readonly kind: 'anonymous';
      readonly source: string;
      /** The configuration that has no login, and its location; undefined when nothing was configured. */
      readonly searched?: string | undefined;
    };

/**
 * Whose a login is, for messages: the job's own token, or an account's. GitHub's tokens say it by their prefix:
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
 */
export function ownerOf(credential: Credential): 'job' | 'account' | 'nobody' {
  if (credential.kind === 'anonymous') return 'nobody';
  const secret = credential.kind === 'basic' ? credential.password : credential.token;
  if (secret.startsWith('ghs_')) return 'job';
  const isJobs = credential.source === 'GITHUB_TOKEN' && !/^(gh[a-z]|github_pat)_/.test(secret);
  return isJobs ? 'job' : 'account';
}
