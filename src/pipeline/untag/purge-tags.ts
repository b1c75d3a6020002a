import type { Digest } from '../../oci/digest.ts';
import { type RemovalContext, removerFor } from '../../registry/untag/remover.ts';
import { repositoryIdentity, type StagingTag, tagName } from '../../registry/untag/staging-tag.ts';
import { lookAt, TagChangedError, type TagRemover } from '../../registry/untag/tag-remover.ts';
import { ActionError, orFailure } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { checkKept, isRemoved, type KeptManifest } from './kept-content.ts';

/** The result of removing a tag. */
export type TagRemoval =
  | { readonly state: 'removed' | 'absent' }
  /** The tag holds another manifest than expected, and was not removed. */
  | { readonly state: 'changed'; readonly expected: Digest; readonly held: Digest }
  | { readonly state: 'refused'; readonly error: ActionError };

/** A tag and the result of its removal. */
export interface PurgedTag {
  readonly tag: TargetTag;
  readonly removal: TagRemoval;
}

/** The services of a run, and the services that remove tags. */
export type PurgeContext = RunContext & Omit<RemovalContext, keyof RunContext>;

type RemoverOf = (tag: TargetTag) => Promise<TagRemover>;

// The remover of each registry is found once.
function removersOf(context: PurgeContext): RemoverOf {
  const removers = new Memo<string, TagRemover>();
  return ({ repository }) => removers.get(repository.registry, () => removerFor(repository, context));
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
    const removerOf = removersOf(context);
    const groups = Map.groupBy(tags, ({ repository }) => repositoryIdentity(repository));
    const jobs = [...groups.values()].map((group) => purgeRepository(group, removerOf, context));
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

async function purgeRepository(tags: readonly StagingTag[], removerOf: RemoverOf, context: PurgeContext) {
  const remove = async (tag: StagingTag) => (await removerOf(tag)).remove(tag);
  const purged: PurgedTag[] = [];
  for (const [at, tag] of tags.entries()) {
    const removal = await reported(tag, context, async () => {
      // A tag that is gone or changed is no reason to ask the registry anything.
      return (await lookAt(tag, context)) === 'absent' ? 'absent' : remove(tag);
    });
    purged.push({ tag, removal });
    const stop = await stopAfter(tag, removal, context);
    const others = tags.slice(at + 1);
    if (stop !== undefined) {
      const refused: TagRemoval = { state: 'refused', error: stop };
      return [...purged, ...others.map((other) => ({ tag: other, removal: refused }))];
    }
    if (removal.state !== 'removed') continue;
    const removals = others.map(async (other) => {
      return { tag: other, removal: await reported(other, context, () => remove(other)) };
    });
    return [...purged, ...(await Promise.all(removals))];
  }
  return purged;
}

/** Why the other tags must not be removed: the registry refused the first one, or also removed its manifest. */
async function stopAfter(tag: StagingTag, removal: TagRemoval, context: PurgeContext) {
  if (removal.state === 'refused') return removal.error;
  // What cannot be read now is read again at the end, with a warning.
  if (removal.state !== 'removed' || !(await isRemoved(contentOf(tag), [], context))) return undefined;
  return new ActionError('CONTENT_REMOVED', `Removing ${tagName(tag)} also removed ${tag.manifest.digest}`);
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

/** Warns about tags that were not removed, once for each reason; `beginning` is how its text begins. */
export function warnOf(
  purged: readonly PurgedTag[],
  { observer }: Pick<RunContext, 'observer'>,
  beginning: 'Not removed' | 'Would not be removed' = 'Not removed',
): void {
  const changed = purged.flatMap(({ tag, removal }) =>
    removal.state === 'changed' ? `${tagName(tag)} (holds ${removal.held}, not ${removal.expected})` : [],
  );
  if (changed.length > 0)
    observer.warning(`Not removed, because something else pushed it: ${changed.join(', ')}`);
  const refused = purged.flatMap(({ tag, removal }) => {
    return removal.state === 'refused' ? [{ tag, error: removal.error }] : [];
  });
  const reasons = Map.groupBy(refused, ({ error: { message, hint } }) => {
    return hint === undefined ? `${message}.` : `${message}. ${hint}`;
  });
  for (const [reason, tags] of reasons) {
    const names = tags.map(({ tag }) => tagName(tag)).join(', ');
    observer.warning(`${beginning}: ${names}: ${reason}`);
  }
}

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
  const removerOf = removersOf(context);
  const rehearsed = await Promise.all(tags.map((tag) => rehearse(tag, removerOf)));
  for (const { tag, removal } of rehearsed) {
    if (removal.state === 'found') context.observer.info(`Would remove the tag ${tagName(tag)}`);
  }
  const refused = rehearsed.flatMap(({ tag, removal }) =>
    removal.state === 'refused' ? { tag, removal } : [],
  );
  warnOf(refused, context, 'Would not be removed');
  return rehearsed;
}

async function rehearse(tag: StagingTag, removerOf: RemoverOf): Promise<RehearsedTag> {
  const error = await orFailure(removerOf(tag).then((remover) => remover.ask(tag)));
  return { tag, removal: error instanceof ActionError ? { state: 'refused', error } : { state: 'found' } };
}
