import { randomBytes } from 'node:crypto';
import { type HttpResponse, header, maxShortBody } from '../../http/message.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Cancellation } from '../../run/cancellation.ts';
import { ActionError, ConflictError } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import { openUpload } from '../blobs/upload-session.ts';
import { manifestRequest, type RegistryClient } from '../client.ts';
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

/** How an API removes a tag with one request. */
export interface Removal {
  send(tag: StagingTag, alreadyApplied?: RegistryRequest['alreadyApplied']): Promise<HttpResponse>;
  /** How else to remove the tag, after an answer with this status. */
  hintFor(tag: StagingTag, status: number): string;
}

/** Asks as {@link TagRemover} says, with the removal of a name that does not exist beside the tag. */
export async function askWith(removal: Removal, tag: StagingTag, runId: string): Promise<void> {
  const response = await removal.send({ ...tag, tag: probeName(runId) });
  if (!isGone(response)) throw removalError(response, removal.hintFor(tag, response.status));
}

/** Removes a tag with one request, as {@link TagRemover} says, and waits until it is no longer served. */
export async function removeWith(
  removal: Removal,
  tag: StagingTag,
  context: LookContext,
): Promise<'removed' | 'absent'> {
  const { removals, cancellation } = context;
  if ((await lookAt(tag, context)) === 'absent') return 'absent';
  removals.mark(tag, 'underway');
  const response = await cancellation.writing(removal.send(tag, unlessGone(context, tag)));
  const refusal = removalError(response, removal.hintFor(tag, response.status));
  if (!isGone(response)) {
    removals.mark(tag, 'left');
    throw refusal;
  }
  // A 404 is a refusal while the tag is served.
  const failure = response.status === 404 ? refusal : stillThere();
  await waitUntilGone(tag, context, { first: 250, max: 2000, time: maxShown }, failure);
  return 'removed';
}

/** Milliseconds that a registry may take to stop serving a removed tag. */
const maxShown = 5_000;

function stillThere(): ActionError {
  const message = 'The tag still exists, although the registry confirmed its removal';
  return new ActionError('TAG_NOT_REMOVED', message, {
    hint: 'Remove it in the user interface of the registry.',
  });
}

/** Milliseconds between two looks, at first and at most, and of all of them together. */
interface WaitTimes {
  readonly first: number;
  readonly max: number;
  readonly time: number;
}

/** Waits until a tag no longer holds its manifest; throws `failure` when it still does at the end. */
export async function waitUntilGone(
  { repository, tag, manifest }: StagingTag,
  { client, cancellation }: LookContext,
  { time, ...pauses }: WaitTimes,
  failure: ActionError,
): Promise<void> {
  const { clock } = cancellation;
  const retryUntil = clock.now() + time;
  const otherwise = (): never => {
    throw failure;
  };
  await pollUntil<void>(clock, pauses, async () => {
    const held = (await cancellation.reading(client.headManifest(repository, tag)))?.digest;
    // Another manifest: another run has pushed the tag since.
    return held === manifest.digest ? { retryUntil, otherwise } : { result: undefined };
  });
}

/**
 * The check before a removal is repeated: returns the response if the tag no longer exists. Throws ConflictError
 * TAG_CHANGED unless the tag still holds its manifest, because a repeated removal would affect another manifest.
 */
function unlessGone(context: LookContext, tag: StagingTag): RegistryRequest['alreadyApplied'] {
  return async () => {
    context.cancellation.checkGoingOn();
    const response = await readAgain(context, tag);
    if (response.status === 404) return response;
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

function readAgain({ client }: Pick<LookContext, 'client'>, tag: StagingTag): Promise<HttpResponse> {
  return client.send({ ...manifestRequest('HEAD', tag.repository, tag.tag), tries: 'one' });
}

function holds({ status, headers }: HttpResponse, { manifest }: StagingTag): boolean {
  return status === 200 && header(headers, 'docker-content-digest') === manifest.digest;
}

/** A request that removes what is at a path of the registry. */
export function deleteRequest(repository: Repository, target: string): RegistryRequest {
  // A registry with its own scope action for this names it in its challenge; some refuse unknown actions.
  const actions = ['pull', 'push'] as const;
  return { method: 'DELETE', repository, target, maxBodyBytes: maxShortBody, actions };
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
