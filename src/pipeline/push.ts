import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import { isMissingChild, putManifestOnceChildrenAppear } from '../registry/put-manifest.ts';
import { ActionError, AuthError, ConflictError, combined, RegistryError } from '../run/errors.ts';
import type { Target } from './plan.ts';
import { type PreviousTag, type PreviousTags, previousDigest } from './previous-tags.ts';
import type { TargetTag } from './request.ts';
import { restoreTags } from './restore.ts';
import type { RunContext } from './run-context.ts';
import {
  isPushed,
  isRefusal,
  type OnTag,
  type PushedTag,
  type TagOutcome,
  TagsError,
} from './tag-outcome.ts';

/** What tags held before the push, and a callback for the state of each. */
export interface TagWatch {
  readonly previous: PreviousTags;
  readonly onTag: OnTag;
}

/**
 * Sets every tag to the manifest, whose children the repositories already hold: by digest into each repository
 * first, unless there is only one tag, then all existing tags at once, then all new ones. A tag that already holds
 * the manifest is not written, nor is anything written to a repository where all tags hold it.
 * No tag is set when one of them cannot be read. When one cannot be set, the tags that this run moved go back to
 * what they held, and the error thrown lists the state of every tag.
 */
export async function pushTags(
  manifest: Manifest,
  targets: readonly Target[],
  { previous, onTag }: TagWatch,
  context: RunContext,
): Promise<readonly PushedTag[]> {
  const tags = targets.flatMap(tagsOf);
  if (tags.length > 1) {
    await Promise.all(targets.map((target) => putByDigest(manifest, target, previous, context)));
  }
  const pushes = await Promise.all(
    tags.map(async (tag) => ({ manifest, tag, before: await previous.of(tag), onTag })),
  );
  const outcomes = await pushInTurn(pushes, context);
  for (const outcome of outcomes) {
    if (isPushed(outcome)) context.observer.info(describeTag(outcome, manifest));
  }
  if (outcomes.every(isPushed)) return outcomes;
  throw await halfDone(manifest, outcomes, onTag, context);
}

function tagsOf({ repository, tags }: Target): readonly TargetTag[] {
  return tags.map((tag) => ({ repository, tag }));
}

async function putByDigest(
  manifest: Manifest,
  target: Target,
  previous: PreviousTags,
  context: RunContext,
): Promise<void> {
  const { digest } = manifest;
  // To wait for reads of tags that are still under way would cost a round trip.
  if (tagsOf(target).every((tag) => previous.isKnownToHold(tag, digest))) return;
  await putManifestOnceChildrenAppear(manifest, { repository: target.repository, name: digest }, context);
}

function describeTag(tag: PushedTag, manifest: Manifest): string {
  const name = formatReference(tag);
  if (tag.state === 'unchanged') return `${name} already holds ${manifest.digest}`;
  const before = tag.previous ?? (tag.state === 'created' ? 'new' : 'unknown');
  return `${name}: ${before} → ${manifest.digest}`;
}

/** One tag to set. */
interface TagPush {
  readonly manifest: Manifest;
  readonly tag: TargetTag;
  readonly before: PreviousTag;
  readonly onTag: OnTag;
}

// New tags go last: registries have no common way to remove only a tag.
async function pushInTurn(pushes: readonly TagPush[], context: RunContext): Promise<readonly TagOutcome[]> {
  const existing = pushes.filter(({ before }) => before !== undefined);
  const fresh = pushes.filter(({ before }) => before === undefined);
  const moved = await pushTogether(existing, context);
  const created = moved.every(isPushed)
    ? await pushTogether(fresh, context)
    : fresh.map(({ tag }): TagOutcome => ({ ...tag, state: 'untried' }));
  return pushes.flatMap((push) => moved[existing.indexOf(push)] ?? created[fresh.indexOf(push)] ?? []);
}

// Some registries cannot take one manifest under several tags at once: retry those tags one by one.
async function pushTogether(pushes: readonly TagPush[], context: RunContext): Promise<readonly TagOutcome[]> {
  const outcomes = await Promise.all(pushes.map((push) => pushTag(push, context)));
  if (pushes.length === 1) return outcomes;
  for (const [at, push] of pushes.entries()) {
    if (!mayPassAlone(outcomes[at])) continue;
    outcomes[at] = await pushTag(push, context);
    // The other tags are not the reason when it fails alone, too.
    if (!isPushed(outcomes[at])) break;
  }
  return outcomes;
}

