import type { Clock } from '../run/clock.ts';
import { messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { type HttpResponse, redacted, type Send } from './message.ts';

/** Headers about rate limits, by Docker Hub's, GitLab's and GitHub's names. */
const limitHeaders: readonly string[] = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'retry-after',
];

/**
 * Logs each request at debug: method, URL without its query, status or error message, milliseconds, and the rate
 * limit that the host states. No other header and no body is logged.
 */
export function logged(send: Send, observer: Observer, clock: Pick<Clock, 'now'>): Send {
  return async (request) => {
    const started = clock.now();
    const log = (outcome: string): void => {
      const milliseconds = Math.round(clock.now() - started);
      observer.debug(`${request.method} ${redacted(request.url)}: ${outcome} (${milliseconds} ms)`);
    };
    try {
      const response = await send(request);
      log(`${response.status}${limitsOf(response)}`);
      return response;
    } catch (error) {
      log(messageOf(error));
      throw error;
    }
  };
}

function limitsOf({ headers }: HttpResponse): string {
  const limits = limitHeaders.flatMap((name) => headers.get(name)?.map((value) => `${name}: ${value}`) ?? []);
  return limits.length === 0 ? '' : `, ${limits.join(', ')}`;
}
