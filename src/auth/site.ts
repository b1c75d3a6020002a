import type { Credential } from '../credentials/credential.ts';
import type { Challenge } from './challenge.ts';
import { knownChallenge } from './known-token-servers.ts';
import type { OriginLogin } from './origin-login.ts';
import { isTokenServerFailure } from './token-request.ts';

/** What is known of one origin: what it asks for, its logins, and whether a request has found that out. */
export class Site {
  /** By credential: several only where logins are bound to repositories. */
  readonly logins = new Map<Credential, OriginLogin>();
  readonly byRepository = new Map<string, OriginLogin>();
  #challenge: Challenge | undefined;
  #isPresumed: boolean;
  #state: 'new' | 'asking' | 'asked' = 'new';
  readonly #asked: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(origin: URL) {
    this.#challenge = knownChallenge(origin);
    this.#isPresumed = this.#challenge !== undefined;
    // Nobody may wait for it.
    this.#asked.promise.catch(() => undefined);
  }

  /** The scheme of the origin's last challenge, with realm and service; undefined while it has never challenged. */
  get challenge(): Challenge | undefined {
    return this.#challenge;
  }

  /** Whether the challenge comes from the table of known registries, and the origin has not confirmed it. */
  get isPresumed(): boolean {
    return this.#isPresumed;
  }

  get isNew(): boolean {
    return this.#state === 'new';
  }

  /**
   * Begins the request that finds out what the origin asks for. Requests that wait for it go on at the first call of
   * the function returned, and fail with its error if that is a token server's.
   */
  ask(): (error?: unknown) => void {
    this.#state = 'asking';
    return (error) => {
      this.#state = 'asked';
      if (isTokenServerFailure(error)) this.#asked.reject(error);
      else this.#asked.resolve();
    };
  }

  /** Waits until the first request has found out what the origin asks for. */
  async asked(): Promise<void> {
    if (this.#state === 'asking') await this.#asked.promise;
  }

  /**
   * Records the challenges of an answer. When they contradict the table of known registries, nothing that was obtained
   * by it counts: neither tokens nor refusals.
   */
  learn(challenges: readonly Challenge[]): void {
    const challenge = reusable(challenges);
    if (challenge === undefined) return;
    if (this.#isPresumed && this.#challenge !== undefined && contradicts(challenge, this.#challenge)) {
      this.logins.clear();
      this.byRepository.clear();
    }
    this.#challenge = challenge;
    this.#isPresumed = false;
  }
}

/** The challenge that requests to come will get too: its scope and error were of one request. */
function reusable(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
  if (bearer === undefined) return challenges.find(({ scheme }) => scheme === 'basic');
  const lasting = [...bearer.parameters].filter(([name]) => name === 'realm' || name === 'service');
  return { scheme: bearer.scheme, parameters: new Map(lasting) };
}

// Google's registries leave the service out of some of their challenges.
function contradicts(challenge: Challenge, presumed: Challenge): boolean {
  const [realm, service] = ['realm', 'service'].map((name) => challenge.parameters.get(name));
  if (challenge.scheme !== presumed.scheme) return true;
  if (challenge.scheme === 'basic') return false;
  const isOtherService = service !== undefined && service !== presumed.parameters.get('service');
  return isOtherService || realm !== presumed.parameters.get('realm');
}
