import { cleanUp } from '../publish/clean-up.ts';
import type { Result } from '../publish/result.ts';
import { publishRounds } from '../publish/rounds.ts';
import { Cancellation } from '../run/cancellation.ts';
import { systemClock } from '../run/clock.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import type { Network, Step } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { failedReport, sourceLines, tagLines } from './failed-report.ts';
import { reportCancellation, reportFailure } from './failure.ts';
import { type Inputs, readInputs } from './input/inputs.ts';
import { explainName } from './input/short-names.ts';
import { warnOfMissing } from './missing-sources.ts';
import { writeEmptyOutputs } from './outputs.ts';
import { type StartedRun, startRun } from './run.ts';
import type { ReportedFailure } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** Runs the publish action to its end; a failure is reported to the runner. */
export async function publish(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  const step = { runner, log, network };
  const cancellation = new Cancellation(network.clock ?? systemClock);
  const started: Started = { cancellation };
  const reportOf = (failure: ReportedFailure) => failedReport(failure, log, started.run);
  runner.onCancel(async () => {
    const errors = await cancellation.cancel();
    const { run } = started;
    await reportCancellation(tagLines(run), sourceLines(run, errors), runner, log, reportOf);
  });
  try {
    await publishInputs(step, started);
  } catch (error) {
    await cancellation.pass();
    await reportFailure(error, runner, log, reportOf);
  }
  await cancellation.pass();
}

/** What is known of a run when it fails or is cancelled. */
interface Started {
  readonly cancellation: Cancellation;
  run?: StartedRun;
}

async function publishInputs(step: Step, started: Started): Promise<void> {
  const { runner, log, network } = step;
  const inputs = await readInputs(runner);
  for (const warning of inputs.warnings) log.warning(warning);
  for (const note of inputs.notes ?? []) log.info(note);
  if (inputs.request.lists.length === 0) return leaveOut(inputs, step);
  await provideCredentialHelpers(inputs, step);
  const run = startRun(inputs, runner, log, network, started.cancellation);
  started.run = run;
  try {
    await publishStages(run);
  } catch (error) {
    throw explainName(error, inputs.shortNames);
  } finally {
    await run.close();
  }
}

async function leaveOut({ notes = [], summary }: Inputs, { runner, log }: Step): Promise<void> {
  log.info('Nothing to publish: every list is left out');
  writeEmptyOutputs(runner, log);
  const report = { status: 'left-out', notes, warnings: log.warnings } as const;
  if (summary === 'write') await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

/** Takes a run through its rounds, cleans up, and reports. */
export async function publishStages(run: StartedRun): Promise<void> {
  const end = await publishRounds(run);
  if (end.kind === 'deferred') return run.defer(end.readings);
  warnOfMissing(run.request.lists, end.results, end.readings, run.context.observer);
  await run.report(await cleanedUp(end.results, run));
}

// The lists are published, whatever became of the clean-up.
async function cleanedUp(results: readonly Result[], run: StartedRun): Promise<readonly Result[]> {
  try {
    return await cleanUp(results, run);
  } catch (error) {
    await run.output(results);
    throw error;
  }
}
