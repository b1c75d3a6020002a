/** One run of the action as a step, in whichever manner. */
import type { ChildProcess } from 'node:child_process';
import type { ActionName } from './action-definition.ts';
import type { RunDirectory } from './run-directory.ts';
import type { RunSignal } from './run-signal.ts';

/** What a run is given. */
export interface Start {
  readonly action: ActionName;
  readonly directory: RunDirectory;
  readonly environment: Readonly<Record<string, string>>;
  readonly pace: 'usual' | 'hurried';
  readonly limit: number;
  readonly onStart?: ((child: ChildProcess) => void) | undefined;
  readonly cancel?: RunSignal | undefined;
}

/** What a run came to. */
export interface Ended {
  /** null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it had to be killed. */
  readonly hung: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** By the clock of the run. */
  readonly durationMs: number;
  /** The most memory the process ever had, where /proc tells; a run in process has none of its own. */
  readonly peakRssBytes: number | undefined;
}
