import { type Credential, ownerOf } from '../credentials/credential.ts';
import { AuthError } from '../run/errors.ts';
import { type AccessRequest, formatScope } from './scope.ts';

/** The access that was requested, and from which registry. */
type Requested = Pick<AccessRequest, 'registry' | 'scope' | 'needed'>;

/** The registry requires a login, and none is configured. */
export function loginMissing(request: Requested, credential: Credential): AuthError {
  const message = `${request.registry} requires a login for ${wanted(request)}, and none is configured`;
  return failure('UNAUTHORIZED', message, request, credential);
}

/** The login itself was rejected (401): `by` a registry or token server. */
export function loginRefused(request: Requested, credential: Credential, by: string): AuthError {
  const message = `${by} rejected the login from ${credential.source} (401), sent for ${wanted(request)}`;
  return failure('UNAUTHORIZED', message, request, credential);
}

/** The login does not fit the only scheme that the registry offers. */
export function loginUnfit(request: Requested, credential: Credential): AuthError {
  const message = `${request.registry} requires a user name and password, and the login from ${credential.source} has none`;
  return failure('UNAUTHORIZED', message, request, credential);
}

/** The token server denied a token for the scope. */
export function scopeRefused(request: Requested, credential: Credential, status: number): AuthError {
  const message = `The token server of ${request.registry} denied a token for ${wanted(request)} (${status}) ${sentWith(credential)}`;
  return failure('DENIED', message, request, credential);
}

/** The registry rejected a token that its token server has just issued. */
export function tokenRejected(request: Requested, credential: Credential): AuthError {
  const message = `${request.registry} rejected the token for ${wanted(request)}, issued ${sentWith(credential)}`;
  return failure('DENIED', message, request, credential);
}

/** The registry denied a request and offers no scheme to authenticate with that is supported here. */
export function challengeUnusable(request: Requested, schemes: readonly string[]): AuthError {
  const names = schemes.slice(0, 3).map((scheme) => scheme.slice(0, 20));
  const offer =
    schemes.length === 0 ? 'no way to log in' : `only unsupported ways to log in (${names.join(', ')})`;
  return new AuthError('CHALLENGE', `${request.registry} denied ${wanted(request)} and offers ${offer}`, {
    hint: 'Check that the host is a registry, and that no proxy of this network answers instead of it. Bearer and Basic are supported.',
  });
}

function failure(code: string, message: string, request: Requested, credential: Credential): AuthError {
  const { registry, scope } = request;
  const repository = scope.repository === '' ? undefined : { registry, path: scope.repository };
  return new AuthError(code, message, { hint: remedy(request, credential), repository });
}

function wanted({ scope }: Requested): string {
  return scope.repository === '' || scope.actions.length === 0 ? 'its API' : formatScope(scope);
}

function sentWith(credential: Credential): string {
  return credential.kind === 'anonymous' ? 'without a login' : `with the login from ${credential.source}`;
}

/**
 * The most likely remedy, by registry.
 * https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry,
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html and
 * https://docs.cloud.google.com/artifact-registry/docs/docker/authentication
 */
function remedy({ registry, scope, needed = scope }: Requested, credential: Credential): string {
  const need = needed.actions.some((action) => action !== 'pull') ? 'write' : 'read';
  if (isPackages(registry)) {
    const hint = packagesRemedy(need, ownerOf(credential));
    return credential.kind === 'anonymous' ? hint + searchedIn(credential) : hint;
  }
  if (credential.kind === 'anonymous') {
    return `Log in to ${registry} before this step, with docker/login-action or registry-auth. Registries often answer the same for a repository that does not exist.${searchedIn(credential)}`;
  }
  return hintOf(registry, need);
}

function searchedIn({ searched }: Extract<Credential, { kind: 'anonymous' }>): string {
  return searched === undefined ? '' : ` No login is in ${searched}.`;
}

/** Whether a registry is GitHub's, on any of its servers. */
export function isPackages(registry: string): boolean {
  return registry === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(registry);
}

/** What helps at GitHub's registry, by what the job needs there and whose login it was refused with. */
export function packagesRemedy(need: 'read' | 'write', owner: ReturnType<typeof ownerOf>): string {
  if (owner === 'account') {
    return `Check that this personal access token is a classic one, has not expired and has the scope ${need}:packages, and that its user may ${need} the package.`;
  }
  const permission = `Give the job \`permissions: packages: ${need}\`, and give its repository access to the package (package settings, Manage Actions access).`;
  return owner === 'job'
    ? permission
    : `${permission} Pass the github-token input, or log in with docker/login-action.`;
}

function hintOf(registry: string, need: 'read' | 'write'): string {
  const writes = need === 'write';
  if (registry === 'docker.io') {
    return `Check the access token of Docker Hub: it needs ${writes ? 'Read & Write' : 'Read'}, and its user needs access to the repository.`;
  }
  if (/\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(registry)) {
    return 'Run aws-actions/amazon-ecr-login before this step: its passwords expire after 12 hours, and the role needs the ecr: permissions for the repository.';
  }
  if (/(^|\.)(pkg\.dev|gcr\.io)$/.test(registry)) {
    return `Use the user name oauth2accesstoken; its account needs Artifact Registry ${writes ? 'Writer' : 'Reader'}, and its tokens expire within an hour.`;
  }
  return `Check the user name and password, that they have not expired, and that the account may ${writes ? 'push to' : 'pull from'} the repository.`;
}
