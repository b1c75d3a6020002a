import type { Repository } from '../../oci/reference.ts';
import { ActionError, messageOf, NetworkError, withContext } from '../../run/errors.ts';
import type { Observer } from '../../run/observer.ts';
import { pollUntil } from '../../run/poll.ts';
import { placeholder } from '../placeholder.ts';
import { providePlaceholderContent } from './placeholder-content.ts';
import { probeName } from './probe-name.ts';
import type { Removals } from './removals.ts';
import { tagName } from './repository-identity.ts';
import type { StagingTag } from './staging-tag.ts';
import type { LookContext } from './tag-remover.ts';

/** What a proof works with. */
interface ProofContext extends LookContext {
  readonly observer: Pick<Observer, 'info' | 'warning'>;
  readonly runId: string;
  /** Removes a tag without a proof. */
  readonly remove: (tag: StagingTag, removals: Removals) => Promise<unknown>;
}

/** Milliseconds that a registry may take to serve a manifest again after one of its tags was removed. */
const maxAbsence = 3_000;

/**
 * Proves that a registry removes a tag and nothing else: two throw-away tags of one placeholder are pushed, and the
 * second one must survive the removal of the first. Throws ActionError otherwise, and if they cannot be pushed or
 * removed. A throw-away tag that remains is named in a warning.
 *
 * Registries that remove the digest with the tag exist: https://github.com/goharbor/harbor/issues/2663.
 */
export async function proveTagRemoval(repository: Repository, context: ProofContext): Promise<void> {
  const { removals, observer, runId } = context;
  const manifest = placeholder('for throw-away tags');
  const [first, second] = [probe(), probe()];
  function probe(): StagingTag {
    return { repository, tag: probeName(runId), manifest };
  }
  const name = `${repository.registry}/${repository.path}`;
  observer.info(`Trying on two throw-away tags whether ${name} removes only a tag`);
  try {
    await removals.writing(providePlaceholderContent(context.client, repository));
    await push(first, context);
    await push(second, context);
    await context.remove(first, removals);
    removals.forget(first);
    if (!(await isServed(second, context))) throw removesContent(second, context);
    await context.remove(second, removals);
    removals.forget(second);
  } catch (error) {
    for (const tag of [first, second]) await cleanUp(tag, error, context);
    throw withContext(`It was not proven that ${repository.registry} removes only a tag`, error);
  }
}

async function push(tag: StagingTag, { client, removals }: ProofContext): Promise<void> {
  removals.checkGoingOn();
  removals.mark(tag, 'probe');
  await removals.writing(client.putManifest(tag.repository, tag.tag, tag.manifest));
}

async function isServed(
  { repository, tag }: StagingTag,
  { client, removals }: ProofContext,
): Promise<boolean> {
  const retryUntil = removals.clock.now() + maxAbsence;
  return pollUntil(removals.clock, { first: 250, max: 1000 }, async () => {
    if ((await removals.reading(client.headManifest(repository, tag))) !== undefined) return { result: true };
    return { retryUntil, otherwise: () => false };
  });
}

function removesContent(second: StagingTag, { removals }: ProofContext): ActionError {
  removals.forget(second);
  const message =
    'it removes an image together with all its tags, as two throw-away tags of one image showed';
  return new ActionError('TAG_NOT_REMOVED', message, {
    hint: 'Let a retention policy of the registry expire staging tags, or keep them.',
  });
}

// A push that was not answered may still take effect.
async function cleanUp(tag: StagingTag, cause: unknown, context: ProofContext): Promise<void> {
  const { client, removals, observer } = context;
  if (!removals.namesIn('probe').includes(tagName(tag))) return;
  const isAnswered = !(cause instanceof NetworkError) && !removals.isCancelled;
  try {
    const held = await client.headManifest(tag.repository, tag.tag);
    if (held?.digest === tag.manifest.digest) await context.remove(tag, removals.unstoppable());
    else if (!isAnswered) return;
    removals.forget(tag);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    if (removals.isCancelled) return;
    observer.warning(`The throw-away tag ${tagName(tag)} remains. Remove it. ${messageOf(error)}`);
  }
}
