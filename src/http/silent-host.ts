import type { Clock } from '../run/clock.ts';
import { NetworkError } from '../run/errors.ts';
import type { Send } from './message.ts';

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

/** The silence of one host. Requests that wait at the same time are one round. */
class HostSilence {
  #round = 0;
  #silentRounds = 0;
  #milliseconds = 0;

  /** The round of a request that is sent now; throws SilentHostError when the host is not asked any more. */
  begin(host: string): number {
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

  answered(): void {
    this.#round += 1;
    this.#silentRounds = 0;
    this.#milliseconds = 0;
  }
}

/**
 * Sends requests only to hosts that answer. After three rounds of requests without an answer, or 100 seconds of them,
 * throws SilentHostError for every further request to the host. Every step of a run retries on its own: without this
 * limit, a host that stops responding would delay the run by many minutes.
 */
export function answering(send: Send, clock: Pick<Clock, 'now'>): Send {
  /** By host, not by origin: a registry that is tried with http and https is one host. */
  const silences = new Map<string, HostSilence>();
  return async (request) => {
    const { host } = request.url;
    const silence = silences.get(host) ?? new HostSilence();
    silences.set(host, silence);
    const round = silence.begin(host);
    const started = clock.now();
    const failed = (error: unknown): never => {
      const isTimeout = error instanceof NetworkError && error.code === 'TIMEOUT';
      if (isTimeout) silence.timedOut(round, clock.now() - started);
      throw error;
    };
    const response = await send(request).catch(failed);
    if (response.stream !== undefined)
      return { ...response, stream: heard(response.stream, () => silence.answered(), failed) };
    silence.answered();
    return response;
  };
}

// The headers of a stream are no answer yet: a server that lets its bytes drip is as good as silent.
async function* heard(
  stream: AsyncIterable<Uint8Array>,
  answered: () => void,
  failed: (error: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    failed(error);
  }
  answered();
}
