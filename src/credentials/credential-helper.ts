import { type ChildProcess, spawn } from 'node:child_process';
import { AuthError } from '../run/errors.ts';
import { serverName } from './registry-key.ts';

/** What a credential helper keeps for a registry. */
export interface HelperLogin {
  readonly username: string;
  readonly secret: string;
}

export interface HelperOptions {
  /** The helper's environment; it is looked up on its PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a helper is given up; 30 000 by default. */
  readonly timeout?: number | undefined;
}

/** Bytes of answer: cloud tokens, the longest secrets, have a few KiB. */
const outputLimit = 64 * 1024;

/** What helpers print for a registry they do not know, whatever their language. */
const notFound = 'credentials not found in native keychain';

const missing = 'it is not on PATH';

/**
 * Asks `docker-credential-NAME get` for the login of a registry; undefined when it keeps none.
 * Throws AuthError (CREDENTIAL_HELPER) naming helper and registry when the helper is missing, hangs,
 * fails or answers rubbish. Nothing it prints is shown, since that may be a secret.
 * https://github.com/docker/docker-credential-helpers#development
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  options: HelperOptions,
): Promise<HelperLogin | undefined> {
  const helper = `docker-credential-${name}`;
  // A path would run any program of the workspace in a helper's stead.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw misnamed(registry);
  }
  const end = await run(helper, serverName(registry), options);
  if (end.problem !== undefined) throw failure(helper, registry, end.problem);
  const output = end.output.trim();
  if (end.exitCode !== 0) {
    if (output === notFound) return undefined;
    throw failure(helper, registry, `exit code ${end.exitCode}`);
  }
  return parseAnswer(output, helper, registry);
}

function parseAnswer(output: string, helper: string, registry: string): HelperLogin | undefined {
  const answer = parseObject(output);
  const { Username: username = '', Secret: secret = '' } = answer ?? {};
  if (answer === undefined || typeof username !== 'string' || typeof secret !== 'string') {
    throw failure(helper, registry, 'its answer is not the JSON object of the docker-credential protocol');
  }
  // Some helpers (pass) answer for an unknown registry with empty fields instead of an error.
  if (username === '' && secret === '') return undefined;
  if (secret === '') throw failure(helper, registry, 'its answer has no secret');
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

/** How a helper's run ended: with a code and its output, or with a problem. */
type End =
  | { readonly exitCode: number; readonly output: string; readonly problem?: undefined }
  | { readonly problem: string };

async function run(helper: string, input: string, options: HelperOptions): Promise<End> {
  const windows = process.platform === 'win32';
  const end = await attempt([helper, 'get'], input, options);
  if (!windows || end.problem !== missing) return end;
  // Some helpers (gcloud's) are batch files, which only cmd.exe starts; the name is safe to show it.
  return attempt(['cmd.exe', '/d', '/s', '/c', `${helper}.cmd get`], input, options);
}

async function attempt(command: readonly string[], input: string, options: HelperOptions): Promise<End> {
  const child = start(command, options.environment);
  const timeout = options.timeout ?? 30_000;
  const timer = Promise.withResolvers<End>();
  const clock = setTimeout(() => timer.resolve({ problem: `no answer within ${timeout / 1000} s` }), timeout);
  const end = await Promise.race([conversation(child, input), timer.promise]);
  clearTimeout(clock);
  child.stdout?.destroy();
  if (end.problem !== undefined) kill(child);
  return end;
}

function start([program = '', ...args]: readonly string[], environment: HelperOptions['environment']) {
  const windows = process.platform === 'win32';
  return spawn(program, args, {
    // Windows looks in the current directory first, which is the workspace, unless this is set.
    env: windows ? { ...environment, NoDefaultCurrentDirectoryInExePath: '1' } : environment,
    // Its own process group, so that what a helper's script started ends with it.
    detached: !windows,
    stdio: ['pipe', 'pipe', 'ignore'],
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
    if (size > outputLimit) resolve({ problem: `more than ${outputLimit} bytes of answer` });
  });
  child.on('error', (error: NodeJS.ErrnoException) => resolve({ problem: startProblem(error) }));
  child.on('close', (code, signal) => {
    if (code === null) resolve({ problem: `ended by ${signal}` });
    else resolve({ exitCode: code, output: Buffer.concat(chunks).toString('utf8') });
  });
  // A helper may end without reading its input: that shows in its exit code.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return promise;
}

function startProblem(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? missing : `it cannot be started (${error.code ?? 'unknown error'})`;
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function misnamed(registry: string): AuthError {
  return new AuthError(
    'CREDENTIAL_HELPER',
    `The credential helper configured for ${registry} is not run: its name is not a bare file name`,
    {
      hint: 'Write NAME of docker-credential-NAME in credHelpers or credsStore of config.json, without a path.',
    },
  );
}

function failure(helper: string, registry: string, problem: string): AuthError {
  return new AuthError('CREDENTIAL_HELPER', `${helper} gives no login for ${registry}: ${problem}`, {
    hint:
      problem === missing
        ? `Put ${helper} on PATH (the credential-helpers input can), or name the login in registry-auth.`
        : `Try it with "echo ${serverName(registry)} | ${helper} get", or name the login in registry-auth.`,
  });
}
