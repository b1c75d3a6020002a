/** What cancels a run: a signal to its process, or its runner's word in process. */
export class RunSignal {
  #send: (() => void) | undefined;
  #sent: 'no' | 'yes' = 'no';

  /** Called by what starts the run. */
  connect(send: () => void): void {
    this.#send = send;
  }

  /** Cancels the run, as a person or the runner does. */
  send(): void {
    if (this.#send === undefined) throw new Error('no run has begun');
    this.#sent = 'yes';
    this.#send();
  }

  get wasSent(): boolean {
    return this.#sent === 'yes';
  }
}
