/** Runs the action as a runner does: a process with INPUT_ variables, files to write to, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type ActionName, type Entry, entryFile, inputVariables } from './action-definition.ts';
import { parseFileCommands } from './file-commands.ts';
import { knowConfigSecrets, knowInputSecrets } from './given-secrets.ts';
import { assertNoLeaks, textsUnder, withoutMasks } from './leaks.ts';
import { type Files, RunDirectory } from './run-directory.ts';

const defaultLimit = 120_000;
const memoryInterval = 40;

export type ActionInputs = Readonly<Record<string, string>>;

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: ACTION_ENTRY, or src. */
  readonly entry?: Entry;
  /** A file to run in the entry's place. */
  readonly program?: string;
  /** Default: the workspace. */
  readonly cwd?: string;
  /** Files in the home directory, such as `.docker/config.json`. */
  readonly home?: Files;
  /** Files in GITHUB_WORKSPACE. */
  readonly workspace?: Files;
  /** Called when the process runs, for signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Milliseconds after which the run is killed and counts as hung; default two minutes. */
  readonly limit?: number;
}

export interface ActionRun {
  /** null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly durationMs: number;
  /** The most memory the process ever had, where /proc tells. */
  readonly peakRssBytes: number | undefined;
  readonly directory: RunDirectory;
}

/** Runs the publishing action. */
export function publish(inputs: ActionInputs, options: RunOptions = {}): Promise<ActionRun> {
  return runAction('publish', inputs, options);
}

/**
 * Runs an action to its end. Rejects when it hangs, when it writes what the runner cannot read,
 * and when a secret of any test appears in what it leaves.
 */
export async function runAction(
  action: ActionName,
  inputs: ActionInputs,
  options: RunOptions = {},
): Promise<ActionRun> {
  knowSecrets(inputs, options);
  const directory = new RunDirectory(options);
  const environment = { ...baseVariables(directory), ...inputVariables(action, inputs), ...options.env };
  const started = performance.now();
  const child = spawn(nodeProgram(), [options.program ?? entryFile(action, options.entry)], {
    cwd: options.cwd ?? directory.workspace,
    env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  const [ended, stdout, stderr, peakRssBytes] = await Promise.all([
    endOf(child, options.limit ?? defaultLimit),
    text(child.stdout),
    text(child.stderr),
    watchMemory(child),
  ]);
  const durationMs = performance.now() - started;
  if (ended.hung) throw new Error(`the action did not end by itself\n${stdout}\n${stderr}`);
  checkLeaks(directory, stdout, stderr);
  const { exitCode, signal } = ended;
  const outputs = parseFileCommands(directory.read('GITHUB_OUTPUT'));
  const summary = directory.read('GITHUB_STEP_SUMMARY');
  return { exitCode, signal, stdout, stderr, outputs, summary, durationMs, peakRssBytes, directory };
}

/** Node 24: the project's own when the tests run on another. */
function nodeProgram(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  return existsSync(own) ? own : process.execPath;
}

function knowSecrets(inputs: ActionInputs, { env = {}, home = {} }: RunOptions): void {
  knowInputSecrets(inputs);
  knowConfigSecrets(env['DOCKER_AUTH_CONFIG'] ?? '');
  knowConfigSecrets(Buffer.from(home['.docker/config.json'] ?? '').toString());
}

// Hundreds of runs compile the same files. Coverage is exact only without the cache.
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url));

function baseVariables(directory: RunDirectory): Record<string, string | undefined> {
  const coverage = process.env['NODE_V8_COVERAGE'];
  return {
    PATH: [dirname(nodeProgram()), '/usr/bin', '/bin'].join(delimiter),
    SystemRoot: process.env['SystemRoot'],
    // Coverage of the processes is coverage of the suite.
    NODE_V8_COVERAGE: coverage,
    NODE_COMPILE_CACHE: coverage === undefined ? compileCache : undefined,
    ...directory.variables,
  };
}

function checkLeaks(directory: RunDirectory, stdout: string, stderr: string): void {
  assertNoLeaks({
    stdout: withoutMasks(stdout),
    stderr,
    outputs: directory.read('GITHUB_OUTPUT'),
    summary: directory.read('GITHUB_STEP_SUMMARY'),
    environment: directory.read('GITHUB_ENV'),
    path: directory.read('GITHUB_PATH'),
    state: directory.read('GITHUB_STATE'),
    ...textsUnder(directory.temp),
  });
}

interface End {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly hung: boolean;
}

function endOf(child: ChildProcess, limit: number): Promise<End> {
  return new Promise((resolve, reject) => {
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, limit);
    const killAtExit = () => void child.kill('SIGKILL');
    process.once('exit', killAtExit);
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      process.off('exit', killAtExit);
      resolve({ exitCode, signal, hung });
    });
  });
}

/** The last high-water mark /proc showed before the process ended. */
async function watchMemory(child: ChildProcess): Promise<number | undefined> {
  let peak: number | undefined;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes !== undefined) peak = Number(kilobytes) * 1024;
    else if (status === '') break;
    await new Promise((resolve) => setTimeout(resolve, memoryInterval));
  }
  return peak;
}
