import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import { amendList } from '../pipeline/amend/amended-list.ts';
import { type BaseReading, readBase } from '../pipeline/amend/base.ts';
import { type Assembled, assemble } from '../pipeline/assemble.ts';
import type { GuardedList } from '../pipeline/guards/guarded-list.ts';
import type { Guards } from '../pipeline/guards/guards.ts';
import type { Member } from '../pipeline/member.ts';
import { logPlan, makePlan, type Plan, type Target } from '../pipeline/plan.ts';
import { PreviousTags } from '../pipeline/previous-tags.ts';
import type { ListRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import { refuseMissing } from '../pipeline/selection.ts';
import { isChoosable } from '../policy/puller.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { SourceContext } from '../sources/source.ts';
import { forEachList, listName } from './each-list.ts';
import { repositoryImages } from './outputs.ts';
import type { Run } from './run.ts';
import type { PreviousList } from './summary/report.ts';

/** A list whose sources are resolved. */
export interface PlannedList {
  readonly request: ListRequest;
  readonly plan: Plan;
}

/** A list with everything that is known before anything is written. */
export interface PreparedList {
  readonly request: ListRequest;
  readonly plan: Plan;
  readonly targets: readonly Target[];
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

// Nothing is written before every list is assembled and passes the guards.
/** Assembles all lists, and compares them with the content of their tags; only reads. */
export async function assembleLists(
  planned: readonly PlannedList[],
  previous: PreviousTags,
  run: Run,
): Promise<readonly PreparedList[]> {
  const { context, guards, subjects, ownTags } = run;
  const reading: BaseReading = { previous, start: run.previous, ownTags };
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
  await guards.check(lists, previous);
  return lists;
}

async function assembleList(
  { request, plan }: PlannedList,
  reading: BaseReading,
  context: RunContext,
): Promise<Assembled> {
  if (request.base === 'replace') return assemble(plan, request, context);
  const base = await readBase(request.tags, reading, context.client);
  if (base !== undefined) return amendList(base, plan, request, context);
  if (request.missingPlatforms === 'refuse') refuseMissing(plan.members, request.platforms);
  return assemble(plan, request, context);
}

/** Resolves the sources of all lists in parallel; only reads. */
export function planLists(
  lists: readonly ListRequest[],
  sourcesOf: (list: ListRequest) => SourceContext,
  { context, onSource }: Run,
  log: Pick<RunnerLog, 'group'>,
): Promise<readonly PlannedList[]> {
  return log.group('Resolve the sources', async () => {
    const planned = await forEachList(
      lists,
      (request) => request,
      async (request) => ({ request, plan: await makePlan(request, sourcesOf(request), context, onSource) }),
    );
    // Lists are planned in parallel, and logged one after the other.
    for (const { request, plan } of planned) {
      if (planned.length > 1) context.observer.info(`${listName(request)}:`);
      logPlan(plan, context.observer);
    }
    return planned;
  });
}

/** Whether a list starts from what its tags hold. */
export function isAmended({ request }: { readonly request: ListRequest }): boolean {
  return request.base === 'amend';
}

/** Reads again what the tags of these lists hold. */
export function previousOf(lists: readonly Pick<PlannedList, 'request'>[], { context }: Run): PreviousTags {
  return new PreviousTags(
    lists.flatMap(({ request }) => request.tags),
    context,
  );
}

/** Whether one of the targets is in this repository. */
export function includesRepository(
  targets: readonly Target[],
  { repository }: Pick<Target, 'repository'>,
): boolean {
  return targets.some((target) => sameRepository(target.repository, repository));
}

/** The list that a new one replaces, as the summary shows it; undefined when there was none, or when it was not read. */
export async function previousList(
  guards: Guards,
  list: GuardedList,
  previous: PreviousTags,
): Promise<PreviousList | undefined> {
  const before = await guards.servedBefore(list, previous);
  if (before === undefined) return undefined;
  const entries = before.entries.filter(isChoosable).flatMap(({ platform, digest }) => {
    return platform === undefined ? [] : [{ platform, digest }];
  });
  return { tag: before.tag, digest: before.digest, entries };
}
