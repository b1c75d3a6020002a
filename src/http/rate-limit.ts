import { type HttpResponse, header } from './message.ts';

/** Milliseconds: a longer wait than this fails the request instead. */
export const maxWait = 60_000;

/** Statuses of temporary failures; those from 520 on are Cloudflare's, in front of Docker Hub's and other storage. */
const temporaryStatuses: ReadonlySet<number> = new Set([
  ...[408, 500, 502, 503, 504],
  ...[520, 521, 522, 523, 524, 529, 530],
]);

/** Whether the same request may succeed later: a temporary failure or a rate limit. */
export function isTemporary(response: HttpResponse): boolean {
  return temporaryStatuses.has(response.status) || isRateLimit(response);
}

/**
 * Whether a host refuses because it gets too many requests: 429, or GitHub's 403 that mentions a rate limit, with
 * "secondary" or without (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export function isRateLimit(response: HttpResponse): boolean {
  if (response.status === 429) return true;
  return response.status === 403 && /\b(secondary )?rate limit\b/i.test(bodyText(response));
}

/**
 * Milliseconds the host asks to wait: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else GHCR's
 * `retry-after: 12.5ms` inside the body (https://github.com/chainguard-images/images/issues/173), else the end of a
 * rate limit that is used up; undefined when it does not say.
 */
export function retryAfter(response: HttpResponse, now: number): number | undefined {
  const value = header(response.headers, 'retry-after')?.trim();
  if (value !== undefined) return headerWait(value, now);
  return bodyWait(bodyText(response)) ?? resetWait(response, now);
}

function headerWait(value: string, now: number): number | undefined {
  if (/^\d{1,15}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** 2001-09-09 in seconds since 1970: a reset from then on is a time, a smaller one is a number of seconds. */
const firstEpochSeconds = 1e9;

/**
 * The wait until the reset of a rate limit: GitHub's and GitLab's time since 1970, or the seconds of the IETF's draft
 * (https://github.com/sindresorhus/ky/pull/618). GitHub sends the header with every answer, also with the refusals of
 * its secondary limit, which does not end then (https://github.com/KnpLabs/php-github-api/pull/1072).
 */
function resetWait(response: HttpResponse, now: number): number | undefined {
  const { headers } = response;
  if (!isRateLimit(response)) return undefined;
  const remaining = header(headers, 'ratelimit-remaining') ?? header(headers, 'x-ratelimit-remaining');
  if (Number.parseInt(remaining ?? '0', 10) !== 0) return undefined;
  const reset = header(headers, 'ratelimit-reset') ?? header(headers, 'x-ratelimit-reset');
  if (reset === undefined || !/^\s*\d{1,15}\s*$/.test(reset)) return undefined;
  const seconds = Number(reset);
  return seconds < firstEpochSeconds ? seconds * 1000 : Math.max(0, seconds * 1000 - now);
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  µs: 0.001,
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

// Go prints durations such as `1m30.5s`.
function bodyWait(text: string): number | undefined {
  const found = /retry-after:\s*((?:\d{1,9}(?:\.\d{1,9})?(?:µs|us|ms|s|m|h)){1,6})/i.exec(text)?.[1];
  if (found === undefined) return undefined;
  let total = 0;
  for (const [, amount, unit] of found.matchAll(/(\d+(?:\.\d+)?)(µs|us|ms|s|m|h)/gi)) {
    total += Number(amount) * (unitMilliseconds[unit?.toLowerCase() ?? ''] ?? 0);
  }
  return total;
}

function bodyText(response: HttpResponse): string {
  return Buffer.from(response.body.subarray(0, 4096)).toString('utf8');
}
