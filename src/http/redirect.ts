import { NetworkError } from '../run/errors.ts';
import { type HttpRequest, type HttpResponse, header, redacted, type Send } from './message.ts';

const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Follows redirects by hand. Reads go anywhere that is no downgrade to plain HTTP, without the bound
 * headers once they left their origin; 307 and 308 replay a write on the same origin only (RFC 9110, 15.4).
 */
export function followingRedirects(send: Send): Send {
  return async (request) => {
    let current = request;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const response = await send(current);
      const target = redirectTarget(current, response);
      if (target === undefined) return response;
      current = redirected(current, target);
    }
    throw unusable(request, `more than ${maxRedirects} times`);
  };
}

function redirectTarget(request: HttpRequest, response: HttpResponse): URL | undefined {
  if (!redirectStatuses.has(response.status)) return undefined;
  const location = header(response.headers, 'location');
  const target = location === undefined ? null : URL.parse(location, request.url.href);
  if (target === null) throw unusable(request, 'without a usable Location');
  checkTarget(request, response, target);
  return target;
}

function checkTarget(request: HttpRequest, response: HttpResponse, target: URL): void {
  if (target.protocol !== 'https:' && target.protocol !== request.url.protocol) {
    throw unusable(request, 'to plain HTTP or another scheme');
  }
  if (target.username !== '' || target.password !== '')
    throw unusable(request, 'to a URL with a user name in it');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead) return;
  const replays = response.status === 307 || response.status === 308;
  if (!replays || target.origin !== request.url.origin) {
    throw unusable(request, `a ${request.method} to ${redacted(target)}`);
  }
}

function unusable(request: HttpRequest, how: string): NetworkError {
  return new NetworkError('REDIRECT', `${redacted(request.url)} redirects ${how}`, {
    hint: 'Check that the reference names the registry itself, not a web page or a mirror in front of it.',
  });
}

// Once dropped, the bound headers do not come back, wherever the chain leads.
function redirected(request: HttpRequest, target: URL): HttpRequest {
  if (target.origin === request.url.origin) return { ...request, url: target };
  return { ...request, url: target, originHeaders: undefined };
}
