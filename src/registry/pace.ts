import type { HttpRequest, Send } from './http.ts';

/** Requests to one host at once: what HTTP/1.1 servers bear, and what a release job needs. */
export const hostConnections = 32;

type Start = () => void;

/**
 * How fast one host is asked: a ceiling on requests in flight that halves when the host says
 * «too many» and grows again with each answer, and a pause that all requests to it share.
 */
export class HostPace {
  #inFlight = 0;
  #ceiling: number;
  #pausedUntil = 0;
  #wakeUp: NodeJS.Timeout | undefined;
  readonly #most: number;
  readonly #now: () => number;
  readonly #waiting: Start[] = [];
  readonly #background: Start[] = [];

  constructor(most: number = hostConnections, now: () => number = Date.now) {
    this.#most = most;
    this.#ceiling = most;
    this.#now = now;
  }

  /** Runs `work` when the host may be asked; background work only while nothing else wants to start. */
  async run<T>(work: () => Promise<T>, priority?: 'background'): Promise<T> {
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

  /** Starts nothing for `milliseconds`, and then half as much at once as before. */
  pause(milliseconds: number): void {
    this.#ceiling = Math.max(1, Math.floor(this.#ceiling / 2));
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + milliseconds);
  }

  /** Takes note of an answer that was no refusal. */
  answered(): void {
    this.#ceiling = Math.min(this.#most, this.#ceiling + 1);
  }

  #drain(): void {
    const pause = this.#pausedUntil - this.#now();
    if (pause > 0) {
      this.#wakeIn(pause);
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
    if (this.#wakeUp !== undefined) return;
    this.#wakeUp = setTimeout(() => {
      this.#wakeUp = undefined;
      this.#drain();
    }, milliseconds);
  }
}

/** The paces of all hosts of a run, by origin. */
export class Paces {
  readonly #hosts = new Map<string, HostPace>();

  /** The pace of the host that a URL names. */
  of(url: URL): HostPace {
    const known = this.#hosts.get(url.origin);
    if (known !== undefined) return known;
    const pace = new HostPace();
    this.#hosts.set(url.origin, pace);
    return pace;
  }
}

/** Sends each request when its host's pace allows. */
export function paced(send: Send, paces: Paces): Send {
  return (request: HttpRequest) => paces.of(request.url).run(() => send(request), request.priority);
}
