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
  type WantedTag,
} from './tag-outcome.ts';

/** The content of tags before the push, a callback for the state of each tag, and what to do if one fails. */
export interface TagWatch {
  readonly previous: PreviousTags;
  /** What tags held before the run: its earlier pushes may have moved some of them already. */
  readonly start: PreviousTags;
  /** What the run has set tags to, by name; gets the tags that are set. */
  readonly ownTags: Map<string, Digest>;
  readonly onTag: OnTag;
  /** The error for a tag that another job has changed before a further attempt; undefined for one that is overwritten. */
  movedError?(tag: TargetTag): ActionError | undefined;
  /** `leave` where other jobs publish the same list: they rely on a tag that this run moved. */
  readonly afterFailure: 'restore' | 'leave';
}

/** The code of an error of `movedError`: the caller tries again. */
const movedCode = 'AMEND_CONFLICT';

/** A list to publish: its manifest, and the tags to set to it. */
interface TaggedList {
  readonly manifest: Manifest;
  readonly targets: readonly Target[];
}

/** A list whose tags are all set. */
interface PushedList<L extends TaggedList> {
  readonly list: L;
  readonly tags: readonly PushedTag[];
}

/**
 * Sets the tags of all lists, whose children the repositories already hold: every list by digest into its
 * repositories first, unless there is only one tag, then all existing tags at once, then all new ones. A tag that
 * already holds its list is not written, nor is a list written to a repository where all its tags hold it.
 * No tag is set when one of them cannot be read. When one cannot be set, the tags that this run moved go back to
 * what they held, and the error thrown lists the state of every tag of every list.
 */
export async function pushTags<L extends TaggedList>(
  lists: readonly L[],
  watch: TagWatch,
  context: RunContext,
): Promise<readonly PushedList<L>[]> {
  const { previous } = watch;
  const wanted = lists.flatMap((list) => tagsOf(list).map((tag) => ({ list, tag })));
  if (wanted.length > 1) await putByDigest(lists, previous, context);
  const pushes = await Promise.all(
    wanted.map(({ list: { manifest }, tag }) => tagPush(manifest, tag, watch)),
  );
  const outcomes = await pushInTurn(pushes, context);
  for (const [at, outcome] of outcomes.entries()) {
    if (isPushed(outcome)) context.observer.info(describeTag(outcome, pushes[at]?.before));
  }
  if (!outcomes.every(isPushed)) throw await halfDone(outcomes, watch, context);
  return lists.map((list) => ({ list, tags: outcomes.filter((_, at) => wanted[at]?.list === list) }));
}

function tagsOf({ targets }: TaggedList): readonly TargetTag[] {
  return targets.flatMap(({ repository, tags }) => tags.map((tag) => ({ repository, tag })));
}

// Two lists may be equal, and some registries cannot accept the same manifest twice at the same time.
async function putByDigest(
  lists: readonly TaggedList[],
  previous: PreviousTags,
  context: RunContext,
): Promise<void> {
  const puts = new Map<string, () => Promise<unknown>>();
  for (const { manifest, targets } of lists) {
    for (const { repository, tags } of targets) {
      if (tags.every((tag) => previous.isKnownToHold({ repository, tag }, manifest.digest))) continue;
      const place = { repository, name: manifest.digest };
      puts.set(formatReference({ repository, digest: manifest.digest }), () =>
        putManifestOnceChildrenAppear(manifest, place, context),
      );
    }
  }
  await Promise.all([...puts.values()].map((put) => put()));
}

function describeTag(tag: PushedTag, before: PreviousTag): string {
  const name = formatReference(tag);
  if (tag.state === 'unchanged' || before === tag.wanted) return `${name} already holds ${tag.wanted}`;
  return `${name}: ${before ?? 'new'} → ${tag.wanted}`;
}

/** One tag to set. */
interface TagPush {
  readonly manifest: Manifest;
  readonly tag: TargetTag;
  /** What it holds. */
  readonly before: PreviousTag;
  /** What it goes back to. */
  readonly origin: PreviousTag;
  /** What the run has set it to before, if it holds that. */
  readonly earlier: Digest | undefined;
  readonly watch: TagWatch;
}

async function tagPush(manifest: Manifest, tag: TargetTag, watch: TagWatch): Promise<TagPush> {
  const before = await watch.previous.of(tag);
  const own = watch.ownTags.get(formatReference(tag));
  const earlier = own === before ? own : undefined;
  const origin = earlier === undefined ? before : await watch.start.of(tag);
  return { manifest, tag, before, origin, earlier, watch };
}

// New tags go last: registries have no common way to remove only a tag.
async function pushInTurn(pushes: readonly TagPush[], context: RunContext): Promise<readonly TagOutcome[]> {
  const existing = pushes.filter(({ before }) => before !== undefined);
  const fresh = pushes.filter(({ before }) => before === undefined);
  const moved = await pushTogether(existing, context);
  const created = moved.every(isPushed)
    ? await pushTogether(fresh, context)
    : fresh.map((push): TagOutcome => ({ ...wantedTag(push), state: 'untried' }));
  return pushes.flatMap((push) => moved[existing.indexOf(push)] ?? created[fresh.indexOf(push)] ?? []);
}

