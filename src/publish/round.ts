import { amendList } from '../pipeline/amend/amended-list.ts';
import { assemble } from '../pipeline/assemble.ts';
import { copyContent } from '../pipeline/copy/copy.ts';
import { type AssembledList, isAmended, type PlannedList, tagsOf } from '../pipeline/list.ts';
import { TagMovedError } from '../pipeline/tag.ts';
import { pushTags } from '../pipeline/tags/push.ts';
import { untilReadBack } from '../pipeline/tags/restore.ts';
import { forEachList } from './each-list.ts';
import { readBack } from './read-back.ts';
import { type Result, rehearse, resultsOf } from './result.ts';
import { type Run, tagContextOf } from './run.ts';
import type { RoundSources } from './source-readings.ts';

/**
 * Publishes all lists of a run together: nothing is written before every list is assembled and checked, and every list
 * is in the registry before the first tag moves. Throws TagMovedError or VerifyError OVERTAKEN when another job writes
 * the tags at the same time, and ConflictError AMEND_TAGS when tags to amend hold different content.
 */
export async function publishRound(sources: RoundSources, run: Run): Promise<readonly Result[]> {
  const { request, context, log, ledger, guards } = run;

  const planned = await log.group('Resolve the sources', () => run.sources.plan(sources));
  const assembled = await assembleLists(planned, run);
  const lists = await guards.holdBack(assembled, ledger);
  await run.checkSubjects(lists);
  await guards.check(lists, ledger);
  if (request.mode === 'dry-run') return rehearse(lists, run);

  const copies = await log.group('Copy', () => copyContent(lists, request.referrers, context));
  const checked = await checkAgain(lists, run);
  const tagContext = tagContextOf(run);
  const setTags = async () => {
    const pushed = await log.group('Push', () => pushTags(checked, { ...tagContext, guards }));
    const reading = () => log.group('Read back', () => readBack(pushed, pushed, run));
    return untilReadBack(pushed, reading, tagContext);
  };
  const verified = await context.cancellation.during(() => context.client.budget.lifted(setTags));
  return resultsOf(verified, copies, run);
}

function assembleLists(planned: readonly PlannedList[], { ledger, context }: Run) {
  return forEachList(planned, async (list) => {
    const assembled = await (isAmended(list) ? amendList(list, ledger, context) : assemble(list, context));
    context.client.budget.hold(assembled.manifest.digest, assembled.manifest.size);
    return { ...list, ...assembled };
  });
}

// Another job may have moved the tags while content was copied: this is known before the first of them moves.
async function checkAgain(lists: readonly AssembledList[], { ledger, guards }: Run) {
  if (!ledger.isOld) return lists;
  ledger.reread(tagsOf(lists));
  for (const tag of tagsOf(lists.filter(isAmended)))
    if (await ledger.hasChanged(tag)) throw new TagMovedError();
  const checked = await guards.holdBack(lists, ledger);
  await guards.check(checked, ledger);
  return checked;
}
