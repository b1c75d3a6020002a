/** Cancels a run at one of its requests. */
import type { TestRegistry } from '../support/registry/registry.ts';
import { RunSignal } from '../support/run/run-signal.ts';
import type { Script } from '../support/vendors/api-server.ts';

export type Moment = 'before' | 'after';

/** Sends the signal at one of the requests that servers get: before it is acted on, or before it is answered. */
export class CancelAt {
  readonly signal = new RunSignal();
  /** The methods of the requests so far, the last of them being acted on. */
  readonly methods: string[] = [];
  readonly #at: number;
  readonly #moment: Moment;

  constructor(at: number, moment: Moment) {
    this.#at = at;
    this.#moment = moment;
  }

  watch(registry: TestRegistry, path = /./): void {
    registry.inject({
      on: { path, times: Number.POSITIVE_INFINITY },
      fault: 'custom',
      apply: async ({ request, proceed }) => {
        this.#pass('before', request.method);
        const answer = await proceed();
        this.#pass('after');
        return answer;
      },
    });
  }

  watched(script: Script): Script {
    return (call) => {
      this.#pass('before', call.method);
      const answer = script(call);
      this.#pass('after');
      return answer;
    };
  }

  get requests(): number {
    return this.methods.length;
  }

  #pass(moment: Moment, method?: string): void {
    if (method !== undefined) this.methods.push(method);
    if (this.requests !== this.#at || moment !== this.#moment) return;
    this.signal.send();
  }
}
