import { randomBytes } from 'node:crypto';
import { type HttpResponse, header, maxShortBody } from '../../http/message.ts';
import type { Digest } from '../../oci/digest.ts';
import { manifestAccept } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Cancellation } from '../../run/cancellation.ts';
import { ActionError, ConflictError } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import { openUpload } from '../blobs/upload-session.ts';
import type { RegistryClient } from '../client.ts';
import { empty, emptyContent } from '../placeholder.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { isGone, removalError } from './removal-error.ts';
import type { Removals } from './removals.ts';
import type { StagingTag } from './staging-tag.ts';

/** Removes tags and nothing else. */
export interface TagRemover {
  /**
   * Asks whether the registry would remove a tag, and changes nothing: reads, or the removal of a name that does not
   * exist. Throws ActionError if the registry would refuse.
   */
  ask(tag: StagingTag): Promise<void>;
  /**
   * Removes a tag, which is read right before; `absent` if it does not exist then. Throws TagChangedError when it holds
   * another manifest, and ActionError when the registry does not remove it.
   */
  remove(tag: StagingTag): Promise<'removed' | 'absent'>;
}

/** What looks at tags right before they are touched. */
export interface LookContext {
  readonly client: RegistryClient;
  readonly removals: Removals;
  readonly cancellation: Cancellation;
}

/** A tag that holds another manifest than expected: something else has pushed it. */
export class TagChangedError extends ConflictError {
  readonly held: Digest;

  constructor({ manifest }: StagingTag, held: Digest) {
    super('TAG_CHANGED', `The tag holds ${held} now, not ${manifest.digest}. Something else pushed it`);
    this.held = held;
  }
}

/** Reads a tag right before it is touched; throws TagChangedError when it holds another manifest. */
export async function lookAt(
  tag: StagingTag,
  { client, cancellation }: LookContext,
): Promise<'held' | 'absent'> {
  cancellation.checkGoingOn();
  const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
  cancellation.checkGoingOn();
  if (held === undefined) return 'absent';
  if (held !== tag.manifest.digest) throw new TagChangedError(tag, held);
  return 'held';
}

/**
 * The check before a removal is repeated: returns the response if the tag no longer exists. Throws ConflictError
 * TAG_CHANGED unless the tag still holds its manifest, because a repeated removal would affect another manifest.
 */
export function unlessGone(
  context: LookContext,
  tag: StagingTag,
): NonNullable<RegistryRequest['alreadyApplied']> {
  return async () => {
    context.cancellation.checkGoingOn();
    const response = await readAgain(context, tag);
    if (response.status === 404) return goneAnswer(response);
    if (holds(response, tag)) return undefined;
    throw new ConflictError('TAG_CHANGED', 'After a failed removal, the tag may hold another manifest', {
      hint: 'Remove the tag by hand if nothing needs it.',
    });
  };
}

/** The check before a push over a tag is repeated; throws ConflictError TAG_CHANGED unless it holds its manifest. */
export function whileHeld(context: Pick<LookContext, 'client'>, tag: StagingTag): () => Promise<void> {
  return async () => {
    if (holds(await readAgain(context, tag), tag)) return;
    throw new ConflictError('TAG_CHANGED', 'After a failed push, the tag may hold another manifest');
  };
}

function readAgain(
  { client }: Pick<LookContext, 'client'>,
  { repository, tag }: StagingTag,
): Promise<HttpResponse> {
  return client.send({
    method: 'HEAD',
    repository,
    target: `/v2/${repository.path}/manifests/${tag}`,
    headers: { accept: manifestAccept },
    maxBodyBytes: maxShortBody,
    actions: ['pull'],
    tries: 'one',
  });
}

function holds({ status, headers }: HttpResponse, { manifest }: StagingTag): boolean {
  return status === 200 && header(headers, 'docker-content-digest') === manifest.digest;
}

function goneAnswer(response: HttpResponse): HttpResponse {
  return { ...response, status: 404, body: new Uint8Array() };
}

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

/** A tag that nobody else uses, and that says what made it. */
export function probeName(runId: string): string {
  return `multiarch-manifest-action-probe-${runId}-${randomBytes(4).toString('hex')}`;
}

/** Pushes the content of placeholders, two bytes, to a repository. */
export async function providePlaceholderContent(
  client: RegistryClient,
  repository: Repository,
): Promise<void> {
  if (await client.hasBlob(repository, empty.digest)) return;
  const session = await openUpload(client, repository);
  await session.finish(empty, emptyContent, empty.size);
}
