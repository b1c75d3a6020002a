import { assemble } from '../pipeline/assemble.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { untouchedTags } from '../pipeline/dry-run.ts';
import { makePlan } from '../pipeline/plan.ts';
import { purgeAfterPush } from '../pipeline/purge.ts';
import { pushTags } from '../pipeline/push.ts';
import { verifyTags } from '../pipeline/verify.ts';
import { announceCancellation } from './cancellation.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { readInputs } from './inputs.ts';
import type { RunnerLog } from './log.ts';
import { type Network, type Run, startRun } from './run.ts';

/** Runs the publishing action; throws ActionError for what it cannot do, anything else is a bug. */
export async function publish(log: RunnerLog, network: Network = {}): Promise<void> {
  const inputs = await readInputs();
  await provideCredentialHelpers(inputs.credentialHelpers, log);
  const run = startRun(inputs, process.env, log, network);
  announceCancellation(log, run.tags);
  try {
    await publishStages(run, log);
  } finally {
    await run.close();
  }
}

/** What the stages are shown on. */
export type StageLog = Pick<RunnerLog, 'group'>;

/** Takes a run through all stages: plan, assemble, copy, push, verify, purge, report. */
export async function publishStages(run: Run, log: StageLog): Promise<void> {
  const { request, context, onTag } = run;
  const plan = await log.group('Resolve the sources', () => makePlan(request, run.sources, context));
  const { manifest: index, members } = assemble(plan, request);
  if (request.mode === 'dry-run') {
    const tags = await log.group('Dry run', () => untouchedTags(index, request.tags, run.previous, context));
    return run.report({ served: index, members, tags, copies: [], purged: [] });
  }
  const copies = await log.group('Copy', () => copyContent(plan, index, request.referrers, context));
  const previous = run.previous.current();
  const tags = await log.group('Push', () => pushTags(index, plan.targets, { previous, onTag }, context));
  const verified = await log.group('Read back', () => verifyTags(index, tags, context));
  const purged = await purgeAfterPush(verified, request, run.sources.dockerConfig, context);
  await run.report({ served: verified.served, members, tags, copies, purged });
}
