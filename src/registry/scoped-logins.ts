import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type LoginScope, parseLoginScope } from './login-scope.ts';
import { registryKey } from './registry-key.ts';

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
