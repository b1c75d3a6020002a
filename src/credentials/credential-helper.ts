import type { ChildProcess } from 'node:child_process';
import { maxShortBody } from '../http/message.ts';
import { AuthError } from '../run/errors.ts';
import { serverName } from './registry-key.ts';

/** The login that a credential helper stores for a registry. */
export interface HelperLogin {
  readonly username: string;
  readonly secret: string;
}

interface HelperOptions {
  /** The helper's environment; its PATH is searched for the helper. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a helper must answer; 30 000 by default. */
  readonly timeout?: number | undefined;
}

/** Helpers in every language print this for a registry they do not know. */
const notFound = 'credentials not found in native keychain';

const missing = 'it is not on PATH';

/**
 * Asks `docker-credential-NAME get` for the login of a registry; undefined when it has none.
 * Throws AuthError (CREDENTIAL_HELPER) naming helper and registry when the helper is missing, hangs, fails or gives an
 * invalid answer. The error shows its stderr, redacted, and not its answer, which may be a secret.
 * https://github.com/docker/docker-credential-helpers#development
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  options: HelperOptions,
): Promise<HelperLogin | undefined> {
  const helper = `docker-credential-${name}`;
  // A path would run any program of the workspace instead of a helper.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw misnamed(registry);
  const end = await run(helper, serverName(registry), options);
  const fail = (problem: string): AuthError => failure(helper, registry, problem, end.words);
  if (end.problem !== undefined) throw fail(end.problem);
  const output = end.output.trim();
  if (end.exitCode !== 0) {
    if (output === notFound) return undefined;
    throw fail(`exit code ${end.exitCode}`);
  }
  return parseAnswer(output, fail);
}

function parseAnswer(output: string, fail: (problem: string) => AuthError): HelperLogin | undefined {
  const answer = parseObject(output);
  const { Username: username = '', Secret: secret = '' } = answer ?? {};
  if (answer === undefined || typeof username !== 'string' || typeof secret !== 'string') {
    throw fail('its answer is not the JSON object that docker expects');
  }
  // Some helpers answer with empty fields for an unknown registry: https://github.com/bazel-contrib/rules_oci/pull/731
  if (username === '' && secret === '') return undefined;
  if (secret === '') throw fail('its answer has no secret');
  return { username, secret };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The end of a helper's run: a code with its output, or a problem; `words`: its stderr, redacted. */
type End = { readonly words?: string | undefined } & (
  | { readonly exitCode: number; readonly output: string; readonly problem?: undefined }
  | { readonly problem: string }
);

async function run(helper: string, input: string, options: HelperOptions): Promise<End> {
  const windows = process.platform === 'win32';
  const end = await attempt([helper, 'get'], input, options);
  if (!windows || end.problem !== missing) return end;
  // gcloud's helper is a batch file, which only cmd.exe starts. The name was checked above.
  // https://github.com/GoogleContainerTools/jib/issues/2399
  return attempt(['cmd.exe', '/d', '/s', '/c', `${helper}.cmd get`], input, options);
}

async function attempt(command: readonly string[], input: string, options: HelperOptions): Promise<End> {
  const child = await start(command, options.environment);
  const timeout = options.timeout ?? 30_000;
  const timer = Promise.withResolvers<End>();
  const timeoutId = setTimeout(
    () => timer.resolve({ problem: `it did not answer within ${timeout / 1000} s` }),
    timeout,
  );
  const end = await Promise.race([conversation(child, input), timer.promise]);
  clearTimeout(timeoutId);
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (end.problem !== undefined) kill(child);
  return end;
}

