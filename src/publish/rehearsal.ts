import { warnOfVoidSignatures } from '../pipeline/copy/void-signature.ts';
import { type AssembledList, tagsOf, targetsOf } from '../pipeline/list.ts';
import { checkPushAccess, untouchedTags } from '../pipeline/tags/dry-run.ts';
import { includesRepository, type Result } from './result.ts';
import type { Run } from './run.ts';

/** What a push of these lists would do, and whether it would be allowed; writes nothing. */
export async function rehearse(lists: readonly AssembledList[], run: Run): Promise<readonly Result[]> {
  const { request, context, log, guards, ledger } = run;
  const tags = await log.group('Dry run', async () => {
    const all: Result['tags'][] = [];
    for (const list of lists) all.push(await untouchedTags(list, ledger, context));
    return all;
  });
  const moving = lists.filter((list) => list.targets.length > 0);
  await warnOfVoidSignatures(moving, request.referrers, context);
  if (request.sourceTags === 'purge') await rehearseRemovals(moving, run);
  const targets = targetsOf(tagsOf(lists));
  const access = await log.group('Check the permission to push', () => checkPushAccess(targets, context));
  const results = lists.map(
    async (list, at): Promise<Result> => ({
      ...list,
      served: list.manifest,
      state: 'dry-run',
      tags: tags[at] ?? [],
      copies: [],
      before: await guards.replacedList(list, ledger),
      pushAccess: access.filter((each) => includesRepository(list, each)),
      purged: [],
    }),
  );
  return Promise.all(results);
}

async function rehearseRemovals(
  lists: readonly AssembledList[],
  { context, log, removal }: Run,
): Promise<void> {
  const { rehearseSources } = await import('../pipeline/untag/purge-sources.ts');
  await log.group('Tags of sources', () => rehearseSources(lists, { ...context, ...removal }));
}
