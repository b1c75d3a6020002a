import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { registryKey } from './registry-key.ts';

/** The scope of a login: a repository, actions, both, or (empty) its whole registry. */
export interface LoginScope {
  readonly repository?: string;
  /** The login is for requests that need all of these. */
  readonly actions?: readonly Action[];
}

/** The access that a login is needed for. */
export interface LoginPurpose {
  readonly repository: string | undefined;
  readonly actions: readonly Action[];
}

/**
 * Parses a scope as in docker/login-action's `scope` and docker buildx's directories: `acme/app`, `acme/app@push`,
 * `@pull,push`; undefined for an unknown action or an invalid path.
 */
export function parseLoginScope(text: string): LoginScope | undefined {
  const at = text.indexOf('@');
  const [repository, list] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const actions = list.split(',').filter(Boolean);
  if (!actions.every(isAction) || !/^[a-z0-9._\-/]*$/.test(repository)) return undefined;
  return {
    ...(repository === '' ? {} : { repository }),
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/**
 * The logins for a purpose, the closest first: those for the repository before those for the
 * whole registry, then those for more actions, and one for push before one for pull only.
 */
export function loginsFor<T extends LoginScope>(logins: readonly T[], purpose: LoginPurpose): readonly T[] {
  return logins.filter((login) => serves(login, purpose)).sort((a, b) => closeness(b) - closeness(a));
}

function serves(login: LoginScope, purpose: LoginPurpose): boolean {
  if (login.repository !== undefined && login.repository !== purpose.repository) return false;
  return (login.actions ?? []).every((action) => purpose.actions.includes(action));
}

function closeness(login: LoginScope): number {
  const { repository, actions = [] } = login;
  const forRepository = repository === undefined ? 0 : 100;
  return forRepository + 10 * actions.length + (actions.includes('push') ? 1 : 0);
}

/** A configuration that docker buildx uses for one registry, or a part of it, instead of config.json. */
export interface ScopedLogin extends LoginScope {
  readonly registry: string;
  readonly path: string;
}

/**
 * The logins for repositories and actions in buildx's configuration directory, each in a file
 * `<host>[/<repository>][@<action>,…]/config.json`; `files` are the paths in it.
 * https://github.com/docker/buildx/pull/3562
 */
export function scopedLogins(directory: string, files: readonly string[]): readonly ScopedLogin[] {
  return files.flatMap((file) => {
    const parts = file.split(sep);
    if (parts.pop() !== 'config.json' || parts.length === 0) return [];
    const login = parseKey(parts.join('/'));
    return login === undefined ? [] : [{ ...login, path: join(directory, file) }];
  });
}

/** Every file in a directory and its subdirectories, as relative paths; none when it does not exist. */
export async function listFiles(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(join(directory, sep).length));
  } catch {
    // As in buildx, an unreadable directory counts as missing.
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
  /** Why the password may be incomplete, behind the name of the input in messages. */
  readonly doubt?: string;
}

/** An action in a repository, by the name that registry tokens use. */
export type Action = 'pull' | 'push' | 'delete';

/** Every action in the order of scopes, because some token servers compare scopes as text. */
export const actions: readonly Action[] = ['pull', 'push', 'delete'];

/** Whether a word is an action. */
export function isAction(text: string): text is Action {
  return actions.some((action) => action === text);
}