// Some registries cannot take one manifest under several tags at once: retry those tags one by one.
async function pushTogether(pushes: readonly TagPush[], context: RunContext): Promise<readonly TagOutcome[]> {
  const outcomes = await Promise.all(pushes.map((push) => pushTag(push, context)));
  if (pushes.length === 1) return outcomes;
  for (const [at, push] of pushes.entries()) {
    if (!mayPassAlone(outcomes[at])) continue;
    outcomes[at] = await pushAgain(push, context);
    // The other tags are not the reason when it fails alone, too.
    if (!isPushed(outcomes[at])) break;
  }
  return outcomes;
}

const hopelessAlone: ReadonlySet<string> = new Set(['TOO_LARGE', 'RATE_LIMITED', movedCode]);

function mayPassAlone(outcome: TagOutcome | undefined): boolean {
  if (outcome?.state !== 'failed') return false;
  const { error } = outcome;
  if (!(error instanceof ConflictError || error instanceof RegistryError)) return false;
  return !hopelessAlone.has(error.code);
}

async function pushAgain(push: TagPush, context: RunContext): Promise<TagOutcome> {
  try {
    await refuseMoved(push, context);
  } catch (error) {
    return failed(push, error);
  }
  return pushTag(push, context);
}

async function refuseMoved({ manifest, tag, before, watch }: TagPush, { client }: RunContext): Promise<void> {
  const error = watch.movedError?.(tag);
  if (error === undefined) return;
  const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
  if (held !== before && held !== manifest.digest) throw error;
}

async function pushTag(push: TagPush, context: RunContext): Promise<TagOutcome> {
  const { manifest, tag, before, watch } = push;
  if (before === manifest.digest) return unchanged(push);
  watch.onTag(tag, 'underway');
  try {
    const beforeRepeat = () => refuseMoved(push, context);
    const place = { repository: tag.repository, name: tag.tag, beforeRepeat };
    const { proof } = await putManifestOnceChildrenAppear(manifest, place, context);
    return set(push, proof);
  } catch (error) {
    return afterFailure(push, error, context);
  }
}

function wantedTag({ manifest, tag, earlier }: TagPush): WantedTag {
  return { ...tag, wanted: manifest.digest, ...(earlier === undefined ? {} : { earlier }) };
}

function unchanged(push: TagPush): PushedTag {
  const { manifest, origin, earlier } = push;
  if (earlier !== undefined && origin !== manifest.digest) return pushed(push, 'digest');
  return { ...wantedTag(push), previous: manifest.digest, state: 'unchanged', proof: 'digest' };
}

function set(push: TagPush, proof: PushedTag['proof']): PushedTag {
  const { manifest, tag, watch } = push;
  watch.onTag(tag, 'set');
  watch.ownTags.set(formatReference(tag), manifest.digest);
  return pushed(push, proof);
}

function pushed(push: TagPush, proof: PushedTag['proof']): PushedTag {
  const { origin } = push;
  const state = origin === undefined ? 'created' : 'moved';
  return { ...wantedTag(push), previous: previousDigest(origin), state, proof };
}

// A registry with immutable tags denies every write of a tag, also one that would change nothing.
async function afterFailure(push: TagPush, error: unknown, context: RunContext): Promise<TagOutcome> {
  const { manifest, tag, watch } = push;
  if (!(error instanceof ActionError)) return failed(push, error);
  const held = (await context.client.headManifest(tag.repository, tag.tag).catch(() => undefined))?.digest;
  if (held === undefined) return failed(push, error);
  if (held !== manifest.digest) return failed(push, besideHeld(push, held, error));
  // If the write was not denied, the tag shows our own write, whose response was lost.
  if (!isRefusedWrite(error)) return set(push, 'digest');
  watch.onTag(tag, 'left');
  return unchanged(push);
}

function failed(push: TagPush, error: unknown): TagOutcome {
  const { tag, origin, earlier, watch } = push;
  if (isRefusal(error)) watch.onTag(tag, earlier === undefined ? 'left' : 'set');
  return { ...wantedTag(push), previous: previousDigest(origin), state: 'failed', error };
}

const refusedWrites: ReadonlySet<number> = new Set([400, 405, 409, 412, 422]);

function isRefusedWrite(error: ActionError): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}

// 403 may mean that the tag is immutable, or that the login may not push.
function besideHeld({ manifest, tag }: TagPush, held: Digest, cause: ActionError): ActionError {
  const remedy = 'Publish a new tag if this one is immutable.';
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
  outcomes: readonly TagOutcome[],
  watch: TagWatch,
  context: RunContext,
): Promise<unknown> {
  const restored = await restoreTags(outcomes, watch, context);
  const errors = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
  const unset = outcomes.filter((outcome) => !isPushed(outcome)).length;
  const lines = restored.map((each) => `${formatReference(each)}: ${each.state}`);
  return combined(errors, ([cause]) => {
    if (outcomes.length === 1 && restored[0]?.isUntouched) return cause;
    if (errors.every((error) => error instanceof ActionError && error.code === movedCode)) return cause;
    const message = `${unset} of ${outcomes.length} tags could not be set:\n${lines.join('\n')}`;
    return new TagsError(message, restored, { hint: cause.hint, cause });
  });
}
