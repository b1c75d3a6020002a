import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../run/clock.ts';
import type { HttpRequest, HttpResponse, Send } from './message.ts';
import { isRefusedStream } from './network-error.ts';
import { isRateLimit, isTemporary, maxWait, retryAfter } from './rate-limit.ts';

/** Connections to one host, each with one request at once in HTTP/1.1: a release job needs no more. */
export const maxHostConnections = 32;

/** Requests at once to a host that speaks HTTP/2: most servers allow as many streams on one connection. */
const maxHostStreams = 100;

/** Milliseconds of a pause, at least, after a rate limit that states none. */
const minPause = 250;

/** Milliseconds from which on a pause is reported. */
const minReportedPause = 5_000;

/** The part of a request that its place in the queue depends on. */
type Queued = Pick<HttpRequest, 'priority'>;

/** The index of the request that starts next, of those that wait, in the order in which they came. */
type Order = (waiting: readonly Queued[]) => number;

/** The oldest request that is not in the background, or else the oldest. */
const backgroundLast: Order = (waiting) =>
  Math.max(
    0,
    waiting.findIndex(({ priority }) => priority === undefined),
  );

/**
 * Limits the requests to one host: a maximum in flight that halves with each refusal and grows again with each
 * other answer, and a pause that all requests to the host share.
 */
export class HostLimiter {
  #inFlight = 0;
  #maxInFlight: number;
  #pausedUntil = 0;
  #isWakePending = false;
  /** The limit up to which the maximum in flight grows. */
  #ceiling: number;
  readonly #order: Order;
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #report: (milliseconds: number) => void;
  readonly #waiting: (Queued & { readonly start: () => void })[] = [];

  /** `report` gets each pause from 5 s on, in milliseconds. */
  constructor(
    maxInFlight: number,
    order: Order,
    clock: Pick<Clock, 'now' | 'sleep'>,
    report: (milliseconds: number) => void = () => undefined,
  ) {
    this.#ceiling = maxInFlight;
    this.#maxInFlight = maxInFlight;
    this.#order = order;
    this.#clock = clock;
    this.#report = report;
  }

  /** Runs the work of a request when it is the request's turn. */
  async run<T>({ priority }: Queued, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ priority, start });
      this.#drain();
    });
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      this.#drain();
    }
  }

  pause(milliseconds: number): void {
    const now = this.#clock.now();
    const added = now + milliseconds - Math.max(now, this.#pausedUntil);
    if (added >= minReportedPause) this.#report(milliseconds);
    if (added > 0) this.#pausedUntil = now + milliseconds;
  }

  /** Records a refusal because of too many requests: pauses, then sends half as many at once as before. */
  refused(milliseconds: number): void {
    this.#maxInFlight = Math.max(1, Math.floor(this.#maxInFlight / 2));
    this.pause(milliseconds);
  }

  answered(): void {
    this.#maxInFlight = Math.min(this.#ceiling, this.#maxInFlight + 1);
  }

  /** Records that requests share a connection (HTTP/2): the limit of connections does not limit requests. */
  multiplexed(): void {
    const isUnrefused = this.#maxInFlight === this.#ceiling;
    this.#ceiling = Math.max(this.#ceiling, maxHostStreams);
    if (isUnrefused) this.#maxInFlight = this.#ceiling;
    this.#drain();
  }

  #drain(): void {
    if (this.#waiting.length === 0) return;
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > 0) this.#wakeIn(pause);
    while (pause <= 0 && this.#inFlight < this.#maxInFlight && this.#waiting.length > 0) {
      const [next] = this.#waiting.splice(this.#order(this.#waiting), 1);
      this.#inFlight += 1;
      next?.start();
    }
  }

  #wakeIn(milliseconds: number): void {
    if (this.#isWakePending) return;
    this.#isWakePending = true;
    const wake = (): void => {
      this.#isWakePending = false;
      this.#drain();
    };
    this.#clock.sleep(milliseconds).then(wake, wake);
  }
}

/** The limiters of all hosts of a run, by origin. */
export class HostLimiters {
  readonly #hosts = new Map<string, HostLimiter>();
  readonly #report: (host: string, milliseconds: number) => void;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;

  /** `report` gets each pause of a host from 5 s on, in milliseconds. */
  constructor(
    clock: Pick<Clock, 'now' | 'sleep'>,
    report: (host: string, milliseconds: number) => void = () => undefined,
  ) {
    this.clock = clock;
    this.#report = report;
  }

  of({ origin, host }: URL): HostLimiter {
    const known = this.#hosts.get(origin);
    if (known !== undefined) return known;
    const report = (wait: number): void => this.#report(host, wait);
    const limiter = new HostLimiter(maxHostConnections, backgroundLast, this.clock, report);
    this.#hosts.set(origin, limiter);
    return limiter;
  }
}

/**
 * Sends each request when the limiter of its host allows it. A refusal, by a rate limit or of a stream, lowers the
 * limit before another request can start.
 */
export function limited(send: Send, limiters: HostLimiters): Send {
  return async (request) => {
    const limiter = limiters.of(request.url);
    // Requests of the same turn of the event loop go first.
    if (request.priority === 'background') await setImmediate();
    return limiter.run(request, async () => {
      const response = await send(request).catch((error: unknown) => {
        if (isRefusedStream(error)) limiter.refused(minPause);
        throw error;
      });
      const pause = pauseAfter(response, limiters.clock.now());
      if (pause === undefined) limiter.answered();
      else limiter.refused(pause);
      return response;
    });
  };
}

function pauseAfter(response: HttpResponse, now: number): number | undefined {
  if (!isTemporary(response)) return undefined;
  const wait = retryAfter(response, now) ?? (isRateLimit(response) ? minPause : undefined);
  if (wait === undefined) return undefined;
  // A wait of an hour fails its own request; it must not stall every other request to the host.
  return wait > maxWait ? minPause : Math.max(minPause, wait);
}
