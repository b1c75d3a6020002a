import { join, win32 } from 'node:path';
import type { Environment } from '../run/environment.ts';
import { ActionError, isAbsent } from '../run/errors.ts';
import { maxSmallFile, readSmallFile } from '../run/small-file.ts';
import { entriesFor, type KeyedEntry } from './registry-key.ts';

/** The used part of docker's configuration, from config.json or DOCKER_AUTH_CONFIG. */
export interface DockerConfig {
  /** The file's path or the variable's name, for messages. */
  readonly source: string;
  readonly auths: ReadonlyMap<string, StoredLogin>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | undefined;
  /** `HttpHeaders`: lower-case names, values checked. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One value of `auths`: field names in lower case, empty fields left out. */
export type StoredLogin = ReadonlyMap<string, string>;

interface StoredPair {
  readonly username: string;
  readonly password: string;
}

/** The directory of docker's configuration: DOCKER_CONFIG, or `.docker` in the user's home. */
export function dockerConfigDirectory(environment: Environment, home: string): string {
  return environment['DOCKER_CONFIG'] || join(home, '.docker');
}

/**
 * The directory of docker's settings for all users, which holds a certs.d; none on a Windows machine without a directory
 * for program data. There, any user may create a directory `\\etc` on a drive, and certificates in it must not be trusted.
 * (github.com/docker/cli, cli/config; github.com/docker/docker, registry/config_windows.go)
 */
export function machineDirectories(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): readonly string[] {
  if (platform !== 'win32') return ['/etc/docker'];
  const name = Object.keys(environment).find((each) => each.toLowerCase() === 'programdata') ?? '';
  const data = environment[name] ?? '';
  return win32.isAbsolute(data) && /^[A-Za-z]:/.test(data) ? [win32.join(data, 'docker')] : [];
}

/** The file in which docker keeps its logins. */
export function dockerConfigPath(environment: Environment, home: string): string {
  return join(dockerConfigDirectory(environment, home), 'config.json');
}

/** The directory in which docker buildx keeps logins for single repositories. */
export function scopedLoginsDirectory(environment: Environment, home: string): string {
  const buildx = environment['BUILDX_CONFIG'] || join(dockerConfigDirectory(environment, home), 'buildx');
  return join(buildx, 'config');
}

/** A file's text; undefined when there is no file. Throws ActionError (DOCKER_CONFIG) when it cannot be read. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readSmallFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw broken(path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

/**
 * Parses docker's configuration. Field names match in any case, as in Go's JSON.
 * Throws ActionError (DOCKER_CONFIG) naming the source and the field, never its value.
 */
export function parseDockerConfig(text: string, source: string): DockerConfig {
  if (Buffer.byteLength(text) > maxSmallFile) throw broken(source, 'has more than 4 MiB');
  const root = fieldsOf(parseJson(text, source));
  if (root === undefined) throw broken(source, 'is not a JSON object');
  return {
    source,
    auths: parseAuths(root.get('auths'), source),
    credHelpers: textMap(root.get('credhelpers'), 'credHelpers', source),
    credsStore: textOf(root.get('credsstore'), 'credsStore', source),
    headers: parseHeaders(textMap(root.get('httpheaders'), 'HttpHeaders', source), source),
  };
}

/**
 * The login stored for a repository; one without fields is an exact key that is empty, which means no login. Where
 * helpers are asked, docker writes empty entries of its own, and they mean nothing:
 * https://github.com/spotify/docker-client/issues/1143
 */
export function storedLogin(
  config: DockerConfig,
  registry: string,
  repository?: string,
): KeyedEntry<StoredLogin> | undefined {
  const isAsked = helpersFor(config, registry).length > 0;
  return entriesFor(config.auths, registry, repository).find(
    ({ value, isExact }) => value.size > 0 || (isExact && !isAsked),
  );
}

/** A helper that docker's configuration names. */
export interface ConfiguredHelper {
  /** NAME of docker-credential-NAME. */
  readonly name: string;
  /** For messages: `credHelpers of /home/runner/.docker/config.json`. */
  readonly place: string;
}

/**
 * The helpers to ask for a registry, in order; an empty name in `credHelpers` switches the store off for it, as in
 * https://github.com/keirlawson/docker_credential/pull/8
 */
export function helpersFor(config: DockerConfig, registry: string): readonly ConfiguredHelper[] {
  const [own] = entriesFor(config.credHelpers, registry);
  if (own?.value === '') return [];
  const store = { name: config.credsStore ?? '', place: `credsStore of ${config.source}` };
  const helpers = own === undefined ? [] : [{ name: own.value, place: `credHelpers of ${config.source}` }];
  return [...helpers, store].filter(({ name }) => name !== '');
}

/** Whether a login for a repository is stored, or a helper may have one. */
export function mayHaveLogin(config: DockerConfig, registry: string, repository: string): boolean {
  if (helpersFor(config, registry).length > 0) return true;
  return (storedLogin(config, registry, repository)?.value.size ?? 0) > 0;
}

/**
 * The user name and password of a stored login; `auth` is their base64 form, split at the first colon.
 * Undefined when it has neither. Throws ActionError (DOCKER_CONFIG) when `auth` is malformed.
 */
export function storedPair(login: StoredLogin, source: string): StoredPair | undefined {
  const auth = login.get('auth');
  if (auth !== undefined) return decodePair(auth, source);
  const [username, password] = [login.get('username') ?? '', login.get('password') ?? ''];
  return username === '' && password === '' ? undefined : { username, password };
}

function decodePair(auth: string, source: string): StoredPair {
  // The white space at the end is cut first: a pattern with both would try every way to split it.
  const digits = auth.trimEnd().replace(/={1,2}$/, '');
  const text = /^[A-Za-z0-9+/\s]+$/.test(digits) ? Buffer.from(auth, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 1) throw broken(source, 'has an auth that is not the base64 form of user:password');
  // docker strips the zero bytes with which old versions padded the password:
  // https://github.com/spring-projects/spring-boot/pull/45290
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0) end -= 1;
  return { username: text.slice(0, colon), password: text.slice(colon + 1, end) };
}

