import type { Clock } from '../run/clock.ts';
import { ActionError, NetworkError, RegistryError } from '../run/errors.ts';
import { SilentHostError } from './host-limiter.ts';
import { failureOf, type HttpResponse, type Method, type Send } from './message.ts';
import { isRateLimit, isTemporary, maxWait, retryAfter } from './rate-limit.ts';

/** How often a failing request is tried again, and how long. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt at most, doubled for each further one; at least half of it is waited. */
  readonly basePause: number;
  /** Milliseconds between two attempts at most. */
  readonly maxPause: number;
  /** Milliseconds after the first attempt from which on no other one begins. */
  readonly deadline: number;
}

/** The policy of a normal run: 6 attempts, none begun later than two minutes after the first. */
export const standardRetries: RetryPolicy = {
  maxAttempts: 6,
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

/** The result of one attempt: an answer to return, or a reason to try again. */
type Outcome = { readonly answer: HttpResponse } | TemporaryFailure;

interface TemporaryFailure {
  /** Returned or thrown when no attempt is left. */
  readonly last: NetworkError | HttpResponse;
  /** Milliseconds that the host asked to wait. */
  readonly wait: number | undefined;
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
      const outcome = await outcomeOf(send, request, clock);
      if ('answer' in outcome) return outcome.answer;
      const pause = pauseAfter(attempt, outcome, policy, clock);
      if (attempt >= maxAttempts(request, outcome, policy) || clock.now() + pause > end) {
        return lastOutcome(outcome.last, attempt);
      }
      await clock.sleep(pause);
      const applied = await request.alreadyApplied?.();
      if (applied !== undefined) return applied;
    }
  };
}

async function outcomeOf<Request extends RetriedRequest>(
  send: Send<Request>,
  request: Request,
  clock: Clock,
): Promise<Outcome> {
  try {
    const response = await send(request);
    return isTemporary(response)
      ? temporaryFailure(request.method, response, clock.now())
      : { answer: response };
  } catch (error) {
    const isFinal = error instanceof SilentHostError;
    if (error instanceof NetworkError && temporaryErrors.has(error.code) && !isFinal)
      return { last: error, wait: undefined };
    throw error;
  }
}

const temporaryErrors: ReadonlySet<string> = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);

function temporaryFailure(method: string, response: HttpResponse, now: number): TemporaryFailure {
  const wait = retryAfter(response, now);
  if (wait !== undefined && wait > maxWait) throw waitTooLong(method, response, wait);
  return { last: response, wait };
}

function waitTooLong(method: string, response: HttpResponse, wait: number): RegistryError {
  const isLimit = isRateLimit(response);
  return new RegistryError(
    isLimit ? 'RATE_LIMITED' : 'UNAVAILABLE',
    `${response.url.host} refuses requests for the next ${Math.ceil(wait / 60_000)} minutes (${response.status})`,
    failureOf(method, response, { wait }),
    {
      hint: isLimit
        ? 'Log in to get a rate limit of your own, or run the job again later.'
        : 'Run the job again later: the registry is out of service until then.',
    },
  );
}

// At least half of the backoff is waited, so that all attempts together outlast a registry's restart.
function pauseAfter(
  attempt: number,
  { wait = 0 }: TemporaryFailure,
  policy: RetryPolicy,
  clock: Clock,
): number {
  const backoff = Math.min(policy.maxPause, policy.basePause * 2 ** (attempt - 1));
  return Math.max(wait, ((1 + clock.random()) / 2) * backoff);
}

// A host that does not answer three times will not answer the fourth time either.
function maxAttempts({ tries }: RetriedRequest, { last }: TemporaryFailure, policy: RetryPolicy): number {
  if (tries === 'one') return 1;
  const isTimeout = last instanceof NetworkError && last.code === 'TIMEOUT';
  return isTimeout ? Math.min(3, policy.maxAttempts) : policy.maxAttempts;
}

function lastOutcome(last: NetworkError | HttpResponse, attempts: number): HttpResponse {
  if (!(last instanceof ActionError)) return last;
  if (attempts === 1) throw last;
  throw new NetworkError(last.code, `${last.message}, tried ${attempts} times`, {
    hint: last.hint,
    cause: last.cause,
  });
}
