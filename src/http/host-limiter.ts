import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../run/clock.ts';
import { NetworkError } from '../run/errors.ts';
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

type Start = () => void;

/**
 * Limits the requests to one host: a maximum in flight that halves with each refusal and grows again with each
 * other answer, and a pause that all requests to the host share.
 */
export class HostLimiter {
  #inFlight = 0;
  #maxInFlight: number;
  /** How many requests were started, which numbers them. */
  #started = 0;
  /** The highest number of a request that ended. */
  #lastEnded = 0;
  #pausedUntil = 0;
  #isWakePending = false;
  /** The limit up to which the maximum in flight grows. */
  #ceiling: number;
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #report: (milliseconds: number) => void;
  readonly #waiting: Start[] = [];
  readonly #background: Start[] = [];

  constructor(
    maxConnections: number,
    clock: Pick<Clock, 'now' | 'sleep'>,
    report: (milliseconds: number) => void = () => undefined,
  ) {
    this.#ceiling = maxConnections;
    this.#maxInFlight = maxConnections;
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * Runs `work` when the host may get a request; background work only while no other work waits. `work` gets a function
   * that says whether work that was started later has ended since.
   */
  async run<T>(work: (isOvertaken: () => boolean) => Promise<T>, priority?: 'background'): Promise<T> {
    // Requests of the same turn of the event loop go first.
    if (priority === 'background') await setImmediate();
    await new Promise<void>((start) => {
      (priority === 'background' ? this.#background : this.#waiting).push(start);
      this.#drain();
    });
    this.#started += 1;
    const number = this.#started;
    try {
      return await work(() => this.#lastEnded > number);
    } finally {
      this.#lastEnded = Math.max(this.#lastEnded, number);
      this.#inFlight -= 1;
      this.#drain();
    }
  }

  /** Starts nothing for `milliseconds`. */
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

  /** Records any other answer. */
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
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > 0) {
      if (this.#waiting.length + this.#background.length > 0) this.#wakeIn(pause);
      return;
    }
    while (this.#inFlight < this.#maxInFlight) {
      const start = this.#waiting.shift() ?? this.#background.shift();
      if (start === undefined) return;
      this.#inFlight += 1;
      start();
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

/** Rounds of requests without an answer after which a host is not asked again in a run. */
const maxSilentRounds = 3;
/** Milliseconds of such rounds together after which it is not asked again. */
const maxSilence = 100_000;

/** A host did not answer for so long that the run does not ask it again. */
export class SilentHostError extends NetworkError {
  constructor(host: string) {
    super('TIMEOUT', `${host} stopped answering and is not asked again in this run`, {
      hint: 'Check that the host is up, and that no firewall between it and this runner drops packets.',
    });
  }
}

/**
 * The silence of one host, whatever is asked: requests that wait at the same time are one round. Each step of a run
 * retries for itself, so without this a host that dies in the middle would hold a run up for many minutes.
 */
class HostSilence {
  #round = 0;
  #silentRounds = 0;
  #milliseconds = 0;

  /** The round of a request that is sent now; throws SilentHostError when the host is not asked any more. */
  begin({ host }: URL): number {
    if (this.#silentRounds >= maxSilentRounds || this.#milliseconds >= maxSilence)
      throw new SilentHostError(host);
    return this.#round;
  }

  /** Records that a request of a round was not answered within `milliseconds`. */
  timedOut(round: number, milliseconds: number): void {
    if (round !== this.#round) return;
    this.#round += 1;
    this.#silentRounds += 1;
    this.#milliseconds += milliseconds;
  }

  /** Records any answer. */
  answered(): void {
    this.#round += 1;
    this.#silentRounds = 0;
    this.#milliseconds = 0;
  }
}

/** The limiters of all hosts of a run, by origin. */
export class HostLimiters {
  readonly #hosts = new Map<string, HostLimiter>();
  /** By host: a registry that is tried with http and https is one host. */
  readonly #silences = new Map<string, HostSilence>();
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

  /** The silence of a URL's host. */
  silenceOf({ host }: URL): HostSilence {
    const silence = this.#silences.get(host) ?? new HostSilence();
    this.#silences.set(host, silence);
    return silence;
  }

  /** The limiter of a URL's host. */
  of(url: URL): HostLimiter {
    const known = this.#hosts.get(url.origin);
    if (known !== undefined) return known;
    const limiter = new HostLimiter(maxHostConnections, this.clock, (wait) => this.#report(url.host, wait));
    this.#hosts.set(url.origin, limiter);
    return limiter;
  }
}

/**
 * Sends each request when the limiter of its host allows. A refusal, by a rate limit or of a stream, lowers the limit
 * before another request can start. A host that stays silent fails every further request.
 */
export function limited(send: Send, limiters: HostLimiters): Send {
  return (request) => {
    const limiter = limiters.of(request.url);
    const work = async (isOvertaken: () => boolean): Promise<HttpResponse> => {
      request.onSent?.(isOvertaken);
      const response = await heard(send, request, limiters).catch((error: unknown) => {
        if (isRefusedStream(error)) limiter.refused(minPause);
        throw error;
      });
      const pause = pauseAfter(response, limiters.clock.now());
      if (pause === undefined) limiter.answered();
      else limiter.refused(pause);
      return response;
    };
    return limiter.run(work, request.priority);
  };
}

/** Sends a request to a host that is not silent, and records whether it answers, also within a stream. */
async function heard(send: Send, request: HttpRequest, limiters: HostLimiters): Promise<HttpResponse> {
  const { clock } = limiters;
  const silence = limiters.silenceOf(request.url);
  const round = silence.begin(request.url);
  const started = clock.now();
  const failed = (error: unknown): unknown => {
    const isTimeout = error instanceof NetworkError && error.code === 'TIMEOUT';
    if (isTimeout) silence.timedOut(round, clock.now() - started);
    return error;
  };
  try {
    const response = await send(request);
    if (response.stream !== undefined)
      return { ...response, stream: heardStream(response.stream, silence, failed) };
    silence.answered();
    return response;
  } catch (error) {
    throw failed(error);
  }
}

// The headers of a stream are no answer yet: a server that lets its bytes drip is as good as silent.
async function* heardStream(
  stream: AsyncIterable<Uint8Array>,
  silence: HostSilence,
  failed: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
    silence.answered();
  } catch (error) {
    throw failed(error);
  }
}

function pauseAfter(response: HttpResponse, now: number): number | undefined {
  if (!isTemporary(response)) return undefined;
  const wait = retryAfter(response, now) ?? (isRateLimit(response) ? minPause : undefined);
  if (wait === undefined) return undefined;
  // A Retry-After of an hour fails its own request; it must not stall every other request to the host.
  return wait > maxWait ? minPause : Math.max(minPause, wait);
}
