import type { HttpResponse } from '../../http/message.ts';
import { ActionError } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import { isGone, removalError } from './removal-error.ts';
import type { StagingTag } from './staging-tag.ts';
import type { LookContext } from './tag-remover.ts';

/** Milliseconds that a registry may take to stop serving a removed tag. */
const maxShown = 5_000;

/**
 * Waits until a tag that was to be removed is no longer served. Throws RegistryError TAG_NOT_REMOVED with `hint` for a
 * refusal, which a 404 is while the tag is served, and ActionError TAG_NOT_REMOVED when a confirmed removal never shows.
 */
export async function confirmRemoval(
  tag: StagingTag,
  response: HttpResponse,
  hint: string,
  context: LookContext,
): Promise<void> {
  const { client, removals, cancellation } = context;
  if (!isGone(response)) {
    removals.mark(tag, 'left');
    throw removalError(response, hint);
  }
  const { clock } = cancellation;
  const retryUntil = clock.now() + maxShown;
  await pollUntil<void>(clock, { first: 250, max: 2000 }, async () => {
    const head = cancellation.reading(client.headManifest(tag.repository, tag.tag));
    // Another manifest: another run has pushed the tag since.
    if ((await head)?.digest !== tag.manifest.digest) return { result: undefined };
    const otherwise = (): never => {
      throw response.status === 404 ? removalError(response, hint) : stillThere();
    };
    return { retryUntil, otherwise };
  });
}

function stillThere(): ActionError {
  const message = 'The tag still exists, although the registry confirmed its removal';
  return new ActionError('TAG_NOT_REMOVED', message, {
    hint: 'Remove it in the user interface of the registry.',
  });
}
