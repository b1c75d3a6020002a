import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { familiarReference, formatReference, type Reference } from '../oci/reference.ts';
import { findDrafts, purgeDrafts } from '../pipeline/purge.ts';
import type { ListedTag } from '../pipeline/untag/purge-listed.ts';
import { messageOf } from '../run/errors.ts';
import { RunnerLog } from '../runner/log.ts';
import { githubRegistry } from '../runner/packages-api.ts';
import type { Runner } from '../runner/runner.ts';
import { connectStep, type Network } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { reportFailure } from './failure.ts';
import { type PurgeInputs, readPurgeInputs } from './input/purge-inputs.ts';
import { writeValues } from './outputs.ts';
import type { PurgedName, PurgeReport } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** Runs the purge action to its end; a failure is reported to the runner. */
export async function purge(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  try {
    await purgeInputs(runner, log, network);
  } catch (error) {
    await reportFailure(error, runner, log, (failure) => ({
      status: 'failed',
      failure,
      tags: [],
      sources: [],
      warnings: log.warnings,
    }));
  }
}

async function purgeInputs(runner: Runner, log: RunnerLog, network: Network): Promise<void> {
  const inputs = await readPurgeInputs(runner);
  await provideCredentialHelpers(inputs.credentialHelpers, runner, log, network);
  // Drafts first: a later failure must not prevent their removal.
  const drafts = await log.group('Local drafts', () => removeDrafts(inputs, runner, log));
  const tags = await log.group('Staging tags', () => removeTags(inputs, runner, log, network));
  const removed = [...tags, ...drafts].filter(({ state }) => state === 'removed');
  writeValues({ purged: JSON.stringify(removed.map(({ name }) => name)) }, runner, log);
  if (inputs.summary === 'leave') return;
  const report: PurgeReport = { status: 'purged', mode: inputs.mode, tags, drafts, warnings: log.warnings };
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

async function removeTags(
  inputs: PurgeInputs,
  runner: Runner,
  log: RunnerLog,
  network: Network,
): Promise<readonly PurgedName[]> {
  const { context, management, close } = connectStep(inputs, runner, log, {
    ...network,
    headerRegistries: new Set(inputs.tags.map(({ repository }) => repository.registry)),
  });
  // The actions share one bundle; only this one needs to load this part.
  const { purgeListed } = await import('../pipeline/untag/purge-listed.ts');
  for (const { repository } of inputs.tags) context.client.declareAccess(repository, ['pull', 'push']);
  try {
    const github = githubRegistry(runner, inputs.githubToken, management);
    const tags = await purgeListed(inputs.tags, inputs.mode, { ...context, management, github });
    return tags.map(nameOf);
  } finally {
    await close();
  }
}

function nameOf({ tag, removal }: ListedTag): PurgedName {
  return { name: formatReference(tag), state: removal.state };
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
