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
  #asked: PromiseWithResolvers<void> = unanswered();

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

  /** Whether a request is finding out what the origin requires. */
  get isAsking(): boolean {
    return this.#state === 'asking';
  }

  get isNew(): boolean {
    return this.#state === 'new';
  }

  /** Begins the request that finds out what the origin requires. */
  ask(): Question {
    this.#state = 'asking';
    const asked = this.#asked;
    const settle = (state: 'new' | 'asked', settled: () => void): void => {
      if (this.#asked !== asked || this.#state !== 'asking') return;
      this.#state = state;
      if (state === 'new') this.#asked = unanswered();
      settled();
    };
    return {
      end: (error) =>
        settle('asked', isTokenServerFailure(error) ? () => asked.reject(error) : asked.resolve),
      pass: () => settle('new', asked.resolve),
    };
  }

  /** Waits until the first request has found out what the origin requires. */
  async asked(): Promise<void> {
    if (this.isAsking) await this.#asked.promise;
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

/** The request that finds out what an origin requires. */
export interface Question {
  /** Lets waiting requests continue; they fail with the error if it came from a token server. */
  readonly end: (error?: unknown) => void;
  /** Lets one of the waiting requests find out instead: the response of this one did not tell. */
  readonly pass: () => void;
}

function unanswered(): PromiseWithResolvers<void> {
  const answer = Promise.withResolvers<void>();
  // There may be no waiting request.
  answer.promise.catch(() => undefined);
  return answer;
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
