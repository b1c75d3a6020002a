import type { Credential } from '../credentials/credential.ts';
import { AuthError } from '../run/errors.ts';
import { formatScope, type Scope } from './scope.ts';

/** What was wanted, of whom, and as whom. */
export interface Attempt {
  readonly registry: string;
  readonly scope: Scope;
  readonly credential: Credential;
}

/** The registry wants a login, and there is none. */
export function loginMissing(attempt: Attempt): AuthError {
  return failure(
    'UNAUTHORIZED',
    `unauthorized: ${attempt.registry} asks for a login for ${wanted(attempt)}, and none is configured`,
    attempt,
  );
}

/** The login itself was refused; `by` is whoever did, `status` its answer. */
export function loginRefused(attempt: Attempt, by: string, status: number): AuthError {
  return failure(
    'UNAUTHORIZED',
    `unauthorized: ${by} refused the login from ${attempt.credential.source} (${status}), asked for ${wanted(attempt)}`,
    attempt,
  );
}

/** The login is no use for the only scheme that the registry offers. */
export function loginUnfit(attempt: Attempt): AuthError {
  return failure(
    'UNAUTHORIZED',
    `unauthorized: ${attempt.registry} asks for user and password, and the login from ${attempt.credential.source} has none`,
    attempt,
  );
}

/** The token server gives no token for the scope. */
export function scopeRefused(attempt: Attempt, status: number): AuthError {
  return failure(
    'DENIED',
    `denied: the token server of ${attempt.registry} gives no token for ${wanted(attempt)} ${asWhom(attempt)} (${status})`,
    attempt,
  );
}

/** The registry rejects a token that its token server has just given. */
export function tokenRejected(attempt: Attempt): AuthError {
  return failure(
    'DENIED',
    `denied: ${attempt.registry} rejects the token for ${wanted(attempt)}, obtained ${asWhom(attempt)}`,
    attempt,
  );
}

/** The registry refuses a request without saying, in a way that is understood, how to authenticate. */
export function challengeUnusable(attempt: Attempt, schemes: readonly string[]): AuthError {
  const names = schemes.slice(0, 3).map((scheme) => scheme.slice(0, 20));
  const offer =
    schemes.length === 0 ? 'no way to log in' : `no way to log in that is known here (${names.join(', ')})`;
  return new AuthError(
    'CHALLENGE',
    `unauthorized: ${attempt.registry} refused ${wanted(attempt)} and offers ${offer}`,
    {
      hint: 'Bearer and Basic are known. Check that the host is a registry, and that no proxy of this network answers in its stead.',
    },
  );
}

function failure(code: string, message: string, attempt: Attempt): AuthError {
  return new AuthError(code, message, { hint: remedy(attempt) });
}

function wanted({ scope }: Attempt): string {
  return scope.repository === '' || scope.actions.length === 0 ? 'its API' : formatScope(scope);
}

function asWhom({ credential }: Attempt): string {
  return credential.kind === 'anonymous' ? 'without a login' : `with the login from ${credential.source}`;
}

/** What is likely to help, by registry. */
function remedy({ registry, scope, credential }: Attempt): string {
  const writes = scope.actions.some((action) => action !== 'pull');
  if (registry === 'ghcr.io') return packagesRemedy(writes, credential);
  if (credential.kind === 'anonymous') {
    return `Log in to ${registry} before this step, with docker/login-action, or name the login in registry-auth. A repository that is not there is often refused in the same way.`;
  }
  return `${hintOf(registry, writes)} The login came from ${credential.source}.`;
}

function packagesRemedy(writes: boolean, credential: Credential): string {
  const need = writes ? 'write' : 'read';
  const login =
    credential.kind === 'anonymous'
      ? ' Pass the github-token input, or log in with docker/login-action.'
      : '';
  return `Give the job \`permissions: packages: ${need}\`, and its repository access to the package (package settings, Manage Actions access); a token of your own needs ${need}:packages.${login}`;
}

function hintOf(registry: string, writes: boolean): string {
  if (registry === 'docker.io') {
    return `Check the access token of Docker Hub: it needs ${writes ? 'Read & Write' : 'Read'}, and its user access to the repository.`;
  }
  if (/\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(registry)) {
    return 'Run aws-actions/amazon-ecr-login before this step: its passwords live 12 hours, and the role needs the ecr: permissions for the repository.';
  }
  if (/(^|\.)(pkg\.dev|gcr\.io)$/.test(registry)) {
    return `The user is oauth2accesstoken, and its account needs Artifact Registry ${writes ? 'Writer' : 'Reader'}; such tokens live an hour at most.`;
  }
  return `Check user and password, whether they have expired, and that the account may ${writes ? 'push to' : 'pull from'} the repository.`;
}
