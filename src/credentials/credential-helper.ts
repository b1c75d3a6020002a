import { type ChildProcess, spawn } from 'node:child_process';
import { maxShortBody } from '../http/message.ts';
import { AuthError } from '../run/errors.ts';
import { serverName } from './registry-key.ts';

/** The login that a credential helper stores for a registry. */
export interface HelperLogin {
  readonly username: string;
  readonly secret: string;
}

export interface HelperOptions {
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
 * Throws AuthError (CREDENTIAL_HELPER) naming helper and registry when the helper is missing, hangs,
 * fails or gives an invalid answer. Its output is not shown, because it may be a secret.
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
    throw failure(helper, registry, 'its answer is not the JSON object that docker expects');
  }
  // Some helpers (pass) answer with empty fields for an unknown registry, instead of an error.
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

/** The end of a helper's run: a code with its output, or a problem. */
type End =
  | { readonly exitCode: number; readonly output: string; readonly problem?: undefined }
  | { readonly problem: string };

async function run(helper: string, input: string, options: HelperOptions): Promise<End> {
  const windows = process.platform === 'win32';
  const end = await attempt([helper, 'get'], input, options);
  if (!windows || end.problem !== missing) return end;
  // Some helpers (gcloud's) are batch files, which only cmd.exe starts. The name was checked above.
  return attempt(['cmd.exe', '/d', '/s', '/c', `${helper}.cmd get`], input, options);
}

async function attempt(command: readonly string[], input: string, options: HelperOptions): Promise<End> {
  const child = start(command, options.environment);
  const timeout = options.timeout ?? 30_000;
  const timer = Promise.withResolvers<End>();
  const timeoutId = setTimeout(
    () => timer.resolve({ problem: `it did not answer within ${timeout / 1000} s` }),
    timeout,
  );
  const end = await Promise.race([conversation(child, input), timer.promise]);
  clearTimeout(timeoutId);
  child.stdout?.destroy();
  if (end.problem !== undefined) kill(child);
  return end;
}

function start([program = '', ...args]: readonly string[], environment: HelperOptions['environment']) {
  const windows = process.platform === 'win32';
  return spawn(program, args, {
    // Otherwise Windows searches the current directory first, which is the workspace.
    env: windows ? { ...environment, NoDefaultCurrentDirectoryInExePath: '1' } : environment,
    // Its own process group, so that the processes of a helper's script end with it.
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
    if (size > maxShortBody) resolve({ problem: `its answer has more than ${maxShortBody} bytes` });
  });
  child.on('error', (error: NodeJS.ErrnoException) => resolve({ problem: startProblem(error) }));
  child.on('close', (code, signal) => {
    if (code === null) resolve({ problem: `it was ended by ${signal}` });
    else resolve({ exitCode: code, output: Buffer.concat(chunks).toString('utf8') });
  });
  // A helper may end without reading its input: then its exit code says why.
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
    // It has already ended.
  }
}

function misnamed(registry: string): AuthError {
  return new AuthError(
    'CREDENTIAL_HELPER',
    `The credential helper configured for ${registry} was not run: its name is not a plain file name`,
    {
      hint: 'Set credHelpers or credsStore of config.json to NAME of docker-credential-NAME, without a path.',
    },
  );
}

function failure(helper: string, registry: string, problem: string): AuthError {
  return new AuthError('CREDENTIAL_HELPER', `${helper} failed to give a login for ${registry}: ${problem}`, {
    hint:
      problem === missing
        ? `Put ${helper} on PATH (the credential-helpers input can do that), or set the login in registry-auth.`
        : `Test it with "echo ${serverName(registry)} | ${helper} get", or set the login in registry-auth.`,
  });
}
