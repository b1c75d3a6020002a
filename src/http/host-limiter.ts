import { setImmediate } from 'node:timers/promises';
import type { HttpRequest, HttpResponse, Send } from './message.ts';
import { isRateLimit, maxWait, retryAfter } from './rate-limit.ts';

/** Requests to one host at once: what HTTP/1.1 servers bear, and what a release job needs. */
export const hostConnections = 32;

/** Least pause, in milliseconds, after a refusal that names none. */
const minPause = 250;

/** Time as pauses are measured in: milliseconds. */
export interface PaceClock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Told when all requests to a host wait, and for how many milliseconds; not of short pauses. */
export type TellPause = (host: string, milliseconds: number) => void;

/** Milliseconds from which on a pause is worth a line. */
const noticeable = 5_000;

const systemClock: PaceClock = {
  now: Date.now,
  sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
};

type Start = () => void;

/**
 * How fast one host is asked: a ceiling on requests in flight that halves when the host says
 * «too many» and grows again with each answer, and a pause that all requests to it share.
 */
export class HostLimiter {
  #inFlight = 0;
  #ceiling: number;
  #pausedUntil = 0;
  #wakesUp = false;
  readonly #most: number;
  readonly #clock: PaceClock;
  readonly #tell: (milliseconds: number) => void;
  readonly #waiting: Start[] = [];
  readonly #background: Start[] = [];

  constructor(
    most: number = hostConnections,
    clock: PaceClock = systemClock,
    tell: (milliseconds: number) => void = () => undefined,
  ) {
    this.#most = most;
    this.#ceiling = most;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Runs `work` when the host may be asked; background work only while nothing else wants to start. */
  async run<T>(work: () => Promise<T>, priority?: 'background'): Promise<T> {
    // What is asked for in the same breath goes first.
    if (priority === 'background') await setImmediate();
    await new Promise<void>((start) => {
      (priority === 'background' ? this.#background : this.#waiting).push(start);
      this.#drain();
    });
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      this.#drain();
    }
  }

  /** Starts nothing for `milliseconds`. */
  pause(milliseconds: number): void {
    const now = this.#clock.now();
    const more = now + milliseconds - Math.max(now, this.#pausedUntil);
    if (more >= noticeable) this.#tell(milliseconds);
    if (more > 0) this.#pausedUntil = now + milliseconds;
  }

  /** Takes note of a refusal for asking too often: pauses, and then asks half as much at once as before. */
  refused(milliseconds: number): void {
    this.#ceiling = Math.max(1, Math.floor(this.#ceiling / 2));
    this.pause(milliseconds);
  }

  /** Takes note of an answer that was no refusal. */
  answered(): void {
    this.#ceiling = Math.min(this.#most, this.#ceiling + 1);
  }

  #drain(): void {
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > 0) {
      if (this.#waiting.length + this.#background.length > 0) this.#wakeIn(pause);
      return;
    }
    while (this.#inFlight < this.#ceiling) {
      const start = this.#waiting.shift() ?? this.#background.shift();
      if (start === undefined) return;
      this.#inFlight += 1;
      start();
    }
  }

  #wakeIn(milliseconds: number): void {
    if (this.#wakesUp) return;
    this.#wakesUp = true;
    const wake = (): void => {
      this.#wakesUp = false;
      this.#drain();
    };
    this.#clock.sleep(milliseconds).then(wake, wake);
  }
}

/** The paces of all hosts of a run, by origin. */
export class HostLimiters {
  readonly #hosts = new Map<string, HostLimiter>();
  readonly #clock: PaceClock;
  readonly #tell: TellPause;

  constructor(clock: PaceClock = systemClock, tell: TellPause = () => undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The clock of all paces. */
  get clock(): PaceClock {
    return this.#clock;
  }

  /** The pace of the host that a URL names. */
  of(url: URL): HostLimiter {
    const known = this.#hosts.get(url.origin);
    if (known !== undefined) return known;
    const pace = new HostLimiter(hostConnections, this.#clock, (wait) => this.#tell(url.host, wait));
    this.#hosts.set(url.origin, pace);
    return pace;
  }
}

/**
 * Sends each request when its host's pace allows. A refusal for asking too often slows the host down before
 * another request can take the place of the refused one.
 */
export function limited(send: Send, paces: HostLimiters): Send {
  return (request: HttpRequest) => {
    const pace = paces.of(request.url);
    const work = async (): Promise<HttpResponse> => {
      const response = await send(request);
      const wait = pauseAfter(response, paces.clock.now());
      if (wait === undefined) pace.answered();
      else pace.refused(wait);
      return response;
    };
    return pace.run(work, request.priority);
  };
}

// Who is told to come back in an hour gives up; that is no reason to hold back the others for so long.
function pauseAfter(response: HttpResponse, now: number): number | undefined {
  const isLimit = isRateLimit(response);
  if (!isLimit && response.status !== 503) return undefined;
  const asked = retryAfter(response, now);
  if (asked === undefined) return isLimit ? minPause : undefined;
  return asked > maxWait ? minPause : Math.max(minPause, asked);
}
