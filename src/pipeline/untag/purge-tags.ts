import type { Digest } from '../../oci/digest.ts';
import { formatReference, formatRepository } from '../../oci/reference.ts';
import { type RemovalContext, removerFor } from '../../registry/untag/remover.ts';
import type { StagingTag, TagRemover } from '../../registry/untag/staging-tag.ts';
import { ActionError } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
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

/** Milliseconds that a registry may take to stop serving a removed tag. */
const maxShown = 5_000;

/**
 * Removes tags, never content, and then reads everything that must stay: the manifests of the tags and `kept`. In each
 * repository, one tag is removed first; the others follow only if the registry removed that tag and nothing else. A tag
 * that holds another manifest now is not removed. A refusal of the registry is a warning. Throws VerifyError
 * CONTENT_REMOVED when content was lost, also if it was put back.
 */
export async function purgeTags(
  tags: readonly StagingTag[],
  kept: readonly KeptManifest[],
  context: PurgeContext,
): Promise<readonly PurgedTag[]> {
  const removers = new Map<string, Promise<TagRemover>>();
  const groups = Map.groupBy(tags, ({ repository }) => formatRepository(repository));
  const jobs = [...groups.values()].map((group) => purgeRepository(group, removers, context));
  const purged = (await Promise.all(jobs)).flat();
  warnOf(purged, context);
  if (purged.some(({ removal }) => removal.state === 'removed'))
    await checkKept([...tags.map(contentOf), ...kept], context);
  return purged;
}

function contentOf({ repository, manifest }: StagingTag): KeptManifest {
  return { repository, manifest };
}

async function purgeRepository(
  tags: readonly StagingTag[],
  removers: Map<string, Promise<TagRemover>>,
  context: PurgeContext,
): Promise<readonly PurgedTag[]> {
  const purged: PurgedTag[] = [];
  for (const [at, tag] of tags.entries()) {
    const removal = await purgeTag(tag, removers, context);
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
  return new ActionError('CONTENT_REMOVED', `Removing ${nameOf(tag)} also removed ${tag.manifest.digest}`);
}

async function purgeTag(
  tag: StagingTag,
  removers: Map<string, Promise<TagRemover>>,
  context: PurgeContext,
): Promise<TagRemoval> {
  const { repository, manifest } = tag;
  const { registry } = repository;
  const name = nameOf(tag);
  try {
    const remover = removers.get(registry) ?? removerFor(repository, context);
    removers.set(registry, remover);
    const remove = await remover;
    // Right before the removal: another run may have pushed the tag.
    const held = (await context.client.headManifest(repository, tag.tag))?.digest;
    if (held === undefined) {
      context.observer.info(`${name} no longer exists`);
      return { state: 'absent' };
    }
    if (held !== manifest.digest) return { state: 'changed', expected: manifest.digest, held };
    await remove(tag);
    await waitUntilGone(tag, context);
    context.observer.info(`Removed the tag ${name}`);
    return { state: 'removed' };
  } catch (error) {
    if (error instanceof ActionError) return { state: 'refused', error };
    throw error;
  }
}

async function waitUntilGone(tag: StagingTag, { client, clock }: PurgeContext): Promise<void> {
  const retryUntil = clock.now() + maxShown;
  await pollUntil<void>(clock, { first: 250, max: 2000 }, async () => {
    const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
    // Another manifest: another run has pushed the tag since.
    if (held !== tag.manifest.digest) return { result: undefined };
    const otherwise = (): never => {
      throw stillThere();
    };
    return { retryUntil, otherwise };
  });
}

function stillThere(): ActionError {
  return new ActionError(
    'TAG_NOT_REMOVED',
    'The tag still exists, although the registry confirmed its removal',
    {
      hint: 'Remove it in the user interface of the registry.',
    },
  );
}

/** Warns about tags that were not removed, with one warning for each reason. */
export function warnOf(purged: readonly PurgedTag[], { observer }: Pick<RunContext, 'observer'>): void {
  for (const { tag, removal } of purged) {
    if (removal.state !== 'changed') continue;
    observer.warning(
      `${nameOf(tag)} was not removed: it holds ${removal.held} now, not ${removal.expected}. Something else pushed it.`,
    );
  }
  const reasons = Map.groupBy(purged, ({ removal }) => reasonOf(removal));
  for (const [reason, tags] of reasons) {
    if (reason === undefined) continue;
    const names = tags.map(({ tag }) => nameOf(tag)).join(', ');
    observer.warning(`Not removed: ${names}: ${reason}`);
  }
}

function reasonOf(removal: TagRemoval): string | undefined {
  if (removal.state !== 'refused') return undefined;
  const { message, hint } = removal.error;
  return hint === undefined ? `${message}.` : `${message}. ${hint}`;
}

function nameOf({ repository, tag }: TargetTag): string {
  return formatReference({ repository, tag });
}
