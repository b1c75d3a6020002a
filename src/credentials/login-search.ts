import type { Credential } from './credential.ts';
import type { ConfiguredHelper } from './docker-config.ts';

/** The search for one login: each step is a line of the debug log. */
export class LoginSearch {
  readonly registry: string;
  readonly repository: string | undefined;
  readonly #log: (line: string) => void;
  readonly #asked: string[] = [];

  constructor(registry: string, repository: string | undefined, log: (line: string) => void) {
    this.registry = registry;
    this.repository = repository;
    this.#log = log;
  }

  /** The helpers that have no login, each with its configuration. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  /** Logs the result of a place, and returns it. */
  step(place: string, found: Credential | undefined): Credential | undefined {
    this.#log(`Login for ${this.registry}: ${place} has ${found === undefined ? 'none' : kinds[found.kind]}`);
    return found;
  }

  ask({ name, place }: ConfiguredHelper, found: Credential | undefined): Credential | undefined {
    const helper = `docker-credential-${name} (${place})`;
    if (found === undefined) this.#asked.push(helper);
    return this.step(helper, found);
  }
}

const kinds: Readonly<Record<Credential['kind'], string>> = {
  basic: 'a user name and password',
  'identity-token': 'an identity token',
  'registry-token': 'a registry token',
  anonymous: 'an empty entry, which means no login',
};
