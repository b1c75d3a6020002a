/** Faults that are honest answers: the server says that it will not. */

import { registryError } from '../registry/registry-errors.ts';
import { serverDate } from '../wire/test-clock.ts';
import type { Answer, Fault, FaultContext } from '../wire/wire.ts';
import type { RefusalFault } from './fault-spec.ts';

const secondaryLimit =
  'denied: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

export function createRefusalFault(spec: RefusalFault): Fault {
  switch (spec.fault) {
    case 'status':
      return async () => status(spec);
    case 'rate-limit':
      return async () => rateLimit(spec);
    case 'secondary-rate-limit':
      return async () => registryError(403, 'DENIED', secondaryLimit);
    case 'lag-404':
      return unlessManifestRead;
    case 'no-head':
      return async ({ request, proceed }) =>
        request.method === 'HEAD' ? { status: spec.status ?? 405, headers: {} } : proceed();
    case 'unauthorized':
      return async ({ unauthorized }) => unauthorized('invalid_token');
    case 'insufficient-scope':
      return async ({ unauthorized }) => {
        const answer = unauthorized('insufficient_scope', spec.scope);
        return { ...answer, status: spec.status ?? answer.status };
      };
  }
}

function status(spec: RefusalFault & { fault: 'status' }): Answer {
  const error = registryError(spec.status, spec.code ?? 'UNKNOWN', spec.message ?? `status ${spec.status}`);
  const headers = { ...(spec.body === undefined && error.headers), ...spec.headers };
  return { status: spec.status, headers, body: spec.body ?? error.body ?? '' };
}

function rateLimit(spec: RefusalFault & { fault: 'rate-limit' }): Answer {
  const message = spec.form === 'ghcr' ? 'retry-after: 12.5ms, allowed: 44000/minute' : 'too many requests';
  const error = registryError(spec.status ?? 429, 'TOOMANYREQUESTS', message);
  return { ...error, headers: { ...error.headers, ...retryAfter(spec.form, spec.seconds ?? 1) } };
}

/** RFC 9110 §10.2.3. */
function retryAfter(form: string, seconds: number): Record<string, string> {
  if (form === 'seconds') return { 'retry-after': String(seconds) };
  if (form === 'hour') return { 'retry-after': '3600' };
  if (form !== 'http-date') return {};
  return { 'retry-after': new Date(serverDate() + seconds * 1000).toUTCString() };
}

async function unlessManifestRead({ request, proceed }: FaultContext): Promise<Answer> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads || !request.url.pathname.includes('/manifests/')) return proceed();
  return registryError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
}
