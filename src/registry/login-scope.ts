import { type Action, isAction } from './scope.ts';

/** What a login is bound to: a repository, actions, both, or (empty) nothing less than its registry. */
export interface LoginScope {
  readonly repository?: string;
  /** The login is for requests that ask for all of these. */
  readonly actions?: readonly Action[];
}

/** What a login is wanted for. */
export interface LoginPurpose {
  readonly repository: string | undefined;
  readonly actions: readonly Action[];
}

/**
 * Reads the form that docker/login-action's `scope` and the directories of docker buildx have:
 * `acme/app`, `acme/app@push`, `@pull,push`; undefined when it names an unknown action or a bad path.
 */
export function parseLoginScope(text: string): LoginScope | undefined {
  const at = text.indexOf('@');
  const repository = at < 0 ? text : text.slice(0, at);
  const actions =
    at < 0
      ? []
      : text
          .slice(at + 1)
          .split(',')
          .filter(Boolean);
  if (!actions.every(isAction) || !/^[a-z0-9._\-/]*$/.test(repository)) return undefined;
  return {
    ...(repository === '' ? {} : { repository }),
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/**
 * The logins that serve a purpose, the closest first: those of the repository before those of the
 * whole registry, then those bound to more actions, and one for push before one for pull alone.
 */
export function loginsFor<T extends LoginScope>(logins: readonly T[], purpose: LoginPurpose): readonly T[] {
  return logins.filter((login) => serves(login, purpose)).sort((a, b) => closeness(b) - closeness(a));
}

function serves(login: LoginScope, purpose: LoginPurpose): boolean {
  if (login.repository !== undefined && login.repository !== purpose.repository) return false;
  return (login.actions ?? []).every((action) => purpose.actions.includes(action));
}

function closeness(login: LoginScope): number {
  const actions = login.actions ?? [];
  return (
    (login.repository === undefined ? 0 : 100) + 10 * actions.length + (actions.includes('push') ? 1 : 0)
  );
}
