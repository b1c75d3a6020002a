import type { Digest } from '../../oci/digest.ts';
import { type RemovalContext, removerFor } from '../../registry/untag/remover.ts';
import { repositoryIdentity, type StagingTag, tagName } from '../../registry/untag/staging-tag.ts';
import { lookAt, TagChangedError, type TagRemover } from '../../registry/untag/tag-remover.ts';
import { ActionError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { checkKept, isRemoved, type KeptManifest } from './kept-content.ts';

/** The result of removing a tag. */
export type TagRemoval =
  | { readonly state: 'removed' | 'absent' }
  /** The tag holds another manifest than expected, and was not removed. */
  | { readonly state: 'changed'; readonly expected: Digest; readonly held: Digest }
  /** The registry did not remove it. */
  | { readonly state: 'refused'; readonly error: ActionError };

/** A tag and the result of its removal. */
export interface PurgedTag {
  readonly tag: TargetTag;
  readonly removal: TagRemoval;
}

/** The services of a run, and the services that remove tags. */
export type PurgeContext = RunContext & Omit<RemovalContext, keyof RunContext>;

/** The remover of each registry that tags are removed from. */
export type Removers = Memo<string, TagRemover>;

/** The remover for a tag's registry, found once. */
export function removerOf(
  { repository }: TargetTag,
  removers: Removers,
  context: PurgeContext,
): Promise<TagRemover> {
  return removers.get(repository.registry, () => removerFor(repository, context));
}

/**
 * Removes tags, never content, and then reads everything that must stay: the manifests of the tags and `kept`. In each
 * repository, one tag is removed first; the others follow only if the registry removed that tag and nothing else. A tag
 * that holds another manifest now is not removed. A refusal of the registry is a warning. Throws VerifyError
 * CONTENT_REMOVED when content was lost, also if it was put back. Never ends once the job is cancelled.
 */
export function purgeTags(
  tags: readonly StagingTag[],
  kept: readonly KeptManifest[],
  context: PurgeContext,
): Promise<readonly PurgedTag[]> {
  for (const tag of tags) context.removals.mark(tag, 'left');
  return context.cancellation.during(async () => {
    const removers: Removers = new Memo();
    const groups = Map.groupBy(tags, ({ repository }) => repositoryIdentity(repository));
    const jobs = [...groups.values()].map((group) => purgeRepository(group, removers, context));
    const purged = (await Promise.all(jobs)).flat();
    // After a cancellation, its report says this.
    if (!context.cancellation.isCancelled) warnOf(purged, context);
    if (purged.some(({ removal }) => removal.state === 'removed'))
      await checkKept([...tags.map(contentOf), ...kept], context);
    return purged;
  });
}

function contentOf({ repository, manifest }: StagingTag): KeptManifest {
  return { repository, manifest };
}

async function purgeRepository(
  tags: readonly StagingTag[],
  removers: Removers,
  context: PurgeContext,
): Promise<readonly PurgedTag[]> {
  const purged: PurgedTag[] = [];
  for (const [at, tag] of tags.entries()) {
    const removal = await purgeFirst(tag, removers, context);
    purged.push({ tag, removal });
    const stop = await stopAfter(tag, removal, context);
    const others = tags.slice(at + 1);
    if (stop !== undefined) {
      const refused: TagRemoval = { state: 'refused', error: stop };
      return [...purged, ...others.map((other) => ({ tag: other, removal: refused }))];
    }
    if (removal.state !== 'removed') continue;
    const removals = others.map(async (other) => {
      return { tag: other, removal: await purgeTag(other, removers, context) };
    });
    return [...purged, ...(await Promise.all(removals))];
  }
  return purged;
}

/** Why the other tags must not be removed: the registry refused the first one, or also removed its manifest. */
async function stopAfter(
  tag: StagingTag,
  removal: TagRemoval,
  context: PurgeContext,
): Promise<ActionError | undefined> {
  if (removal.state === 'refused') return removal.error;
  if (removal.state !== 'removed' || !(await isRemoved(contentOf(tag), context))) return undefined;
  return new ActionError('CONTENT_REMOVED', `Removing ${tagName(tag)} also removed ${tag.manifest.digest}`);
}

// A tag that is gone or changed is no reason to ask the registry anything.
function purgeFirst(tag: StagingTag, removers: Removers, context: PurgeContext): Promise<TagRemoval> {
  return reported(tag, context, async () => {
    if ((await lookAt(tag, context)) === 'absent') return 'absent';
    return (await removerOf(tag, removers, context)).remove(tag);
  });
}

function purgeTag(tag: StagingTag, removers: Removers, context: PurgeContext): Promise<TagRemoval> {
  return reported(tag, context, async () => (await removerOf(tag, removers, context)).remove(tag));
}

async function reported(
  tag: StagingTag,
  { removals, cancellation, observer }: PurgeContext,
  remove: () => Promise<'removed' | 'absent'>,
): Promise<TagRemoval> {
  const name = tagName(tag);
  try {
    cancellation.checkGoingOn();
    const state = await remove();
    removals.mark(tag, state);
    observer.info(state === 'removed' ? `Removed the tag ${name}` : `${name} no longer exists`);
    return { state };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    if (!(error instanceof TagChangedError)) return { state: 'refused', error };
    removals.mark(tag, 'changed');
    return { state: 'changed', expected: tag.manifest.digest, held: error.held };
  }
}

/**
 * Warns about tags that were not removed, with one warning for each reason; `beginning` is how its text begins.
 */
export function warnOf(
  purged: readonly PurgedTag[],
  { observer }: Pick<RunContext, 'observer'>,
  beginning: 'Not removed' | 'Would not be removed' = 'Not removed',
): void {
  for (const { tag, removal } of purged) {
    if (removal.state !== 'changed') continue;
    observer.warning(
      `${tagName(tag)} was not removed: it holds ${removal.held} now, not ${removal.expected}. Something else pushed it.`,
    );
  }
  const reasons = Map.groupBy(purged, ({ removal }) => reasonOf(removal));
  for (const [reason, tags] of reasons) {
    if (reason === undefined) continue;
    const names = tags.map(({ tag }) => tagName(tag)).join(', ');
    observer.warning(`${beginning}: ${names}: ${reason}`);
  }
}

function reasonOf(removal: TagRemoval): string | undefined {
  if (removal.state !== 'refused') return undefined;
  const { message, hint } = removal.error;
  return hint === undefined ? `${message}.` : `${message}. ${hint}`;
}
