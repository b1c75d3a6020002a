import type { GuardedList } from '../pipeline/guards/guarded-list.ts';
import type { Guards } from '../pipeline/guards/guards.ts';
import type { PreviousTags } from '../pipeline/previous-tags.ts';
import { isChoosable } from '../policy/puller.ts';
import type { PreviousList } from './summary/report.ts';

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
