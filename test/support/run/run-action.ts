/** Runs the action as a step, in process or as a process of its own, and reads what it leaves as the runner does. */
import type { ChildProcess } from 'node:child_process';
import { delimiter, dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ActionName, entryFile, inputVariables, usualEntry } from './action-definition.ts';
import { parseFileCommands } from './file-commands.ts';
import { knowConfigSecrets, knowInputSecrets } from './given-secrets.ts';
import { runInProcess } from './in-process-run.ts';
import { assertNoLeaks, textsUnder, withoutMasks } from './leaks.ts';
import { nodeProgram, runProcess } from './process-run.ts';
import { type Files, RunDirectory } from './run-directory.ts';
import type { RunSignal } from './run-signal.ts';
import type { Ended, Start } from './step.ts';

const defaultLimit = 120_000;

export type ActionInputs = Readonly<Record<string, string>>;

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `process`: what is tested is about the process, such as its memory. Default: in process. */
  readonly manner?: 'process';
  /** `hurried`: the run meets hosts that never answer, and should not wait for them as long as a real one does. */
  readonly pace?: 'usual' | 'hurried';
  /** Files in the home directory, such as `.docker/config.json`. */
  readonly home?: Files;
  /** Files in GITHUB_WORKSPACE. */
  readonly workspace?: Files;
  /** Called when the process runs, for signals; the run is a process then. */
  readonly onStart?: (child: ChildProcess) => void;
  /** What cancels the run: SIGINT for a process, and the same word to the runner in process. */
  readonly cancel?: RunSignal;
  /** Milliseconds after which the run is killed and counts as hung; default two minutes. */
  readonly limit?: number;
}

export interface ActionRun extends Ended {
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly directory: RunDirectory;
}

/**
 * Runs an action to its end. Rejects when it hangs, when it writes what the runner cannot read, and when a secret of
 * any test appears in what it leaves.
 */
export async function runAction(
  action: ActionName,
  inputs: ActionInputs,
  options: RunOptions = {},
): Promise<ActionRun> {
  knowSecrets(inputs, options);
  const directory = new RunDirectory(options);
  const variables = { ...baseVariables(directory), ...inputVariables(action, inputs), ...options.env };
  const given = Object.entries(variables).filter((each): each is [string, string] => each[1] !== undefined);
  const { pace = 'usual', limit = defaultLimit, onStart, cancel } = options;
  const environment = Object.fromEntries(given);
  const start: Start = { action, directory, environment, pace, limit, onStart, cancel };
  const ended = await runStart(start, needsProcess(inputs, options));
  const { stdout, stderr } = ended;
  if (ended.hung) throw new Error(`the action did not end by itself\n${stdout}\n${stderr}`);
  checkLeaks(directory, stdout, stderr);
  const outputs = parseFileCommands(directory.read('GITHUB_OUTPUT'));
  return { ...ended, outputs, summary: directory.read('GITHUB_STEP_SUMMARY'), directory };
}

function runStart(start: Start, asProcess: boolean): Promise<Ended> {
  return asProcess ? runProcess(start, entryFile(start.action, usualEntry())) : runInProcess(start);
}

/** Whether a run shows only as a process what is tested. */
function needsProcess(inputs: ActionInputs, { manner, onStart, env = {} }: RunOptions): boolean {
  const isRelative = (name: string): boolean => env[name] !== undefined && !isAbsolute(env[name]);
  return (
    manner === 'process' ||
    // A signal ends a process.
    onStart !== undefined ||
    // The tool cache takes its directories from the variables of the process.
    (inputs['credential-helpers'] ?? '') !== '' ||
    // A relative path starts at the current directory.
    ['DOCKER_CONFIG', 'BUILDX_CONFIG'].some(isRelative) ||
    // Read once, when Node starts.
    ['SSL_CERT_FILE', 'NODE_V8_COVERAGE', 'NODE_OPTIONS'].some((name) => name in env)
  );
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
