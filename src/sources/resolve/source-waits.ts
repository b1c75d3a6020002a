import type { Clock } from '../../run/clock.ts';
import type { Observer } from '../../run/observer.ts';

/** Milliseconds between two lines about sources that are still missing. */
const nextLine = 30_000;

/** Maximum sources that a line names. */
const maxNames = 5;

/** Logs the sources that a run waits for: each once, and every 30 seconds the sources that are still missing. */
export class SourceWaits {
  readonly #observer: Pick<Observer, 'info'>;
  readonly #clock: Pick<Clock, 'now'>;
  /** The end of the wait for each source, by its name. */
  readonly #missing = new Map<string, number>();
  #due = 0;

  constructor(observer: Pick<Observer, 'info'>, clock: Pick<Clock, 'now'>) {
    this.#observer = observer;
    this.#clock = clock;
  }

  /** Notes that a source is missing; `wait`: milliseconds to wait for it, `until`: the end of the wait on the clock. */
  missing(label: string, wait: number, until: number): void {
    const now = this.#clock.now();
    if (!this.#missing.has(label)) {
      if (this.#missing.size === 0) this.#due = now + nextLine;
      this.#missing.set(label, until);
      this.#observer.info(`Waiting up to ${wait / 1000} s for ${label}`);
    }
    if (now < this.#due) return;
    this.#due = now + nextLine;
    this.#observer.info(this.#line(now));
  }

  /** Notes that the wait for the source has ended. */
  ended(label: string): void {
    this.#missing.delete(label);
  }

  #line(now: number): string {
    const names = [...this.#missing.keys()];
    const shown = names.slice(0, maxNames).join(', ');
    const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
    const left = Math.ceil((Math.max(...this.#missing.values()) - now) / 1000);
    return `Still waiting, up to ${left} s more, for ${shown}${more}`;
  }
}
