import { secretsIn } from '../http/authorization.ts';
import { type HttpResponse, header, redacted } from '../http/message.ts';
import { isRateLimit } from '../http/rate-limit.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import {
  type ActionError,
  AuthError,
  NetworkError,
  RegistryError,
  type RegistryFailure,
} from '../run/errors.ts';

/** What was being done when a registry refused, in the words of a message. */
export interface Operation {
  readonly method: string;
  readonly repository: Repository;
  /** Such as `push to` or `pull from`. */
  readonly verb: 'pull from' | 'push to' | 'delete in';
  /** What it was about: a tag, a digest, a blob. */
  readonly subject: string;
}

/** The error for an answer that is not what the deed needs; names the deed, the status and what to do. */
export function registryError(response: HttpResponse, deed: Operation): ActionError {
  if (isWebPage(response)) return notARegistry(response);
  const codes = errorCodes(response);
  const failure: RegistryFailure = {
    method: deed.method,
    url: redacted(response.url),
    status: response.status,
    codes: codes.map((each) => each.code),
  };
  const said = codes.length === 0 ? '' : `, ${codes.map(describeCode).join('; ')}`;
  const where = `${deed.verb} ${formatRepository(deed.repository)} (${deed.subject}, ${response.status}${said})`;
  if (isRateLimit(response)) return rateLimited(where, deed, failure);
  return response.status === 401 || response.status === 403
    ? denied(where, deed, response.login?.source)
    : refusalOf(response.status, where, deed, failure);
}

function denied(where: string, deed: Operation, source: string | undefined): AuthError {
  const asWhom = source === undefined ? 'without a login' : `with the login from ${source}`;
  const message = `denied: ${deed.repository.registry} refused to ${where} ${asWhom}`;
  return new AuthError('DENIED', message, { hint: deniedHint(deed, source) });
}

function rateLimited(where: string, deed: Operation, failure: RegistryFailure): RegistryError {
  return new RegistryError(
    'RATE_LIMITED',
    `rate limit: ${deed.repository.registry} refused to ${where}`,
    failure,
    {
      hint: 'Log in, so that the limit is your own, or run the job again later.',
    },
  );
}

function refusalOf(status: number, where: string, deed: Operation, failure: RegistryFailure): ActionError {
  const { registry } = deed.repository;
  if (status === 404) {
    const what = deed.verb === 'pull from' ? 'has nothing to' : 'refused to';
    return new RegistryError('NOT_FOUND', `not found: ${registry} ${what} ${where}`, failure, {
      hint: 'Check the spelling. Registries also say «not found» for a private repository that the login may not read.',
    });
  }
  if (status === 413) {
    return new RegistryError('TOO_LARGE', `too large: ${registry} does not accept ${where}`, failure, {
      hint: 'The registry, or a proxy in front of it, limits the size of what is pushed. Raise that limit.',
    });
  }
  if (status >= 500) {
    return new RegistryError('UNAVAILABLE', `${registry} failed to ${where}`, failure, {
      hint: 'The registry itself is in trouble. Run the job again later.',
    });
  }
  return new RegistryError('REFUSED', `${registry} refused to ${where}`, failure, {
    hint: refusedHint(deed),
  });
}

function refusedHint(deed: Operation): string {
  if (deed.verb === 'push to')
    return 'The registry does not want what was pushed. If it is old and knows no OCI index, build Docker images and set `format: docker`.';
  return 'Check the reference, and that its host is a registry of container images.';
}

function deniedHint(deed: Operation, source: string | undefined): string {
  const push = deed.verb !== 'pull from';
  if (deed.repository.registry === 'ghcr.io') {
    return `Give the job \`permissions: packages: ${push ? 'write' : 'read'}\`, and the repository access to the package.`;
  }
  if (source !== undefined) {
    return `Check that this login may ${push ? 'push to' : 'read'} the repository, and that the repository is there. Another login can be named in registry-auth, which comes first.`;
  }
  return `Log in to ${deed.repository.registry} first (docker/login-action or the registry-auth input) with an account that may ${push ? 'push there' : 'read it'}. A private repository refuses strangers in this way too.`;
}

/** What pages for people are not answered with; Quay calls even its empty 201 and 202 text/html. */
const protocolStatuses: ReadonlySet<number> = new Set([201, 202, 204]);

/** Whether an answer is a page for people: a captive portal's, a proxy's, or a web site's. */
export function isWebPage(response: HttpResponse): boolean {
  if (response.status >= 400 || protocolStatuses.has(response.status)) return false;
  const type = header(response.headers, 'content-type') ?? '';
  return /^\s*text\/html\b/i.test(type);
}

/** The error for a host that answers with web pages. */
export function notARegistry(response: HttpResponse): NetworkError {
  return new NetworkError(
    'NOT_A_REGISTRY',
    `${response.url.host} answered with a web page (${response.status}): not a registry`,
    {
      hint: 'Check the host in the reference, and that no login page of this network stands between.',
    },
  );
}

interface ErrorCode {
  readonly code: string;
  readonly message: string;
}

/**
 * The registry's own error codes, distribution-spec «Error Codes»; at most three. What it says back of the
 * login that it was shown is left out.
 */
export function errorCodes(response: HttpResponse): readonly ErrorCode[] {
  const secrets = response.login === undefined ? [] : secretsIn(response.login.authorization);
  try {
    const document: unknown = JSON.parse(Buffer.from(response.body).toString('utf8'));
    const errors =
      typeof document === 'object' && document !== null && 'errors' in document ? document.errors : [];
    return Array.isArray(errors) ? errors.slice(0, 3).flatMap((each) => errorCode(each, secrets)) : [];
  } catch {
    return [];
  }
}

function errorCode(value: unknown, secrets: readonly string[]): ErrorCode[] {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string')
    return [];
  const message = 'message' in value && typeof value.message === 'string' ? value.message : '';
  return [{ code: harmless(value.code, 60, secrets), message: harmless(message, 160, secrets) }];
}

// Before it is cut: half a secret is known to no mask.
function harmless(text: string, most: number, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '');
  return known
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, most)
    .trim();
}

function describeCode(each: ErrorCode): string {
  return each.message === '' ? each.code : `${each.code}: ${each.message}`;
}
