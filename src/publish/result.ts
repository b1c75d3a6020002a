import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import type { CopyResult } from '../pipeline/copy/target.ts';
import type { ReplacedList } from '../pipeline/guards/guards.ts';
import type { AssembledList, Target } from '../pipeline/list.ts';
import type { PushedTag } from '../pipeline/tag.ts';
import type { PushAccess, UntouchedTag } from '../pipeline/tags/dry-run.ts';
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

/** Whether a list has tags in this repository. */
export function includesRepository(
  { targets }: Pick<AssembledList, 'targets'>,
  { repository }: Pick<Target, 'repository'>,
): boolean {
  return targets.some((target) => sameRepository(target.repository, repository));
}
