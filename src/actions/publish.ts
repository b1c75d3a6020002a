import { amendUntilHeld } from '../pipeline/amend/attempts.ts';
import { checkPushAccess, untouchedTags } from '../pipeline/dry-run.ts';
import { targetsOf } from '../pipeline/plan.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { announceCancellation } from './cancellation.ts';
import type { Network } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { failedReport } from './failed-report.ts';
import { reportFailure } from './failure.ts';
import { readInputs } from './input/inputs.ts';
import { publishLeg, type RoundStages } from './matrix-leg.ts';
import {
  assembleLists,
  includesRepository,
  isAmended,
  type PlannedList,
  type PreparedList,
  planLists,
  previousList,
  previousOf,
} from './prepared-list.ts';
import { type Run, startRun } from './run.ts';
import type { Result } from './summary/report.ts';
import { finishLists, writeLists } from './written-lists.ts';

/** Runs the publish action to its end; a failure is reported to the runner. */
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
  announceCancellation(runner, log, run);
  try {
    await publishStages(run, log);
  } finally {
    await run.close();
  }
}

/** The part of the log that stages use directly. */
type StageLog = Pick<RunnerLog, 'group' | 'withoutSecrets'>;

/** Takes a run through all stages: plan and assemble each list, then copy, push, verify and purge all, then report. */
export async function publishStages(run: Run, log: StageLog): Promise<void> {
  const { request } = run;
  if (request.missingSources !== 'error') {
    await publishLeg(request.missingSources, roundStages(run, log), run, log);
    return;
  }
  const planned = await planLists(request.lists, run.sourcesOf, run, log);
  const stages = roundStages(run, log);
  await run.report(await (request.mode === 'dry-run' ? stages.rehearse(planned) : stages.write(planned)));
}

function roundStages(run: Run, log: StageLog): RoundStages<readonly PlannedList[]> {
  return {
    plan: (lists, sourcesOf) => planLists(lists, sourcesOf, run, log),
    rehearse: async (planned) => {
      return rehearse(await assembleLists(planned, run.previous, run), run, log);
    },
    write: (planned) =>
      planned.some(isAmended) ? amendLists(planned, run, log) : publishPlanned(planned, run, log),
  };
}

async function publishPlanned(
  planned: readonly PlannedList[],
  run: Run,
  log: StageLog,
): Promise<readonly Result[]> {
  const previous = run.request.missingSources === 'error' ? run.previous : previousOf(planned, run);
  const lists = await assembleLists(planned, previous, run);
  return finishLists(await writeLists(lists, previous, run, log), run, log);
}

// All lists of the step are written together, so all are written again when the tags of one have changed.
async function amendLists(
  planned: readonly PlannedList[],
  run: Run,
  log: StageLog,
): Promise<readonly Result[]> {
  const written = await amendUntilHeld(run.context.clock, {
    write: async (attempt) => {
      const isFirst = attempt === 1 && run.request.missingSources === 'error';
      const previous = isFirst ? run.previous : previousOf(planned, run);
      const lists = await assembleLists(planned, previous, run);
      return writeLists(lists, previous, run, log);
    },
    isHeld: async ({ results }) => {
      const now = previousOf(planned, run);
      const held = results.flatMap(({ tags, served }) =>
        tags.map(async (tag) => (await now.of(tag)) === served.digest),
      );
      return (await Promise.all(held)).every(Boolean);
    },
  });
  return finishLists(written, run, log);
}

async function rehearse(lists: readonly PreparedList[], run: Run, log: StageLog): Promise<readonly Result[]> {
  const { context, previous } = run;
  const rehearsed = await log.group('Dry run', async () => {
    const all: { list: PreparedList; tags: Result['tags'] }[] = [];
    for (const list of lists) {
      all.push({ list, tags: await untouchedTags(list.manifest, list.request.tags, previous, context) });
    }
    return all;
  });
  await log.group('Compare with the earlier lists', () => run.guards.warn(lists, previous));
  if (run.request.sourceTags === 'purge') await rehearseRemoval(lists, run, log);
  const targets = targetsOf(lists.flatMap(({ request }) => request.tags));
  const access = await log.group('Check the permission to push', () => checkPushAccess(targets, context));
  return Promise.all(
    rehearsed.map(async ({ list, tags }) => {
      const { manifest: served, members } = list;
      const pushAccess = access.filter((each) => includesRepository(list.targets, each));
      const before = await previousList(run.guards, list, previous);
      return { served, members, tags, copies: [], purged: [], pushAccess, before };
    }),
  );
}

async function rehearseRemoval(lists: readonly PreparedList[], run: Run, log: StageLog): Promise<void> {
  const { rehearseSources } = await import('../pipeline/untag/purge-sources.ts');
  const context = { ...run.context, ...run.removal };
  await log.group('Tags of sources', () => rehearseSources(lists, context));
}
