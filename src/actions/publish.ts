import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import { amendList } from '../pipeline/amend/amended-list.ts';
import { amendUntilHeld, movedError } from '../pipeline/amend/attempts.ts';
import { isStillHeld, readBase } from '../pipeline/amend/base.ts';
import { type Assembled, assemble } from '../pipeline/assemble.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { checkPushAccess, untouchedTags } from '../pipeline/dry-run.ts';
import type { Member } from '../pipeline/member.ts';
import { logPlan, makePlan, type Plan, type Target, targetsOf } from '../pipeline/plan.ts';
import { PreviousTags, previousDigest } from '../pipeline/previous-tags.ts';
import { purgeAfterPush } from '../pipeline/purge.ts';
import { pushTags } from '../pipeline/push.ts';
import type { ListRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import { refuseMissing } from '../pipeline/selection.ts';
import type { PushedTag } from '../pipeline/tag-outcome.ts';
import { verifyLists } from '../pipeline/verify.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import type { SourceContext } from '../sources/source.ts';
import { announceCancellation } from './cancellation.ts';
import type { Network } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { forEachList, listName } from './each-list.ts';
import { failedReport } from './failed-report.ts';
import { reportFailure } from './failure.ts';
import { readInputs } from './input/inputs.ts';
import { publishLeg, type RoundStages } from './matrix-leg.ts';
import { repositoryImages } from './outputs.ts';
import { previousList } from './previous-list.ts';
import { type Run, startRun } from './run.ts';
import { removeSourceTags } from './source-tags.ts';
import type { Result } from './summary/report.ts';

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
  announceCancellation(runner, log, run);
  try {
    await publishStages(run, log);
  } finally {
    await run.close();
  }
}

/** The log of a run, as far as stages use it themselves. */
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
    rehearse: async (planned) =>
      rehearse(await assembleLists(planned, refusing(run.previous), run), run, log),
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
  return writeLists(await assembleLists(planned, refusing(previous), run), previous, run, log);
}

// All lists of the step are written together, so all are written again when the tags of one have changed.
async function amendLists(
  planned: readonly PlannedList[],
  run: Run,
  log: StageLog,
): Promise<readonly Result[]> {
  return amendUntilHeld(run.context.clock, {
    write: async (attempt) => {
      const isFirst = attempt === 1 && run.request.missingSources === 'error';
      const previous = isFirst ? run.previous : previousOf(planned, run);
      const whenDifferent = attempt === 1 ? 'refuse' : 'take-first';
      const lists = await assembleLists(planned, { previous, whenDifferent }, run);
      return writeLists(lists, previous, run, log);
    },
    isHeld: async (results) => {
      const now = previousOf(planned, run);
      const held = results.flatMap(({ tags, served }) =>
        tags.map(async (tag) => (await now.of(tag)) === served.digest),
      );
      return (await Promise.all(held)).every(Boolean);
    },
  });
}

function isAmended({ request }: { readonly request: ListRequest }): boolean {
  return request.base === 'amend';
}

function previousOf(planned: readonly PlannedList[], { context }: Run): PreviousTags {
  return new PreviousTags(
    planned.flatMap(({ request }) => request.tags),
    context,
  );
}

function refusing(previous: PreviousTags): Parameters<typeof readBase>[1] {
  return { previous, whenDifferent: 'refuse' };
}

interface PlannedList {
  readonly request: ListRequest;
  readonly plan: Plan;
}