function parseJson(text: string, source: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the text, which may be a password, so it must not become the cause.
    throw broken(source, 'is not valid JSON');
  }
}

function parseAuths(value: unknown, source: string): ReadonlyMap<string, StoredLogin> {
  const logins = new Map<string, StoredLogin>();
  for (const [registry, entry] of objectEntries(value, 'auths', source)) {
    const fields = fieldsOf(entry ?? {});
    if (fields === undefined) throw broken(source, 'has an entry of auths that is not an object');
    const texts = [...fields].filter((field): field is [string, string] => typeof field[1] === 'string');
    logins.set(registry, new Map(texts.filter(([, text]) => text !== '')));
  }
  return logins;
}

function textMap(value: unknown, field: string, source: string): ReadonlyMap<string, string> {
  const entries = objectEntries(value, field, source);
  return new Map(entries.map(([key, text]) => [key, textOf(text, field, source) ?? '']));
}

function objectEntries(value: unknown, field: string, source: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw broken(source, `has a value of ${field} that is not an object`);
  return Object.entries(value);
}

function textOf(value: unknown, field: string, source: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw broken(source, `has a value of ${field} that is not text`);
  return value;
}

/** Fields by lower-case name; of several spellings the last one counts, as in Go. */
function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function parseHeaders(headers: ReadonlyMap<string, string>, source: string) {
  const checked = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || !/^[\t -~\u0080-\u00ff]*$/.test(value)) {
      throw broken(source, 'has HttpHeaders with an invalid character');
    }
    checked.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(checked);
}

function broken(source: string, problem: string): ActionError {
  return new ActionError('DOCKER_CONFIG', `${source} ${problem}`, {
    hint: `Correct ${source}, or write it again with docker login. Its content is not shown because it may hold passwords.`,
  });
}
