import { messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { HttpResponse, Send } from './message.ts';
import { redacted } from './message.ts';

/** What hosts say of their limits; Docker Hub's and GitHub's names. */
const limitHeaders: readonly string[] = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'retry-after',
];

/**
 * Tells each request and what became of it at debug, with what the host says of its rate limit: method, URL
 * without query, status or the error's message, milliseconds. No other header and no body is shown.
 */
export function logged(send: Send, observer: Observer, now: () => number): Send {
  return async (request) => {
    const started = now();
    const tell = (outcome: string): void => {
      observer.debug(
        `${request.method} ${redacted(request.url)}: ${outcome} (${Math.round(now() - started)} ms)`,
      );
    };
    try {
      const response = await send(request);
      tell(`${response.status}${limitsOf(response)}`);
      return response;
    } catch (error) {
      tell(messageOf(error));
      throw error;
    }
  };
}

function limitsOf({ headers }: HttpResponse): string {
  const said = limitHeaders.flatMap((name) => headers.get(name)?.map((value) => `${name}: ${value}`) ?? []);
  return said.length === 0 ? '' : `, ${said.join(', ')}`;
}
