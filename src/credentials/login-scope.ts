import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Action, isAction } from './action.ts';
import { registryKey } from './registry-key.ts';

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

/** A configuration that docker buildx uses for one registry, or a part of it, instead of config.json. */
export interface ScopedLogin extends LoginScope {
  readonly registry: string;
  /** Its configuration file. */
  readonly path: string;
}

/**
 * The logins bound to repositories and actions that are stored under buildx's configuration directory,
 * one `<host>[/<repository>][@<action>,…]/config.json` each; `files` are the paths under it.
 * https://github.com/docker/login-action#set-scopes-for-the-authentication-token
 */
export function scopedLogins(directory: string, files: readonly string[]): readonly ScopedLogin[] {
  return files.flatMap((file) => {
    const parts = file.split(sep);
    if (parts.pop() !== 'config.json' || parts.length === 0) return [];
    const login = parseKey(parts.join('/'));
    return login === undefined ? [] : [{ ...login, path: join(directory, file) }];
  });
}

/** Every file below a directory, as paths from there; none when it is not there. */
export async function listFiles(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(join(directory, sep).length));
  } catch {
    // Unreadable is as good as not there: buildx, too, goes on with config.json.
    return [];
  }
}

/** `ghcr.io/acme/app@push`, `ghcr.io@push` or `ghcr.io`. */
function parseKey(key: string): Omit<ScopedLogin, 'path'> | undefined {
  const [, host = '', rest = ''] = /^([^/@]+)\/?(.*)$/.exec(key) ?? [];
  const scope = parseLoginScope(rest);
  return host === '' || scope === undefined ? undefined : { registry: registryKey(host), ...scope };
}

/** One entry of the `registry-auth` input. */
export interface RegistryLogin extends LoginScope {
  /** Normalised: host[:port], `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}
