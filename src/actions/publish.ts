import { assemble } from '../pipeline/assemble.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { checkPushAccess, untouchedTags } from '../pipeline/dry-run.ts';
import { makePlan } from '../pipeline/plan.ts';
import { purgeAfterPush } from '../pipeline/purge.ts';
import { pushTags } from '../pipeline/push.ts';
import { verifyTags } from '../pipeline/verify.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { announceCancellation } from './cancellation.ts';
import type { Network } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { failedReport } from './failed-report.ts';
import { reportFailure } from './failure.ts';
import { readInputs } from './input/inputs.ts';
import { type Run, startRun } from './run.ts';

/** Runs the publishing action to its end; a failure is reported to the runner. */
export async function publish(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  const started: { run?: Run } = {};
  try {
    await publishInputs(runner, log, network, started);
  } catch (error) {
    await reportFailure(error, runner, log, (failure) => failedReport(failure, error, log, started.run));
  }
}

async function publishInputs(
  runner: Runner,
  log: RunnerLog,
  network: Network,
  started: { run?: Run },
): Promise<void> {
  const inputs = await readInputs(runner);
  for (const warning of inputs.warnings) log.warning(warning);
  await provideCredentialHelpers(inputs.credentialHelpers, runner, log, network);
  const run = startRun(inputs, runner, log, network);
  started.run = run;
  announceCancellation(runner, log, run.tags);
  try {
    await publishStages(run, log);
  } finally {
    await run.close();
  }
}

/** Takes a run through all stages: plan, assemble, copy, push, verify, purge, report. */
export async function publishStages(run: Run, log: Pick<RunnerLog, 'group'>): Promise<void> {
  const { request, context, onTag } = run;
  const plan = await log.group('Resolve the sources', () =>
    makePlan(request, run.sources, context, run.onSource),
  );
  const { manifest: index, members } = assemble(plan, request, context);
  if (request.mode === 'dry-run') {
    const tags = await log.group('Dry run', () => untouchedTags(index, request.tags, run.previous, context));
    const pushAccess = await log.group('Check the permission to push', () =>
      checkPushAccess(plan.targets, context),
    );
    return run.report({ served: index, members, tags, copies: [], purged: [], pushAccess });
  }
  const copies = await log.group('Copy', () => copyContent(plan, index, request.referrers, context));
  const previous = run.previous.current();
  const tags = await log.group('Push', () => pushTags(index, plan.targets, { previous, onTag }, context));
  const verified = await log.group('Read back', () => verifyTags(index, tags, context));
  const purged = await purgeAfterPush(verified, request, run.sources.dockerConfig, context);
  await run.report({ served: verified.served, members, tags, copies, purged });
}
