import { purgeAfterPush } from '../pipeline/purge.ts';
import type { Result } from './result.ts';
import type { Run } from './run.ts';

/**
 * Removes the docker CLI's drafts of the published tags, then the tags of sources, and adds their names to the results.
 * Only after everything is published and read back: until then, a second attempt needs them.
 */
export async function cleanUp(results: readonly Result[], run: Run): Promise<readonly Result[]> {
  const { request, dockerConfig, context } = run;
  if (request.mode === 'dry-run') return results;
  const drafts: (readonly string[])[] = [];
  for (const { state, request: own } of results) {
    const isPurged = request.drafts === 'purge' && state === 'read';
    drafts.push(await purgeAfterPush(isPurged ? own.tags : [], dockerConfig, context));
  }
  const removed = await removeSourceTags(results, run);
  return results.map((result, at) => {
    const names = removed.filter(({ list }) => list === result).map(({ name }) => name);
    return { ...result, purged: [...(drafts[at] ?? []), ...names] };
  });
}

async function removeSourceTags(all: readonly Result[], { request, context, removal, log }: Run) {
  // The sources of a list whose tags were all held back are still all that there is of it.
  const results = all.filter(({ tags }) => tags.length > 0);
  if (request.sourceTags === 'keep' || results.length === 0) return [];
  if (results.some(({ state }) => state !== 'read')) {
    // The read-back has warned.
    context.observer.info('The tags of sources were not removed, because not every tag could be read back');
    return [];
  }
  const { purgeSources } = await import('../pipeline/untag/purge-sources.ts');
  return log.group('Remove the tags of sources', () => purgeSources(results, { ...context, ...removal }));
}
