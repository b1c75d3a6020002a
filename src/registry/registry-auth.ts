import type { InputProblem } from './errors.ts';
import type { Action } from './scope.ts';

/** One entry of the `registry-auth` input. */
export interface RegistryLogin {
  /** Normalised: host[:port], `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** The repository that the login is bound to; absent for all of the registry. */
  readonly repository?: string;
  /** The actions that the login is bound to; absent for all. */
  readonly actions?: readonly Action[];
}

export interface RegistryAuth {
  readonly logins: readonly RegistryLogin[];
  /** Empty when the input is right. */
  readonly problems: readonly InputProblem[];
}

/** Parses the `registry-auth` input. */
export declare function parseRegistryAuth(text: string): Promise<RegistryAuth>;
