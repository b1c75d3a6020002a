import type { Credential } from '../credentials/credential.ts';
import type { Challenge } from './challenge.ts';
import { knownChallenge } from './known-token-servers.ts';
import type { OriginLogin } from './origin-login.ts';
import { isTokenServerFailure } from './token-request.ts';

/** The state of one origin: its last challenge, its logins, and whether a request has found out what it requires. */
export class Site {
  /** By credential: several only if logins are bound to repositories. */
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
   * Begins the request that finds out what the origin requires. Waiting requests continue at the first call of the
   * returned function, and fail with its error if it came from a token server.
   */
  ask(): (error?: unknown) => void {
    this.#state = 'asking';
    return (error) => {
      this.#state = 'asked';
      if (isTokenServerFailure(error)) this.#asked.reject(error);
      else this.#asked.resolve();
    };
  }

  /** Waits until the first request has found out what the origin requires. */
  async asked(): Promise<void> {
    if (this.#state === 'asking') await this.#asked.promise;
  }

  /**
   * Records the challenges of a response. When they contradict the table of known registries, all tokens and refusals
   * that resulted from the table are discarded.
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

/** The part of a challenge that applies to later requests: its scope and error belong to one request. */
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
