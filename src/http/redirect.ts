import { type ActionError, NetworkError } from '../run/errors.ts';
import { mayLeadTo, reachOf } from '../run/reach.ts';
import { type HttpRequest, type HttpResponse, header, redacted, type Send } from './message.ts';

/** Which redirects are followed, and the error for those that are not. */
export interface RedirectPolicy<Request> {
  readonly maxRedirects: number;
  /** Throws when the request must not be sent to the target. */
  readonly check: (request: Request, target: URL) => void;
  /** `problem`: such as `redirects more than 5 times`. */
  readonly failure: (request: Request, problem: string) => ActionError;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Follows redirects as a policy allows. The origin's headers are dropped at the first other origin and do not come
 * back. A write is repeated only after 307 or 308, and on its own origin (RFC 9110, 15.4). An answer of another origin
 * is `elsewhere`, and a failure there has no body.
 */
export function redirected<Request extends HttpRequest>(
  send: Send,
  policy: RedirectPolicy<Request>,
): Send<Request> {
  return async (request) => {
    let current: Request = { ...request, registryHost: request.registryHost ?? request.url.host };
    for (let redirects = 0; redirects <= policy.maxRedirects; redirects += 1) {
      const response = await send(current);
      if (!redirectStatuses.has(response.status)) return locatedAnswer(request, response);
      const url = targetOf(current, response, policy);
      const isSameOrigin = url.origin === current.url.origin;
      current = { ...current, url, originHeaders: isSameOrigin ? current.originHeaders : undefined };
    }
    throw policy.failure(request, `redirects more than ${policy.maxRedirects} times`);
  };
}

// The registry chose the other host, and messages must not show what that host has to say.
function locatedAnswer(request: HttpRequest, response: HttpResponse): HttpResponse {
  if (response.url.origin === request.url.origin) return response;
  const body = response.status < 300 ? response.body : new Uint8Array();
  return { ...response, body, answeredBy: 'elsewhere' };
}

function targetOf<Request extends HttpRequest>(
  request: Request,
  response: HttpResponse,
  policy: RedirectPolicy<Request>,
): URL {
  const location = header(response.headers, 'location');
  const target = location === undefined ? null : URL.parse(location, request.url.href);
  if (target === null) throw policy.failure(request, 'redirects without a usable Location');
  policy.check(request, target);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const keepsMethod = response.status === 307 || response.status === 308;
  if (!isRead && !(keepsMethod && target.origin === request.url.origin)) {
    throw policy.failure(request, `redirects a ${request.method} to ${redacted(target)}`);
  }
  return target;
}

/**
 * Registries redirect reads to storage hosts: anywhere, except from TLS to plain HTTP, to a network further inward than
 * their own (unless `allowPrivate` allows it for the registry's host), and to special addresses.
 */
export function registryRedirects(
  allowPrivate: (registryHost: string) => boolean = () => false,
): RedirectPolicy<HttpRequest> {
  return {
    maxRedirects: 5,
    check: (request, target) => {
      const problem = schemeProblem(request.url, target) ?? reachProblem(request, target, allowPrivate);
      if (problem !== undefined) throw redirectRefused(request, problem);
    },
    failure: redirectRefused,
  };
}

function schemeProblem(from: URL, target: URL): string | undefined {
  if (target.protocol !== 'https:' && target.protocol !== from.protocol)
    return 'redirects to plain HTTP or another scheme';
  return target.username === '' && target.password === ''
    ? undefined
    : 'redirects to a URL with a user name in it';
}

function reachProblem(
  { url, registryHost = url.host }: HttpRequest,
  target: URL,
  allowPrivate: (registryHost: string) => boolean,
): string | undefined {
  if (reachOf(target) === 'special') return `redirects to an address with a special purpose (${target.host})`;
  const registry = new URL(`https://${registryHost}`);
  if (target.hostname === registry.hostname || mayLeadTo(registry, target) || allowPrivate(registryHost))
    return undefined;
  return `redirects to a private address (${target.host})`;
}

function redirectRefused(request: HttpRequest, problem: string): NetworkError {
  return new NetworkError('REDIRECT', `${redacted(request.url)} ${problem}`, {
    hint: 'Check that the reference names the registry itself, not a web page or a mirror in front of it. If its storage is in your own network, add the registry to insecure-registries.',
  });
}