/** A list with everything that is known before anything is written. */
interface PreparedList {
  readonly request: ListRequest;
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

// Nothing is written before every list is assembled and passes the guards.
async function assembleLists(
  planned: readonly PlannedList[],
  reading: Parameters<typeof readBase>[1],
  { context, guards, subjects }: Run,
): Promise<readonly PreparedList[]> {
  const lists = await forEachList(
    planned,
    ({ request }) => request,
    async ({ request, plan }) => {
      const { manifest, members } = await assembleList({ request, plan }, reading, context);
      return { request, plan: { ...plan, members }, targets: plan.targets, manifest, members };
    },
  );
  const images = lists.flatMap(({ request: { tags }, manifest }) =>
    repositoryImages({ tags, served: manifest }),
  );
  await subjects?.check(images);
  await guards.check(lists, reading.previous);
  return lists;
}

async function assembleList(
  { request, plan }: PlannedList,
  reading: Parameters<typeof readBase>[1],
  context: RunContext,
): Promise<Assembled> {
  if (request.base === 'replace') return assemble(plan, request, context);
  const base = await readBase(request.tags, reading, context.client);
  if (base !== undefined) return amendList(base, plan, request, context);
  if (request.missingPlatforms === 'refuse') refuseMissing(plan.members, request.platforms);
  return assemble(plan, request, context);
}

// All lists at once; only reads.
function planLists(
  lists: readonly ListRequest[],
  sourcesOf: (list: ListRequest) => SourceContext,
  { context, onSource }: Run,
  log: StageLog,
): Promise<readonly PlannedList[]> {
  return log.group('Resolve the sources', async () => {
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
  });
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
  start: PreviousTags,
  run: Run,
  log: StageLog,
): Promise<readonly Result[]> {
  const { request, context, guards, onTag } = run;
  const isAlone = request.missingSources === 'error';
  const amended = lists.filter(isAmended).flatMap((list) => list.request.tags);
  const copies = await log.group('Copy', () => copyContent(lists, request.referrers, context));
  const previous = amended.length === 0 ? start.current() : previousOf(lists, run);
  if (!(await isStillHeld(amended, start, previous))) throw movedError();
  // Another run may have moved the tags while content was copied.
  if (previous !== start) await guards.check(lists, previous);
  const watch = { previous, onTag, afterFailure: isAlone ? 'restore' : 'leave' } as const;
  const written = await log.group('Push', () => pushTags(lists, watch, context));
  const pushed =
    isAlone && amended.length === 0
      ? written
      : await Promise.all(written.map((list) => sinceStart(list, run.previous)));
  const rivals = isAlone ? 'refuse' : 'accept';
  const verified = await log.group('Read back', () => verifyLists(pushed, rivals, context));
  // The last round of several compares its own.
  if (isAlone) await log.group('Compare with the earlier lists', () => guards.warn(lists, previous));
  const results: Result[] = [];
  for (const {
    pushed: { list },
    verified: { served, state, tags },
  } of verified) {
    const drafts = request.drafts === 'purge' && state === 'read' ? list.request.tags : [];
    const purged = await purgeAfterPush(drafts, run.dockerConfig, context);
    // Lists that share a repository share what is copied to it.
    const own = copies.filter(
      (copy) => lists.find((each) => includesRepository(each.targets, copy)) === list,
    );
    const before = await previousList(
      guards,
      list,
      isAlone && amended.length === 0 ? previous : run.previous,
    );
    results.push({ served, members: list.members, tags, copies: own, purged, before });
  }
  // Last, because everything else must be done even if a registry removes more than it is told to.
  const removed = await removeSourceTags(lists, verified, run, log);
  return results.map((result, at) => {
    const names = removed.filter(({ list }) => list === lists[at]).map(({ name }) => name);
    return { ...result, purged: [...result.purged, ...names] };
  });
}

// Before a later round, a tag may hold what another job put there: only what it held at the start may be shown late.
async function sinceStart<L extends { readonly tags: readonly PushedTag[] }>(
  list: L,
  start: PreviousTags,
): Promise<L> {
  const tags = list.tags.map(async (tag): Promise<PushedTag> => {
    const before = await start.of(tag);
    const state = before === undefined ? 'created' : before === tag.wanted ? 'unchanged' : 'moved';
    return { ...tag, previous: previousDigest(before), state };
  });
  return { ...list, tags: await Promise.all(tags) };
}

function includesRepository(targets: readonly Target[], { repository }: Pick<Target, 'repository'>): boolean {
  return targets.some((target) => sameRepository(target.repository, repository));
}