const hopelessAlone: ReadonlySet<string> = new Set(['TOO_LARGE', 'RATE_LIMITED']);

function mayPassAlone(outcome: TagOutcome | undefined): boolean {
  if (outcome?.state !== 'failed') return false;
  const { error } = outcome;
  return error instanceof ConflictError || (error instanceof RegistryError && !hopelessAlone.has(error.code));
}

async function pushTag(push: TagPush, context: RunContext): Promise<TagOutcome> {
  const { manifest, tag, before, onTag } = push;
  if (before === manifest.digest) return unchanged(push);
  onTag(tag, 'underway');
  try {
    const place = { repository: tag.repository, name: tag.tag };
    const { proof } = await putManifestOnceChildrenAppear(manifest, place, context);
    return set(push, proof);
  } catch (error) {
    return afterFailure(push, error, context);
  }
}

function unchanged({ manifest, tag }: TagPush): PushedTag {
  return { ...tag, previous: manifest.digest, state: 'unchanged', proof: 'digest' };
}

function set({ tag, before, onTag }: TagPush, proof: PushedTag['proof']): PushedTag {
  onTag(tag, 'set');
  const state = before === undefined ? 'created' : 'moved';
  return { ...tag, previous: previousDigest(before), state, proof };
}

// A registry with immutable tags denies every write of a tag, also one that would change nothing.
async function afterFailure(push: TagPush, error: unknown, context: RunContext): Promise<TagOutcome> {
  const { manifest, tag, onTag } = push;
  if (!(error instanceof ActionError)) return failed(push, error);
  const held = (await context.client.headManifest(tag.repository, tag.tag).catch(() => undefined))?.digest;
  if (held === undefined) return failed(push, error);
  if (held !== manifest.digest) return failed(push, besideHeld(push, held, error));
  // If the write was not denied, the tag shows our own write, whose response was lost.
  if (!isRefusedWrite(error)) return set(push, 'digest');
  onTag(tag, 'left');
  return unchanged(push);
}

function failed({ tag, before, onTag }: TagPush, error: unknown): TagOutcome {
  if (isRefusal(error)) onTag(tag, 'left');
  return { ...tag, previous: previousDigest(before), state: 'failed', error };
}

const refusedWrites: ReadonlySet<number> = new Set([400, 405, 409, 412, 422]);

function isRefusedWrite(error: ActionError): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}

// 403 may mean that the tag is immutable, or that the login may not push.
function besideHeld({ manifest, tag }: TagPush, held: Digest, cause: ActionError): ActionError {
  const remedy = 'Publish under a new tag if this one is immutable.';
  if (cause instanceof AuthError) {
    const message = `${cause.message}; the tag holds ${held}, not ${manifest.digest}`;
    return new AuthError(cause.code, message, { hint: `${cause.hint ?? ''} ${remedy}`.trim(), cause });
  }
  if (!isRefusedWrite(cause)) return cause;
  return new ConflictError(
    'TAG_REFUSED',
    `${formatReference(tag)} holds ${held} and the registry refuses to move it to ${manifest.digest}: ${cause.message}`,
    { hint: remedy, cause },
  );
}

// The tags go back first, also when the error is a bug.
async function halfDone(
  manifest: Manifest,
  outcomes: readonly TagOutcome[],
  onTag: OnTag,
  context: RunContext,
): Promise<unknown> {
  const restored = await restoreTags(manifest, outcomes, onTag, context);
  const errors = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
  const unset = outcomes.filter((outcome) => !isPushed(outcome)).length;
  const lines = restored.map((each) => `${formatReference(each)}: ${each.state}`);
  return combined(errors, ([cause]) => {
    if (outcomes.length === 1 && restored[0]?.isUntouched) return cause;
    const message = `${unset} of ${outcomes.length} tags could not be set:\n${lines.join('\n')}`;
    return new TagsError(message, restored, { hint: cause.hint, cause });
  });
}
