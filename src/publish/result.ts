import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import type { CopyResult } from '../pipeline/copy/copy.ts';
import { warnOfVoidSignatures } from '../pipeline/copy/void-signature.ts';
import type { ReplacedList } from '../pipeline/guards/guards.ts';
import { type AssembledList, type Target, tagsOf, targetsOf } from '../pipeline/list.ts';
import type { PushedTag } from '../pipeline/tag.ts';
import {
  checkPushAccess,
  type PushAccess,
  type UntouchedTag,
  untouchedTags,
} from '../pipeline/tags/dry-run.ts';
import type { VerifiedList } from '../pipeline/tags/verify.ts';
import type { Run } from './run.ts';

/** The result for one list. */
export interface Result extends AssembledList {
  /** The manifest that the registry served on the read-back; in a dry run, the manifest that would be pushed. */
  readonly served: Manifest;
  readonly state: VerifiedList['state'] | 'dry-run';
  readonly tags: readonly (PushedTag | UntouchedTag)[];
  /** The content that was copied to repositories that did not have it. */
  readonly copies: readonly CopyResult[];
  /** The list that the new one replaces; absent when there was none, or when it was not read. */
  readonly before?: ReplacedList | undefined;
  /** Whether a push would be allowed, for a dry run. */
  readonly pushAccess?: readonly PushAccess[];
  /** The docker CLI's drafts and the tags of sources that were removed. */
  readonly purged: readonly string[];
}

/** The results for lists that were read back. Lists that share a repository share what was copied to it. */
export function resultsOf(
  lists: readonly VerifiedList[],
  copies: readonly CopyResult[],
  { guards, ledger }: Run,
): Promise<readonly Result[]> {
  const results = lists.map(async (list): Promise<Result> => {
    const own = copies.filter((copy) => lists.find((each) => includesRepository(each, copy)) === list);
    return { ...list, copies: own, before: await guards.replacedList(list, ledger.before), purged: [] };
  });
  return Promise.all(results);
}

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

async function rehearseRemovals(lists: readonly AssembledList[], { context, log, removal }: Run) {
  const { rehearseSources } = await import('../pipeline/untag/purge-sources.ts');
  await log.group('Tags of sources', () => rehearseSources(lists, { ...context, ...removal }));
}

function includesRepository(
  { targets }: Pick<AssembledList, 'targets'>,
  { repository }: Pick<Target, 'repository'>,
): boolean {
  return targets.some((target) => sameRepository(target.repository, repository));
}
