import type { HttpResponse } from '../http/message.ts';
import { isTemporary } from '../http/rate-limit.ts';
import type { Challenge } from './challenge.ts';
import { contradicts, knownChallenge, lastingPart } from './known-token-servers.ts';
import { isTokenServerFailure } from './token-server.ts';

type Job = () => Promise<HttpResponse>;

/** The gate of one origin: one job finds out what the origin requires, and the others wait for it. */
export class Gate {
  #challenge: Challenge | undefined;
  #isPresumed: boolean;
  #state: 'new' | 'asking' | 'open' = 'new';
  #pending = Promise.withResolvers<void>();

  constructor(origin: URL) {
    this.#challenge = knownChallenge(origin);
    this.#isPresumed = this.#challenge !== undefined;
  }

  /** The scheme of the origin's last challenge, with realm and service; undefined while it has never challenged. */
  get challenge(): Challenge | undefined {
    return this.#challenge;
  }

  /** Whether the challenge comes from the table of known registries, and the origin has not confirmed it. */
  get isPresumed(): boolean {
    return this.#isPresumed;
  }

  /**
   * Runs a job. The first one finds out what the origin requires. While it runs, the others wait if the origin has
   * challenged or they `mayLogIn`, and then run `later`. After a temporary failure of the first one, one of them is the
   * first instead; after a failure of the token server, those that wait fail with the same error.
   */
  async enter(mayLogIn: () => Promise<boolean>, first: Job, later: Job): Promise<HttpResponse> {
    while (this.#isAsking && (this.#challenge !== undefined || (await mayLogIn()))) {
      if (this.#isAsking) await this.#pending.promise;
    }
    return this.#state === 'new' ? this.#ask(first) : later();
  }

  /** Lets the others go before the first job ends, because the authorization is there. */
  open(): void {
    this.#end('open');
  }

  async #ask(job: Job): Promise<HttpResponse> {
    this.#state = 'asking';
    this.#pending = Promise.withResolvers();
    // Without a waiting request, nothing handles the rejection.
    this.#pending.promise.catch(() => undefined);
    let next: 'new' | 'open' = 'open';
    try {
      const response = await job();
      if (isTemporary(response)) next = 'new';
      return response;
    } catch (error) {
      if (isTokenServerFailure(error)) this.#pending.reject(error);
      throw error;
    } finally {
      this.#end(next);
    }
  }

  #end(next: 'new' | 'open'): void {
    if (!this.#isAsking) return;
    this.#state = next;
    this.#pending.resolve();
  }

  get #isAsking(): boolean {
    return this.#state === 'asking';
  }

  /** Records the challenges of a response, and whether they contradict the table of known registries. */
  learn(challenges: readonly Challenge[]): 'contradicted' | undefined {
    const challenge = lastingPart(challenges);
    if (challenge === undefined) return undefined;
    const presumed = this.#isPresumed ? this.#challenge : undefined;
    this.#challenge = challenge;
    this.#isPresumed = false;
    return presumed !== undefined && contradicts(challenge, presumed) ? 'contradicted' : undefined;
  }
}

/**
 * The gate of one login. Many wrong passwords at once may lock an account, so one request tries it before the others.
 * https://github.com/docker/hub-feedback/issues/1392
 */
export class LoginGate<Answer> {
  #first: Promise<Answer | undefined> | undefined;

  /** Runs the first job alone; the others get its answer if that is a refusal, and else run too. */
  async enter(job: () => Promise<Answer>, isRefusal: (answer: Answer) => boolean): Promise<Answer> {
    if (this.#first === undefined) {
      const answer = job();
      this.#first = answer.catch(() => undefined);
      return answer;
    }
    const first = await this.#first;
    return first !== undefined && isRefusal(first) ? first : job();
  }
}
