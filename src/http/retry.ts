import type { Clock } from '../run/clock.ts';
import { ActionError, NetworkError, RegistryError } from '../run/errors.ts';
import { failureOf, type HttpResponse, type Method, type Send } from './message.ts';
import { isRateLimit, isTemporary, maxWait, retryAfter } from './rate-limit.ts';
import { SilentHostError } from './silent-host.ts';

/**
 * How often a failing request is tried again, and how long. In milliseconds, the pause after attempt n is
 *
 *     backoff = min(maxPause, basePause × 2ⁿ⁻¹)
 *     pause   = max(wait, backoff × (1 + random) / 2)
 *
 * where `wait` is what the host asks for, and 0 ≤ random < 1. At least half of the backoff is waited, so that all
 * attempts together outlast a registry's restart: 3.9 s at least for the standard policy, and 7.75 s at most.
 */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Attempts without any answer: a host that does not answer three times will not answer the fourth time either. */
  readonly maxSilentAttempts: number;
  readonly basePause: number;
  readonly maxPause: number;
  /** From the start of the first attempt on; no other attempt begins later. */
  readonly deadline: number;
}

/** The policy of a normal run: 6 attempts, none begun later than two minutes after the first. */
export const standardRetries: RetryPolicy = {
  maxAttempts: 6,
  maxSilentAttempts: 3,
  basePause: 250,
  maxPause: 10_000,
  deadline: 120_000,
};

/** The part of a request that retries depend on. */
export interface RetriedRequest {
  readonly method: Method;
  /** Asked before each further attempt of a write: the answer to return if the write took effect after all. */
  readonly alreadyApplied?: (() => Promise<HttpResponse | undefined>) | undefined;
  /** `one`: for requests whose repetition takes more than the same request, such as a blob's upload. */
  readonly tries?: 'one';
}

interface TemporaryFailure {
  /** Returned or thrown when no attempt is left. */
  readonly last: NetworkError | HttpResponse;
  readonly wait: number;
}

/**
 * Repeats requests after temporary failures: broken connections, 408, 5xx and rate limits. Returns the last answer,
 * or throws the last NetworkError, when no attempt is left; throws RegistryError RATE_LIMITED or UNAVAILABLE when a
 * host asks to wait for more than a minute.
 */
export function retried<Request extends RetriedRequest>(
  send: Send<Request>,
  policy: RetryPolicy,
  clock: Clock,
): Send<Request> {
  return async (request) => {
    const end = clock.now() + policy.deadline;
    for (let attempt = 1; ; attempt += 1) {
      const result = await sendOnce(send, request, clock);
      if ('status' in result) return result;
      const backoff = Math.min(policy.maxPause, policy.basePause * 2 ** (attempt - 1));
      const pause = Math.max(result.wait, (backoff * (1 + clock.random())) / 2);
      if (attempt >= maxAttempts(request, result.last, policy) || clock.now() + pause > end) {
        return lastAnswer(result.last, attempt);
      }
      await clock.sleep(pause);
      const applied = await request.alreadyApplied?.();
      if (applied !== undefined) return applied;
    }
  };
}

async function sendOnce<Request extends RetriedRequest>(
  send: Send<Request>,
  request: Request,
  clock: Clock,
): Promise<HttpResponse | TemporaryFailure> {
  try {
    const response = await send(request);
    if (!isTemporary(response)) return response;
    const wait = retryAfter(response, clock.now()) ?? 0;
    if (wait > maxWait) throw waitTooLong(request.method, response, wait);
    return { last: response, wait };
  } catch (error) {
    const isFinal = error instanceof SilentHostError;
    if (error instanceof NetworkError && temporaryErrors.has(error.code) && !isFinal)
      return { last: error, wait: 0 };
    throw error;
  }
}

const temporaryErrors: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);

function waitTooLong(method: string, response: HttpResponse, wait: number): RegistryError {
  const isLimit = isRateLimit(response);
  const message = `${response.url.host} refuses requests for the next ${Math.ceil(wait / 60_000)} minutes (${response.status})`;
  const hint = isLimit
    ? 'Log in to get a rate limit of your own, or run the job again later.'
    : 'Run the job again later: the registry is out of service until then.';
  const code = isLimit ? 'RATE_LIMITED' : 'UNAVAILABLE';
  return new RegistryError(code, message, failureOf(method, response, { wait }), { hint });
}

function maxAttempts({ tries }: RetriedRequest, last: TemporaryFailure['last'], policy: RetryPolicy): number {
  if (tries === 'one') return 1;
  const isSilent = last instanceof NetworkError && last.code === 'TIMEOUT';
  return isSilent ? Math.min(policy.maxSilentAttempts, policy.maxAttempts) : policy.maxAttempts;
}

function lastAnswer(last: NetworkError | HttpResponse, attempts: number): HttpResponse {
  if (!(last instanceof ActionError)) return last;
  if (attempts === 1) throw last;
  throw new NetworkError(last.code, `${last.message}, tried ${attempts} times`, {
    hint: last.hint,
    cause: last.cause,
  });
}
