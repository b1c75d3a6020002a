import { homedir } from 'node:os';
import * as core from '@actions/core';
import type { Environment } from '../run/environment.ts';
import { messageOf } from '../run/errors.ts';

/** The machine a step runs on, as its process sees it. */
export interface Surroundings {
  /** The variables of the process; `addPath` changes PATH in it. */
  readonly environment: Environment;
  readonly home: string;
  readonly directory: string;
}

/** The interface of a step to the runner: inputs and variables in; log, outputs and exit code out. */
export interface Runner extends Surroundings {
  readonly isDebug: boolean;
  /** An input's text as the workflow gives it, with all its white space; empty when it is not set. */
  input(name: string): string;
  /** Throws when the runner's file cannot be written. */
  output(name: string, value: string): void;
  /** Puts a directory in front of PATH, for this step and the steps that follow. */
  addPath(directory: string): void;
  /** Hides a text in every line of the job's log from now on. */
  mask(text: string): void;
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  startGroup(heading: string): void;
  endGroup(): void;
  /** Writes an error annotation and makes the step fail. */
  fail(text: string, title: string): void;
  /** Calls `announce` when the job is cancelled, and then ends the process; it has about seven seconds. */
  onCancel(announce: () => void | Promise<void>): void;
}

/** How the runner cancels a step: first with SIGINT, later with SIGTERM; and the exit code after each. */
const cancellations = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

/** The GitHub runner of this process, by workflow commands and the files that its variables name. */
export function githubRunner(environment: NodeJS.ProcessEnv): Runner {
  requireNode(process.versions.node);
  return {
    environment,
    home: homedir(),
    directory: process.cwd(),
    isDebug: core.isDebug(),
    input: (name) => core.getInput(name, { trimWhitespace: false }),
    output: core.setOutput,
    addPath: core.addPath,
    mask: core.setSecret,
    debug: core.debug,
    info: core.info,
    warning: (text) => core.warning(text),
    startGroup: core.startGroup,
    endGroup: core.endGroup,
    fail: (text, title) => {
      process.exitCode = core.ExitCode.Failure;
      core.error(text, { title });
    },
    onCancel: (announce) => {
      let announced: Promise<void> | undefined;
      for (const [signal, code] of cancellations) {
        // A second signal must not end the process before the report is written, and stdout may be a pipe.
        const exit = (): void => void process.stdout.write('', () => process.exit(code));
        process.on(signal, () => {
          announced ??= (async () => announce())();
          announced.then(exit, (error: unknown) => {
            core.error(messageOf(error));
            exit();
          });
        });
      }
    },
  };
}

// A runner has the Node that action.yml names; a laptop has another.
function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= 24) return;
  core.error(`This action needs Node 24 or later, and this is Node ${version}`);
  process.exit(1);
}
