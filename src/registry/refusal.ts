import { isPackages, packagesRemedy } from '../auth/auth-error.ts';
import { failureOf, type HttpResponse, header, secretsIn } from '../http/message.ts';
import { isRateLimit } from '../http/rate-limit.ts';
import { isDigest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { type ActionError, AuthError, NetworkError, RegistryError } from '../run/errors.ts';
import { refusedContentHint } from './refused-content.ts';

/** The operation that a registry refused, for messages. */
export interface Operation {
  readonly method: string;
  readonly verb: 'pull' | 'push';
  readonly repository: Repository;
  /** A tag or digest; undefined for an upload that has not begun. */
  readonly name: string | undefined;
  /** The manifest that is pushed. */
  readonly manifest?: Pick<Manifest, 'mediaType' | 'content' | 'size'> | undefined;
  /** Whether the run pushes to the repository, too, although this operation may only read. */
  readonly isWritten?: boolean | undefined;
}

/** The error for an answer that fails an operation: names the operation, the status, the registry's codes and a remedy. */
export function registryError(response: HttpResponse, operation: Operation): ActionError {
  if (isWebPage(response)) return notARegistry(response);
  const { status } = response;
  const codes = errorCodes(response);
  const texts = codes.map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
  if (codes.length === 0) texts.push(...plainText(response));
  const answer = `(${[status, ...texts].join(', ')})`;
  if (!isRateLimit(response) && (status === 401 || status === 403)) {
    return denied(operation, answer, response.login);
  }
  const [code, problem, hint] = refusalOf(response, operation, texts.join(', '));
  const failure = failureOf(operation.method, response, { codes: codes.map((each) => each.code) });
  const message = `${operation.repository.registry} ${problem} ${answer}`;
  return new RegistryError(code, message, failure, { hint, repository: operation.repository });
}

/** A tag or digest as references name it: `ghcr.io/acme/app:1.2.3`, `ghcr.io/acme/app@sha256:…`. */
export function formatTarget(repository: Repository, name: string): string {
  return `${formatRepository(repository)}${isDigest(name) ? '@' : ':'}${name}`;
}

function denied(operation: Operation, answer: string, login: HttpResponse['login']): AuthError {
  const sent = login === undefined ? 'without a login' : `with the login from ${login.source}`;
  const message = `${operation.repository.registry} denied the ${describe(operation)} ${answer} ${sent}`;
  const { repository } = operation;
  return new AuthError('DENIED', message, { hint: deniedHint(operation, login), repository });
}

function describe(operation: Operation): string {
  return operation.name === undefined
    ? `upload to ${formatRepository(operation.repository)}`
    : `${operation.verb} of ${describeName(operation)}`;
}

function describeName({ repository, name }: Operation): string {
  return name === undefined ? formatRepository(repository) : formatTarget(repository, name);
}

type RefusalCode = 'RATE_LIMITED' | 'NOT_FOUND' | 'TOO_LARGE' | 'UNAVAILABLE' | 'REFUSED';

function refusalOf(
  response: HttpResponse,
  operation: Operation,
  said: string,
): [code: RefusalCode, problem: string, hint: string] {
  const what = describe(operation);
  if (isRateLimit(response)) {
    const hint = 'Log in to get a rate limit of your own, or run the job again later.';
    return ['RATE_LIMITED', `rate-limited the ${what}`, hint];
  }
  if (response.status === 404) {
    const isPull = operation.verb === 'pull';
    const problem = isPull
      ? `did not find ${describeName(operation)}`
      : `answered the ${what} with "not found"`;
    return ['NOT_FOUND', problem, isPull ? notFoundHint : notFoundOnPush(operation, said)];
  }
  if (response.status === 413 || isAboutSize(said, operation)) {
    const size =
      operation.manifest === undefined ? '' : ` The manifest has ${operation.manifest.size} bytes.`;
    const hint = `Raise the size limit of the registry, or of the proxy in front of it.${size}`;
    return ['TOO_LARGE', `refused the ${what} as too large`, hint];
  }
  if (response.status >= 500) {
    return [
      'UNAVAILABLE',
      `failed the ${what}`,
      'Run the job again later: the registry itself is in trouble.',
    ];
  }
  return ['REFUSED', `refused the ${what}`, refusedHint(operation, response.status, said)];
}

const notFoundHint =
  'Check the spelling. Registries also answer "not found" for a private repository that the login may not read.';

// Gitea answers so, too, when it misses an image of a list, and when two pushes collide.
function notFoundOnPush({ manifest }: Operation, said: string): string {
  if (said.includes('NAME_UNKNOWN'))
    return 'Check the spelling, and create the repository or project first: this registry does not create it on a push.';
  return manifest?.content.kind === 'index'
    ? 'Run the job again: some registries answer so while they do not see an image of the list, or when two jobs push at once. If it stays, check that the repository exists, and that the login may push to it.'
    : notFoundHint;
}

function isAboutSize(said: string, { verb, manifest }: Operation): boolean {
  return (
    verb === 'push' && manifest !== undefined && /\btoo (large|big)\b|maximum (manifest )?size/i.test(said)
  );
}

function refusedHint({ verb, manifest }: Operation, status: number, said: string): string {
  if (verb === 'push' && status === 405) {
    return 'Push to a registry that accepts pushes: this one is read-only, as mirrors and pull-through caches are.';
  }
  if (manifest !== undefined) return refusedContentHint(manifest, said);
  if (verb === 'push') return 'Look up what the registry says in its documentation, or ask its operators.';
  // Harbor: PROJECTPOLICYVIOLATION.
  return status === 412 || /policy/i.test(said)
    ? 'A policy of the registry keeps this image from being pulled, as one that is not signed or has vulnerabilities: meet it, or change it in the project there.'
    : 'Check the reference, and that its host is a registry of container images.';
}

function deniedHint({ verb, repository, isWritten }: Operation, login: HttpResponse['login']): string {
  const { registry } = repository;
  if (isPackages(registry)) {
    const owner = login?.owner ?? (login ? 'account' : 'nobody');
    return packagesRemedy(isWritten || verb === 'push' ? 'write' : 'read', owner);
  }
  const access = verb === 'push' ? 'push to' : 'read';
  if (login !== undefined) {
    return `Check that this login may ${access} the repository, and that the repository exists. To use another login, set registry-auth: it comes first.`;
  }
  return `Log in to ${registry} first (docker/login-action or registry-auth) with an account that may ${access} the repository. Private repositories deny anonymous requests like this.`;
}

/** Statuses that web pages are not served with; Quay sends even its empty 201 and 202 as text/html. */
const protocolStatuses: ReadonlySet<number> = new Set([201, 202, 204]);

/** Whether an answer is a web page: a captive portal's, a proxy's, or a web site's. */
export function isWebPage(response: HttpResponse): boolean {
  if (response.status >= 400 || protocolStatuses.has(response.status)) return false;
  const type = header(response.headers, 'content-type') ?? '';
  return /^\s*text\/html\b/i.test(type);
}

/** Whether an answer has one of these statuses, by default any below 300, and is not a web page. */
export function isSuccess(response: HttpResponse, ...statuses: readonly number[]): boolean {
  const { status } = response;
  return (statuses.length === 0 ? status < 300 : statuses.includes(status)) && !isWebPage(response);
}

/** The error for a host that answers with web pages. */
export function notARegistry(response: HttpResponse): NetworkError {
  const message = `${response.url.host} answered with a web page (${response.status}): it is not a registry`;
  return new NetworkError('NOT_A_REGISTRY', message, {
    hint: 'Check the host in the reference, and that no login page of this network answers instead.',
  });
}

/** The error for a push that was answered, and is not served. */
export function notStored(response: HttpResponse, repository: Repository, name: string): RegistryError {
  const { registry } = repository;
  const message = `${registry} answered the push of ${formatTarget(repository, name)} with ${response.status} but does not serve it`;
  return new RegistryError('NOT_STORED', message, failureOf('PUT', response), {
    hint: 'Check the proxies between this runner and the registry.',
  });
}

interface ErrorCode {
  readonly code: string;
  readonly message: string;
}

/**
 * The registry's own error codes (distribution-spec, "Error Codes"), at most three, without the credentials that the
 * request was sent with.
 */
export function errorCodes(response: HttpResponse): readonly ErrorCode[] {
  const secrets = secretsOf(response);
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
  const detail = 'detail' in value ? shortText(detailText(value.detail), secrets) : '';
  const shown = sanitize(message, 160, secrets);
  const isNew = detail !== '' && !shown.includes(detail);
  const text = isNew ? [shown, detail].filter(Boolean).join('; ') : shown;
  return [{ code: sanitize(value.code, 60, secrets), message: text }];
}

/** Characters of a detail, or of a body without codes, that is shown; a longer one is no sentence. */
const maxTextLength = 200;

// CNCF distribution and Harbor write an object such as {"Tag":"v1"}, or several.
function detailText(detail: unknown): string {
  const parts = [detail].flat().map((part: unknown) => {
    if (typeof part !== 'object' || part === null) return plainValue(part);
    const fields = Object.entries(part).map(([name, value]) => [name, plainValue(value)] as const);
    return fields.flatMap(([name, value]) => (value === '' ? [] : `${name}: ${value}`)).join(', ');
  });
  return parts.filter(Boolean).join('; ');
}

function plainValue(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

function shortText(value: string, secrets: readonly string[]): string {
  const text = sanitize(value, Infinity, secrets);
  return text.length > maxTextLength ? '' : text;
}

/** The body of an answer without codes, when it is a short plain text. */
function plainText(response: HttpResponse): readonly string[] {
  const body = Buffer.from(response.body).toString('utf8').trim();
  if (/^[<{[]/.test(body)) return [];
  return [shortText(body, secretsOf(response))].filter(Boolean);
}

function secretsOf({ login }: HttpResponse): readonly string[] {
  return login === undefined ? [] : secretsIn(login.authorization);
}

// Secrets are removed before the text is cut: no mask matches half a secret.
function sanitize(text: string, maxLength: number, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '');
  const shown = known.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  // A backtick would begin code in the summary.
  return shown
    .replaceAll('`', "'")
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, maxLength)
    .trim();
}
