import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import { assemble } from '../pipeline/assemble.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { checkPushAccess, untouchedTags } from '../pipeline/dry-run.ts';
import type { Member } from '../pipeline/member.ts';
import { logPlan, makePlan, type Plan, type Target, targetsOf } from '../pipeline/plan.ts';
import { purgeAfterPush } from '../pipeline/purge.ts';
import { pushTags } from '../pipeline/push.ts';
import type { ListRequest } from '../pipeline/request.ts';
import { verifyLists } from '../pipeline/verify.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { announceCancellation } from './cancellation.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { forEachList, listName } from './each-list.ts';
import { reportFailure } from './failure.ts';
import { readInputs } from './input/inputs.ts';
import { previousList } from './previous-list.ts';
import { type Network, type Run, startRun } from './run.ts';
import type { Result } from './summary/report.ts';

/** Runs the publishing action to its end; a failure is reported to the runner. */
export async function publish(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  const started: { run?: Run } = {};
  try {
    await publishInputs(runner, log, network, started);
  } catch (error) {
    await reportFailure(error, runner, log, started.run);
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

/** The log of a run, as far as stages use it themselves. */
type StageLog = Pick<RunnerLog, 'group'>;

/** Takes a run through all stages: plan and assemble each list, then copy, push, verify and purge all, then report. */
export async function publishStages(run: Run, log: StageLog): Promise<void> {
  const lists = await prepareLists(run, log);
  await run.guards.check(lists, run.previous);
  const isDryRun = run.request.mode === 'dry-run';
  await run.report(await (isDryRun ? rehearse(lists, run, log) : writeLists(lists, run, log)));
}

/** A list with everything that is known before anything is written. */
interface PreparedList {
  readonly request: ListRequest;
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

// All lists at once; only reads.
async function prepareLists(run: Run, log: StageLog): Promise<readonly PreparedList[]> {
  const { context } = run;
  const planned = await log.group('Resolve the sources', () => planLists(run));
  return forEachList(
    planned,
    ({ request }) => request,
    async ({ request, plan }) => {
      const { manifest, members } = assemble(plan, request, context);
      return { request, plan, targets: plan.targets, manifest, members };
    },
  );
}

async function planLists({ request: { lists }, context, sourcesOf, onSource }: Run) {
  const planned = await forEachList(
    lists,
    (request) => request,
    async (request) => ({ request, plan: await makePlan(request, sourcesOf(request), context, onSource) }),
  );
  // Lists are planned at once, and logged one after the other.
  for (const { request, plan } of planned) {
    if (planned.length > 1) context.observer.info(`${listName(request)}:`);
    logPlan(plan, context.observer);
  }
  return planned;
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

// Everything by digest first, tags last, for all lists together.
async function writeLists(
  lists: readonly PreparedList[],
  run: Run,
  log: StageLog,
): Promise<readonly Result[]> {
  const { request, context, guards, onTag } = run;
  const copies = await log.group('Copy', () => copyContent(lists, request.referrers, context));
  const previous = run.previous.current();
  // Another run may have moved the tags while content was copied.
  if (previous !== run.previous) await guards.check(lists, previous);
  const pushed = await log.group('Push', () => pushTags(lists, { previous, onTag }, context));
  const verified = await log.group('Read back', () => verifyLists(pushed, context));
  await log.group('Compare with the earlier lists', () => guards.warn(lists, previous));
  const results: Result[] = [];
  for (const {
    pushed: { list, tags },
    verified: { served, state },
  } of verified) {
    const drafts = request.drafts === 'purge' && state === 'read' ? list.request.tags : [];
    const purged = await purgeAfterPush(drafts, run.dockerConfig, context);
    // Lists that share a repository share what is copied to it.
    const own = copies.filter(
      (copy) => lists.find((each) => includesRepository(each.targets, copy)) === list,
    );
    const before = await previousList(guards, list, previous);
    results.push({ served, members: list.members, tags, copies: own, purged, before });
  }
  return results;
}

function includesRepository(targets: readonly Target[], { repository }: Pick<Target, 'repository'>): boolean {
  return targets.some((target) => sameRepository(target.repository, repository));
}
