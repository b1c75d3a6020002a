import { formatRepository, type Repository } from '../../oci/reference.ts';
import type { Cancellation } from '../../run/cancellation.ts';
import { ActionError, messageOf, NetworkError, withContext } from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import type { Observer } from '../../run/observer.ts';
import { pollUntil } from '../../run/poll.ts';
import { placeholder } from '../placeholder.ts';
import { type StagingTag, tagName } from './staging-tag.ts';
import { type LookContext, probeName, providePlaceholderContent } from './tag-remover.ts';

/** What a proof works with. */
export interface ProofContext extends LookContext {
  readonly observer: Pick<Observer, 'info' | 'warning'>;
  /** The ID of the workflow run, for the names of throw-away tags. */
  readonly runId: string;
  readonly remove: (tag: StagingTag, cancellation: Cancellation) => Promise<'removed' | 'absent'>;
}

/** Milliseconds that a registry may take to serve a tag after its push, and after another tag was removed. */
const maxAbsence = 3_000;
/** Milliseconds after which a tag is read that must have survived a removal: replicas show removals late, too. */
const settlePause = 1_500;

/**
 * Proves that a registry removes a tag and nothing else: two throw-away tags of one placeholder are pushed, and the
 * second one must survive the removal of the first. Throws ActionError otherwise, and if they cannot be pushed or
 * removed. A throw-away tag that remains is named in a warning.
 *
 * Registries that remove the digest with the tag exist: https://github.com/goharbor/harbor/issues/2663.
 */
export async function proveTagRemoval(repository: Repository, context: ProofContext): Promise<void> {
  const { client, removals, cancellation, observer, runId } = context;
  const manifest = placeholder('for throw-away tags');
  const probes = [1, 2].map((): StagingTag => ({ repository, tag: probeName(runId), manifest }));
  observer.info(`Trying on two throw-away tags whether ${formatRepository(repository)} removes only a tag`);
  const known = new Set<StagingTag>();
  try {
    await cancellation.writing(providePlaceholderContent(client, repository));
    for (const probe of probes) await push(probe, known, context);
    for (const probe of probes) {
      if (!(await isServed(probe, context))) throw notShown(probe);
      known.add(probe);
    }
    for (const [at, probe] of probes.entries()) {
      if (at > 0 && !(await survives(probe, context))) throw removesContent(probe, context);
      if ((await context.remove(probe, cancellation)) === 'absent') throw notShown(probe);
      removals.drop(probe);
    }
  } catch (error) {
    const left: Finding[] = [];
    for (const probe of probes) await cleanUp(probe, known, left, context);
    warnOfCauses(left, observer);
    throw withContext(`It was not proven that ${repository.registry} removes only a tag`, error);
  }
}

async function push(
  probe: StagingTag,
  known: Set<StagingTag>,
  { client, removals, cancellation }: ProofContext,
): Promise<void> {
  cancellation.checkGoingOn();
  removals.mark(probe, 'probe');
  try {
    await cancellation.writing(client.putManifest(probe.repository, probe.tag, probe.manifest));
  } catch (error) {
    if (!cancellation.isCancelled && !(error instanceof NetworkError)) known.add(probe);
    throw error;
  }
}

async function isServed(
  { repository, tag }: StagingTag,
  { client, cancellation }: ProofContext,
): Promise<boolean> {
  const retryUntil = cancellation.clock.now() + maxAbsence;
  return pollUntil(cancellation.clock, { first: 250, max: 1000 }, async () => {
    if ((await cancellation.reading(client.headManifest(repository, tag))) !== undefined)
      return { result: true };
    return { retryUntil, otherwise: () => false };
  });
}

async function survives(probe: StagingTag, context: ProofContext): Promise<boolean> {
  await context.cancellation.clock.sleep(settlePause);
  return isServed(probe, context);
}

function notShown(probe: StagingTag): ActionError {
  const message = `it does not show the throw-away tag ${probe.tag}, although it confirmed its push`;
  return new ActionError('TAG_NOT_REMOVED', message, {
    hint: 'Run the job again, or let a retention policy of the registry expire staging tags.',
  });
}

function removesContent(probe: StagingTag, { removals }: ProofContext): ActionError {
  removals.drop(probe);
  const message =
    'it removes an image together with all its tags, as two throw-away tags of one image showed';
  return new ActionError('TAG_NOT_REMOVED', message, {
    hint: 'Let a retention policy of the registry expire staging tags, or keep them.',
  });
}

/** Removes a throw-away tag; `known`: those that were served or refused, others may still appear; `left`: what remains. */
async function cleanUp(
  probe: StagingTag,
  known: ReadonlySet<StagingTag>,
  left: Finding[],
  context: ProofContext,
): Promise<void> {
  const { client, removals, cancellation } = context;
  const about = tagName(probe);
  if (!removals.namesIn('probe').includes(about)) return;
  try {
    const held = await client.headManifest(probe.repository, probe.tag);
    if (held !== undefined) await context.remove(probe, cancellation.unstoppable());
    if (held !== undefined || known.has(probe)) removals.drop(probe);
    else
      left.push({ about, say: (names) => `Throw-away tags that may still appear: ${names}. Remove them.` });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    const say = (names: string) => `Throw-away tags that remain: ${names}. Remove them. ${messageOf(error)}`;
    left.push({ about, say, cause: error.code });
  }
}
