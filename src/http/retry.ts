import { ActionError, NetworkError, RegistryError } from '../run/errors.ts';
import type { HostLimiters } from './host-limiter.ts';
import type { HttpResponse } from './message.ts';
import { redacted } from './message.ts';
import { isRateLimit, maxWait, retryAfter } from './rate-limit.ts';

/** How long and how often a failing request is tried again. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Most milliseconds before the second try, doubled for each further one; at least half of it is waited. */
  readonly base: number;
  /** Most milliseconds between two tries. */
  readonly cap: number;
  /** Milliseconds after the first try at which no other one is begun. */
  readonly deadline: number;
  readonly now: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** The policy of a normal run: about 6 tries, none begun later than two minutes after the first. */
export const standardRetries: RetryPolicy = {
  attempts: 6,
  base: 250,
  cap: 10_000,
  deadline: 120_000,
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
};

/** What one try came to: an answer to hand on, or a reason to try again. */
type Outcome = { readonly answer: HttpResponse } | Again;

interface Again {
  /** What is thrown, or handed on, when there are no tries left. */
  readonly last: ActionError | HttpResponse;
  /** Milliseconds the host asked to wait. */
  readonly wait: number | undefined;
}

/** A request as the loop sees it. */
export interface RetriedRequest {
  /** Sends the request once more, from the start. */
  readonly attempt: () => Promise<HttpResponse>;
  /** For messages. */
  readonly method: string;
  /** Asked before each further try of a write: the answer that stands for it, if it took effect after all. */
  readonly alreadyApplied?: (() => Promise<HttpResponse | undefined>) | undefined;
}

/**
 * Sends again what failed in passing: broken connections, 408, 5xx and rate limits. This is the only loop of
 * its kind. A rate limit pauses the whole host. Hands on the last answer, or throws the last NetworkError,
 * when no tries are left; throws RegistryError RATE_LIMITED when a host asks for more than a minute.
 */
export async function withRetries(
  policy: RetryPolicy,
  paces: HostLimiters,
  request: RetriedRequest,
): Promise<HttpResponse> {
  const started = policy.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(request, policy.now);
    if ('answer' in outcome) return outcome.answer;
    const wait = waitBefore(attempt, outcome, policy);
    slowDown(outcome, wait, paces);
    if (attempt >= maxTries(outcome, policy) || policy.now() + wait > started + policy.deadline) {
      return lastOutcome(outcome.last, attempt);
    }
    await policy.sleep(wait);
    const already = await request.alreadyApplied?.();
    if (already !== undefined) return already;
  }
}

// A host that lets three tries time out will not answer the fourth either.
function maxTries(outcome: Again, policy: RetryPolicy): number {
  const isTimeout = outcome.last instanceof NetworkError && outcome.last.code === 'TIMEOUT';
  return isTimeout ? Math.min(3, policy.attempts) : policy.attempts;
}

function slowDown(outcome: Again, wait: number, paces: HostLimiters): void {
  if (outcome.wait === undefined || outcome.last instanceof ActionError) return;
  paces.of(outcome.last.url).pause(wait);
}

async function attemptOnce(request: RetriedRequest, now: () => number): Promise<Outcome> {
  try {
    return judge(request.method, await request.attempt(), now);
  } catch (error) {
    if (error instanceof NetworkError && isPassing(error)) return { last: error, wait: undefined };
    throw error;
  }
}

const passingNetworkErrors: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);

function isPassing(error: NetworkError): boolean {
  return passingNetworkErrors.has(error.code);
}

/** Those from 520 on are Cloudflare's, before the storage of Docker Hub and others, for trouble behind it. */
const passingStatuses: ReadonlySet<number> = new Set([
  ...[408, 500, 502, 503, 504],
  ...[520, 521, 522, 523, 524, 529, 530],
]);

function judge(method: string, response: HttpResponse, now: () => number): Outcome {
  const limited = isRateLimit(response);
  if (!limited && !passingStatuses.has(response.status)) return { answer: response };
  const asked = retryAfter(response, now());
  if (asked !== undefined && asked > maxWait) throw tooLong(method, response, asked);
  return { last: response, wait: asked ?? (limited ? 0 : undefined) };
}

function tooLong(method: string, response: HttpResponse, wait: number): RegistryError {
  const minutes = Math.ceil(wait / 60_000);
  const limited = isRateLimit(response);
  return new RegistryError(
    limited ? 'RATE_LIMITED' : 'UNAVAILABLE',
    `${response.url.host} refuses requests for the next ${minutes} minutes (${response.status})`,
    { method, url: redacted(response.url), status: response.status, codes: [], wait },
    {
      hint: limited
        ? 'Its rate limit is used up. Log in, so that the limit is your own, or run the job again later.'
        : 'It is out of service for so long. Run the job again later.',
    },
  );
}

function waitBefore(attempt: number, outcome: Again, policy: RetryPolicy): number {
  // Half of it is certain, so that all tries together outlast a registry that starts anew.
  const backoff = ((1 + policy.random()) / 2) * Math.min(policy.cap, policy.base * 2 ** (attempt - 1));
  return Math.max(outcome.wait ?? 0, backoff);
}

function lastOutcome(last: ActionError | HttpResponse, attempts: number): HttpResponse {
  if (!(last instanceof ActionError)) return last;
  if (attempts === 1) throw last;
  throw new NetworkError(last.code, `${last.message}, tried ${attempts} times`, {
    hint: last.hint,
    cause: last.cause,
  });
}
