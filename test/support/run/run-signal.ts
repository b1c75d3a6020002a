import { testClock } from '../wire/test-clock.ts';

/** What cancels a run: a signal to its process, or its runner's word in process. */
export class RunSignal {
  #send: (() => void) | undefined;
  #sentAt = 0;
  #endedAt = 0;

  /** Called by what starts the run. */
  connect(send: () => void): void {
    this.#send = send;
  }

  /** Cancels the run, as a person or the runner does. */
  send(): void {
    if (this.#send === undefined) throw new Error('no run has begun');
    this.#sentAt = testClock.now();
    this.#send();
  }

  /** Called when the run has ended. */
  end(): void {
    this.#endedAt = testClock.now();
  }

  get wasSent(): boolean {
    return this.#sentAt !== 0;
  }

  /** Milliseconds on the test clock from the signal to the end of the run. */
  get took(): number {
    return this.#endedAt - this.#sentAt;
  }
}
