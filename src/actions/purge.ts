import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { familiarReference, formatReference, type Reference } from '../oci/reference.ts';
import { findDrafts, purgeDrafts } from '../pipeline/purge.ts';
import type { Removals } from '../registry/untag/removals.ts';
import { Cancellation } from '../run/cancellation.ts';
import { systemClock } from '../run/clock.ts';
import { messageOf } from '../run/errors.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { connectStep, type Network, removalServices } from './connection.ts';
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
  const started: Started = { cancellation };
  runner.onCancel(() => announceCancellation(started, runner, log));
  try {
    await purgeInputs(runner, log, network, started);
  } catch (error) {
    await cancellation.pass();
    const { drafts, removals } = started;
    if (drafts !== undefined)
      writePurged([...(removals?.namesIn('removed') ?? []), ...removedNames(drafts)], runner, log);
    await reportFailure(error, runner, log, (failure) => failedReport(failure, log, undefined));
  }
  await cancellation.pass();
}

async function purgeInputs(
  runner: Runner,
  log: RunnerLog,
  network: Network,
  started: Started,
): Promise<void> {
  const inputs = await readPurgeInputs(runner);
  started.inputs = inputs;
  await provideCredentialHelpers(inputs.credentialHelpers, runner, log, network);
  // Drafts first: a later failure must not prevent their removal.
  const drafts = await removeDrafts(inputs, runner, log);
  started.drafts = drafts;
  const tags = await removeTags(inputs, runner, log, { network, started });
  await started.cancellation.pass();
  writePurged(removedNames([...tags, ...drafts]), runner, log);
  if (inputs.summary === 'leave') return;
  const report: PurgeReport = { status: 'purged', mode: inputs.mode, tags, drafts, warnings: log.warnings };
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

function writePurged(names: readonly string[], runner: Runner, log: RunnerLog): void {
  writeValues({ purged: JSON.stringify(names) }, runner, log);
}

function removedNames(names: readonly PurgedName[]): readonly string[] {
  return names.filter(({ state }) => state === 'removed').map(({ name }) => name);
}

/** Ends the removals, and reports the state of each tag. */
async function announceCancellation(
  { cancellation, inputs, removals }: Started,
  runner: Runner,
  log: RunnerLog,
): Promise<void> {
  const errors = await cancellation.cancel();
  const states = [...(removals?.lines ?? []), ...errors.map(messageOf)];
  const untouched = (inputs?.tags ?? []).map((tag) => `${formatReference(tag)} was not touched`);
  const lines = states.length === 0 ? untouched : states;
  await reportCancellation([], lines, runner, log, (failure) => failedReport(failure, log, undefined));
}

async function removeTags(
  inputs: PurgeInputs,
  runner: Runner,
  log: RunnerLog,
  { network, started }: { readonly network: Network; readonly started: Started },
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

async function removeDrafts(
  { drafts, mode }: PurgeInputs,
  { environment, home }: Pick<Runner, 'environment' | 'home'>,
  log: RunnerLog,
): Promise<readonly PurgedName[]> {
  const directory = dockerConfigDirectory(environment, home);
  const removed: PurgedName[] = [];
  for (const draft of drafts) {
    const name = familiarReference(draft);
    removed.push({ name: `docker-manifest:${name}`, state: await removeDraft(draft, directory, mode, log) });
  }
  return removed;
}

async function removeDraft(
  draft: Reference,
  directory: string,
  mode: PurgeInputs['mode'],
  log: RunnerLog,
): Promise<PurgedName['state']> {
  const name = familiarReference(draft);
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