async function start([program = '', ...args]: readonly string[], environment: HelperOptions['environment']) {
  // Most runs start no program.
  const { spawn } = await import('node:child_process');
  const windows = process.platform === 'win32';
  return spawn(program, args, {
    // Otherwise Windows searches the current directory first, which is the workspace:
    // https://github.com/nodejs/node/issues/46264
    env: windows ? { ...environment, NoDefaultCurrentDirectoryInExePath: '1' } : environment,
    // Its own process group, so that the processes of a helper's script end with it:
    // https://github.com/nodejs/node/issues/2098
    detached: !windows,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function conversation(child: ChildProcess, input: string): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxShortBody) resolve({ problem: `its answer has more than ${maxShortBody} bytes` });
  });
  child.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) =>
    resolve({ problem: code === 'ENOENT' ? missing : `it cannot be started (${code})` }),
  );
  const words = collectWords(child);
  onEnd(child, (code, signal) => {
    const output = Buffer.concat(chunks).toString('utf8');
    if (code === null) resolve({ problem: `it was ended by ${signal}`, words: words(output) });
    else resolve({ exitCode: code, output, words: words(output) });
  });
  // A helper may end without reading its input: then its exit code says why.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return promise;
}

/** Milliseconds to wait for the end of stderr: a process that the helper started may hold it open forever. */
const stderrWait = 200;

function onEnd(child: ChildProcess, end: (code: number | null, signal: string | null) => void): void {
  child.on('exit', (...exit) => {
    const wait = (): void => {
      setTimeout(() => end(...exit), stderrWait).unref();
    };
    if (child.stdout?.readableEnded === false) child.stdout.once('end', wait);
    else wait();
  });
  child.on('close', end);
}

function collectWords(child: ChildProcess): (answer: string) => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    if (size < maxHelperWords) chunks.push(chunk.subarray(0, maxHelperWords - size));
    size += chunk.length;
  });
  return (answer) => redactHelperWords(Buffer.concat(chunks).toString('utf8'), answer);
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}

function misnamed(registry: string): AuthError {
  const message = `The credential helper configured for ${registry} was not run: its name is not a plain file name`;
  return new AuthError('CREDENTIAL_HELPER', message, {
    hint: 'Set credHelpers or credsStore of config.json to NAME of docker-credential-NAME, without a path.',
  });
}

function failure(helper: string, registry: string, problem: string, words = ''): AuthError {
  const printed = words === '' ? '' : `; it printed: ${words}`;
  // The response of the helper is the secret itself: the command discards it.
  const test = `Test it with "echo ${serverName(registry)} | ${helper} get >/dev/null"`;
  const remedy =
    problem === missing ? `Put ${helper} on PATH (the credential-helpers input can do that)` : test;
  const message = `${helper} failed to give a login for ${registry}: ${problem}${printed}`;
  return new AuthError('CREDENTIAL_HELPER', message, {
    hint: `${remedy}, or set the login in registry-auth.`,
  });
}

/** Bytes of a helper's stderr that are read. */
const maxHelperWords = 8192;

/** In characters: enough for a cause, and a log stays readable. */
const maxShown = 400;

const redactions: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The user name and password of a URL.
  [/(:\/\/)[^/\s@]+@/g, '$1***@'],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, '$1 ***'],
  // `token=…`, `"Secret": "…"`, `Authorization: …`
  [
    /((?:token|secret|passw|passphrase|authorization|api[_-]?key)[\w-]{0,30}["']?\s?[=:]\s?["']?)[^\s"',;&]+/gi,
    '$1***',
  ],
  // Any long word with letters and digits may be a token; host names and paths have separators within.
  [/(?<![\w+=~-])(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/g, '***'],
];

/** Characters from which on a word of a helper's answer may be a secret. */
const minSecretLength = 12;

/** A helper's stderr as one line of limited length, without likely secrets and without parts of its answer. */
export function redactHelperWords(text: string, answer = ''): string {
  const line = withoutAnswer(text, answer)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const safe = redactions.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), line);
  return safe.length > maxShown ? `${safe.slice(0, maxShown)}…` : safe;
}

function withoutAnswer(text: string, answer: string): string {
  const words = new Set(answer.split(/[\s"',:{}]+/).filter((word) => word.length >= minSecretLength));
  return [...words].reduce((rest, word) => rest.replaceAll(word, '***'), text);
}
