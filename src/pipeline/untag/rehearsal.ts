import { type StagingTag, tagName } from '../../registry/untag/staging-tag.ts';
import { ActionError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { TargetTag } from '../request.ts';
import { type PurgeContext, type Removers, removerOf, type TagRemoval, warnOf } from './purge-tags.ts';

/** A tag that a dry run asked about; `found`: it exists, and the registry does not say that it would refuse. */
export interface RehearsedTag {
  readonly tag: TargetTag;
  readonly removal: { readonly state: 'found' } | Extract<TagRemoval, { readonly state: 'refused' }>;
}

/**
 * Asks registries whether they would remove tags, with reads or the removal of a name that does not exist, and logs
 * the answers. A tag that would not be removed is a warning.
 */
export async function rehearseTags(
  tags: readonly StagingTag[],
  context: PurgeContext,
): Promise<readonly RehearsedTag[]> {
  const removers: Removers = new Memo();
  const rehearsed = await Promise.all(tags.map((tag) => rehearse(tag, removers, context)));
  for (const { tag, removal } of rehearsed) {
    if (removal.state === 'found') context.observer.info(`Would remove the tag ${tagName(tag)}`);
  }
  const refused = rehearsed.flatMap(({ tag, removal }) =>
    removal.state === 'refused' ? { tag, removal } : [],
  );
  warnOf(refused, context, 'Would not be removed');
  return rehearsed;
}

async function rehearse(tag: StagingTag, removers: Removers, context: PurgeContext): Promise<RehearsedTag> {
  try {
    await (await removerOf(tag, removers, context)).ask(tag);
    return { tag, removal: { state: 'found' } };
  } catch (error) {
    if (error instanceof ActionError) return { tag, removal: { state: 'refused', error } };
    throw error;
  }
}
