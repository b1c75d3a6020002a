import type { PublishedList, RemovedTag } from '../pipeline/untag/purge-sources.ts';
import type { Verified } from '../pipeline/verify.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Run } from './run.ts';

/**
 * Removes the tags of sources, if the request says so and every tag of all lists was read back: until then, the staging
 * tags are the way to try again.
 */
export async function removeSourceTags<List extends PublishedList>(
  lists: readonly List[],
  readings: readonly { readonly verified: Verified }[],
  { request, context, removal }: Pick<Run, 'request' | 'context' | 'removal'>,
  log: Pick<RunnerLog, 'group'>,
): Promise<readonly RemovedTag<List>[]> {
  if (request.sourceTags === 'keep') return [];
  if (readings.some(({ verified }) => verified.state !== 'read')) {
    context.observer.warning(
      'The tags of sources were not removed, because not every tag could be read back',
    );
    return [];
  }
  const { purgeSources } = await import('../pipeline/untag/purge-sources.ts');
  return log.group('Remove the tags of sources', () => purgeSources(lists, { ...context, ...removal }));
}
