import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { familiarReference, formatReference, type Reference } from '../oci/reference.ts';
import { findDrafts, purgeDrafts } from '../pipeline/purge.ts';
import type { Removals } from '../registry/untag/removals.ts';
import { Cancellation } from '../run/cancellation.ts';
import { systemClock } from '../run/clock.ts';
import { messageOf } from '../run/errors.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { connectStep, type Network, removalServices, type Step } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { failedReport } from './failed-report.ts';
import { reportCancellation, reportFailure } from './failure.ts';
import { type PurgeInputs, readPurgeInputs } from './input/purge-inputs.ts';
import { writeValues } from './outputs.ts';
import type { PurgedName, PurgeReport } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** What is known of a run when it fails or is cancelled. */
interface Started {
  readonly cancellation: Cancellation;
  inputs?: PurgeInputs;
  removals?: Removals;
  drafts?: readonly PurgedName[];
}

/** Runs the purge action to its end; a failure is reported to the runner. */
export async function purge(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  const cancellation = new Cancellation(network.clock ?? systemClock);
  const step = { runner, log, network };
  const started: Started = { cancellation };
  runner.onCancel(() => announceCancellation(started, step));
  try {
    await purgeInputs(step, started);
  } catch (error) {
    await cancellation.pass();
    const { drafts, removals } = started;
    if (drafts !== undefined)
      writePurged([...(removals?.namesIn('removed') ?? []), ...removedNames(drafts)], step);
    await reportFailure(error, runner, log, (failure) => failedReport(failure, log, undefined));
  }
  await cancellation.pass();
}

async function purgeInputs(step: Step, started: Started): Promise<void> {
  const { runner, log } = step;
  const inputs = await readPurgeInputs(runner);
  started.inputs = inputs;
  await provideCredentialHelpers(inputs, step);
  // Drafts first: a later failure must not prevent their removal.
  const drafts = await removeDrafts(inputs, step);
  started.drafts = drafts;
  const tags = await removeTags(inputs, step, started);
  await started.cancellation.pass();
  writePurged(removedNames([...tags, ...drafts]), step);
  if (inputs.summary === 'leave') return;
  const report: PurgeReport = { status: 'purged', mode: inputs.mode, tags, drafts, warnings: log.warnings };
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

function writePurged(names: readonly string[], { runner, log }: Step): void {
  writeValues({ purged: JSON.stringify(names) }, runner, log);
}

function removedNames(names: readonly PurgedName[]): readonly string[] {
  return names.filter(({ state }) => state === 'removed').map(({ name }) => name);
}

/** Ends the removals, and reports the state of each tag. */
async function announceCancellation({ cancellation, inputs, removals }: Started, { runner, log }: Step) {
  const errors = await cancellation.cancel();
  const states = [...(removals?.lines ?? []), ...errors.map(messageOf)];
  const untouched = (inputs?.tags ?? []).map((tag) => `${formatReference(tag)} was not touched`);
  const lines = states.length === 0 ? untouched : states;
  await reportCancellation([], lines, runner, log, (failure) => failedReport(failure, log, undefined));
}

async function removeTags(
  inputs: PurgeInputs,
  { runner, log, network }: Step,
  started: Started,
): Promise<readonly PurgedName[]> {
  const { context, management, close } = connectStep(inputs, runner, log, {
    ...network,
    cancellation: started.cancellation,
    headerRegistries: new Set(inputs.tags.map(({ repository }) => repository.registry)),
  });
  const removal = removalServices(runner, inputs.githubToken, management);
  started.removals = removal.removals;
  // The actions share one bundle; only this one needs to load this part.
  const { purgeListed } = await import('../pipeline/untag/purge-listed.ts');
  for (const { repository } of inputs.tags) context.client.declareAccess(repository, ['pull', 'push']);
  try {
    const tags = await purgeListed(inputs.tags, inputs.mode, { ...context, ...removal });
    return tags.map((each) => ({ name: formatReference(each.tag), state: each.removal.state }));
  } finally {
    await close();
  }
}

async function removeDrafts({ drafts, mode }: PurgeInputs, step: Step): Promise<readonly PurgedName[]> {
  const removed: PurgedName[] = [];
  for (const draft of drafts) {
    const name = `docker-manifest:${familiarReference(draft)}`;
    removed.push({ name, state: await removeDraft(draft, mode, step) });
  }
  return removed;
}

async function removeDraft(
  draft: Reference,
  mode: PurgeInputs['mode'],
  { runner: { environment, home }, log }: Step,
) {
  const name = familiarReference(draft);
  const directory = dockerConfigDirectory(environment, home);
  try {
    const found = await findDrafts([draft], directory);
    if (found.length === 0) return 'absent';
    if (mode === 'dry-run') return 'found';
    await purgeDrafts([draft], directory);
    log.info(`Removed the local draft of ${name}`);
    return 'removed';
  } catch (error) {
    log.warning(`The local draft of ${name} could not be removed: ${messageOf(error)}`);
    return 'refused';
  }
}
