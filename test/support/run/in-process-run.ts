/** Runs the action in this process: the same code as a step's, on a runner, a clock and timeouts that are handed in. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Network } from '../../../src/actions/connection.ts';
import type { inspect } from '../../../src/actions/inspect.ts';
import type { publish } from '../../../src/actions/publish.ts';
import type { purge } from '../../../src/actions/purge.ts';
import type { Timeouts } from '../../../src/http/transport.ts';
import { onTestClock, testClock } from '../wire/test-clock.ts';
import { usualEntry } from './action-definition.ts';
import { InProcessRunner } from './in-process-runner.ts';
import type { Ended, Start } from './step.ts';

/**
 * Sockets go by the system's clock, so a host that never answers costs a test this long. It is long enough that a
 * host that does answer does so in time, even on a busy machine; and what comes too late is only asked for again.
 */
const shortTimeouts: Timeouts = { connect: 1000, headers: 500, idle: 500, whole: 1500 };

/** The network of a normal run, on the test clock. */
export const usual: Network = { clock: testClock };

/** The same for runs that meet hosts that never answer. */
export const hurried: Network = { ...usual, timeouts: shortTimeouts };

interface Actions {
  readonly publish: typeof publish;
  readonly inspect: typeof inspect;
  readonly purge: typeof purge;
}

/** The actions of this repository: those of src, or what `npm run build` made of them. */
const actions = (await (usualEntry() === 'dist' ? importBundle() : importSources())) as Actions;

function importBundle(): Promise<unknown> {
  return import(new URL('../../../dist/shared/index.js', import.meta.url).href);
}

async function importSources(): Promise<Actions> {
  return {
    ...(await import('../../../src/actions/publish.ts')),
    ...(await import('../../../src/actions/inspect.ts')),
    ...(await import('../../../src/actions/purge.ts')),
  };
}

/** Runs an action to its end on the test clock. */
export async function runInProcess(start: Start): Promise<Ended> {
  const { action, directory, environment, pace, limit } = start;
  trustOnly(environment['NODE_EXTRA_CA_CERTS']);
  const runner = new InProcessRunner(environment, directory.home, directory.workspace);
  start.cancel?.connect(() => runner.cancel());
  const started = testClock.now();
  const hung = sleep(limit, 'hung' as const, { ref: false });
  const ended = await onTestClock(() =>
    Promise.race([actions[action](runner, pace === 'hurried' ? hurried : usual), runner.cancelled, hung]),
  );
  return {
    exitCode: runner.exitCode,
    signal: null,
    hung: ended === 'hung',
    stdout: runner.stdout,
    stderr: '',
    durationMs: testClock.now() - started,
    peakRssBytes: undefined,
  };
}

let trusted: string | undefined;

/** Trusts what Node does when it starts with this file in NODE_EXTRA_CA_CERTS. */
function trustOnly(file: string | undefined): void {
  if (file === trusted) return;
  const bundled = getCACertificates('bundled');
  setDefaultCACertificates(file === undefined ? bundled : [...bundled, readFileSync(file, 'utf8')]);
  trusted = file;
}
