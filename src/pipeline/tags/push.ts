import type { Digest } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import { putManifestOnceChildrenAppear } from '../../registry/put-manifest.ts';
import { ActionError, combined } from '../../run/errors.ts';
import type { TagLedger } from '../ledger.ts';
import { type AssembledList, isAmended, isGuarded, type PublishedList, withoutTags } from '../list.ts';
import type { TargetTag } from '../request.ts';
import { knownDigest, type PushedTag, type TagContent, TagMovedError } from '../tag.ts';
import {
  besideHeld,
  type FailedTag,
  HeldBack,
  isDone,
  isHopefulAlone,
  isPushed,
  isRefusal,
  isRefusedWrite,
  type LeftTag,
  type PushGuards,
  type TagOutcome,
  tagsFailed,
} from './outcome.ts';
import { PushCourse } from './push-course.ts';
import { restoreTags, type TagContext } from './restore.ts';

interface PushContext extends TagContext {
  readonly guards: PushGuards;
}

/**
 * Sets the tags of all lists, whose children the repositories already hold: every list by digest into its repositories
 * first, unless there is only one tag, then all existing tags at once, then all new ones. What already holds a list is
 * not written. Guards are asked again right before; a tag that has a newer version by then is in the list's heldBack. No
 * tag is set when one cannot be read. When one cannot be set, or the job is cancelled (see PushCourse), the tags that
 * this run moved go back, the ledger has the status of each tag, and the error thrown lists it.
 */
export async function pushTags(
  lists: readonly AssembledList[],
  context: PushContext,
): Promise<readonly PublishedList[]> {
  const { ledger, observer, cancellation } = context;
  const wanted = lists.flatMap((list) => pushedTags(list).map((tag) => ({ list, tag })));
  if (wanted.length > 1) await cancellation.reading(putByDigest(lists, context));
  const pushes = await cancellation.reading(
    Promise.all(wanted.map(({ list, tag }) => tagPush(list, tag, ledger))),
  );
  const course = new PushCourse(cancellation, context.afterCancel);
  const outcomes = await pushInTurn(pushes, { ...context, course });
  for (const [at, outcome] of outcomes.entries())
    if (isPushed(outcome)) observer.info(describeTag(outcome, pushes[at]?.held));
  if (course.isOver || !outcomes.every(isDone)) throw await halfDone(outcomes, course, context);
  return Promise.all(
    lists.map(async (list) => {
      const own = outcomes.filter((_, at) => wanted[at]?.list === list);
      const left = own.flatMap((tag) => (tag.state === 'held back' ? tag.heldBack : []));
      const tags = await Promise.all(own.filter(isPushed).map((tag) => ledger.reported(tag)));
      return { ...withoutTags(list, left), tags };
    }),
  );
}

function pushedTags({ targets }: AssembledList): readonly TargetTag[] {
  return targets.flatMap(({ repository, tags }) => tags.map((tag) => ({ repository, tag })));
}

// Two lists may be equal, and some registries cannot accept the same manifest twice at the same time.
async function putByDigest(lists: readonly AssembledList[], context: TagContext): Promise<void> {
  const puts = new Map<string, () => Promise<unknown>>();
  for (const { manifest, targets } of lists) {
    for (const { repository, tags } of targets) {
      if (tags.every((tag) => context.ledger.isKnownToHold({ repository, tag }, manifest.digest))) continue;
      const place = { repository, name: manifest.digest };
      puts.set(formatReference({ repository, digest: manifest.digest }), () =>
        putManifestOnceChildrenAppear(manifest, place, context),
      );
    }
  }
  await Promise.all([...puts.values()].map((put) => put()));
}

function describeTag(tag: PushedTag, held: TagContent): string {
  const name = formatReference(tag);
  if (tag.state === 'unchanged' || held === tag.wanted) return `${name} already holds ${tag.wanted}`;
  return `${name}: ${held ?? 'new'} → ${tag.wanted}`;
}

interface CourseContext extends PushContext {
  readonly course: PushCourse;
}

interface TagPush {
  readonly list: AssembledList;
  readonly tag: TargetTag;
  readonly held: TagContent;
  /** What it goes back to if the push fails: not what it holds if an earlier round has set it. */
  readonly restorable: TagContent;
}

async function tagPush(list: AssembledList, tag: TargetTag, ledger: TagLedger): Promise<TagPush> {
  const [held, restorable] = await Promise.all([ledger.of(tag), ledger.restorable(tag)]);
  return { list, tag, held, restorable };
}

// New tags go last: registries have no common way to remove only a tag.
async function pushInTurn(pushes: readonly TagPush[], context: CourseContext) {
  const existing = pushes.filter(({ held }) => held !== undefined);
  const fresh = pushes.filter(({ held }) => held === undefined);
  // No tag moves if the guard of a new one refuses it: what goes back could be another run's.
  const asked = existing.length === 0 ? [] : await askGuards(fresh, context);
  if (asked.some(isRefused)) {
    const refused = new Map(asked.map((each, at) => [fresh[at], isRefused(each) ? each : undefined]));
    return pushes.map((push) => refused.get(push) ?? untried(push));
  }
  const moved = await pushTogether(existing, context);
  const created = moved.every(isDone) ? await pushTogether(fresh, context) : fresh.map(untried);
  return pushes.flatMap((push) => moved[existing.indexOf(push)] ?? created[fresh.indexOf(push)] ?? []);
}

function untried(push: TagPush): TagOutcome {
  return { ...wantedTag(push), state: 'untried' };
}

async function pushTogether(pushes: readonly TagPush[], context: CourseContext) {
  const asked = await askGuards(pushes, context);
  const ready = asked.filter(isReady);
  const outcomes = asked.some(isRefused) ? ready.map(untried) : await pushAllowed(ready, context);
  return asked.flatMap((each) => (isReady(each) ? (outcomes[ready.indexOf(each)] ?? []) : each));
}

/** A tag that its guards allow to be set, or why it is not. */
type AskedTag = TagPush | FailedTag | LeftTag;

function askGuards(pushes: readonly TagPush[], context: CourseContext): Promise<readonly AskedTag[]> {
  return Promise.all(pushes.map((push) => allowed(push, context)));
}

function isReady(asked: AskedTag): asked is TagPush {
  return 'list' in asked;
}

function isRefused(asked: AskedTag): asked is FailedTag {
  return !isReady(asked) && asked.state === 'failed';
}

// Some registries cannot take one manifest under several tags at once: retry those tags one by one.
async function pushAllowed(pushes: readonly TagPush[], context: CourseContext) {
  const outcomes = await Promise.all(pushes.map((push) => pushTag(push, context)));
  if (pushes.length === 1) return outcomes;
  for (const [at, push] of pushes.entries()) {
    if (context.course.isOver) break;
    const failure = outcomes[at];
    if (failure?.state !== 'failed' || !isHopefulAlone(failure.error)) continue;
    const asked = await allowed(push, context);
    outcomes[at] = isReady(asked) ? await pushTag(asked, context) : asked;
    // The other tags are not the reason when it fails alone, too.
    if (!isDone(outcomes[at])) break;
  }
  return outcomes;
}

async function allowed(push: TagPush, context: CourseContext): Promise<AskedTag> {
  try {
    return await context.course.reading(guarded(push, context));
  } catch (error) {
    return failed(push, error, context);
  }
}

// Another job may have set the tag since the guards saw it, and what it has put on an amended tag would be lost.
async function guarded(push: TagPush, { ledger, guards }: PushContext): Promise<TagPush> {
  const { list, tag, held } = push;
  const wanted = list.manifest.digest;
  if (held === wanted || !list.request.tags.some((each) => isGuarded(list, each))) return push;
  ledger.reread([tag]);
  const now = await tagPush(list, tag, ledger);
  // A tag without a guard beside a guarded one may go back: to what it holds now.
  if (now.held === held || now.held === wanted || !isGuarded(list, tag)) return now;
  if (isAmended(list)) throw new TagMovedError();
  const newer = await guards.newer(list, tag, ledger);
  if (newer !== undefined) throw new HeldBack(newer);
  await guards.check([{ ...list, request: { ...list.request, tags: [tag] } }], ledger);
  return now;
}

async function pushTag(push: TagPush, context: CourseContext): Promise<TagOutcome> {
  const { list, tag, held, restorable } = push;
  const { course, ledger } = context;
  if (held === list.manifest.digest) return unchanged(push);
  if (course.isOver) return untried(push);
  course.begin(restorable);
  ledger.mark(tag, { state: 'unknown', why: `it was being set to ${list.manifest.digest}` });
  try {
    const beforeRepeat = async (): Promise<void> => {
      await guarded(push, context);
      course.check();
    };
    const place = { repository: tag.repository, name: tag.tag, beforeRepeat };
    const write = putManifestOnceChildrenAppear(list.manifest, place, context);
    const receipt = await course.answer(write);
    if (receipt === 'unanswered') return unanswered(push, write);
    return set(push, receipt.proof, context);
  } catch (error) {
    return afterError(push, error, context);
  }
}

// The write may still take effect.
function unanswered(push: TagPush, write: Promise<unknown>): TagOutcome {
  const error = new ActionError('STOPPED', 'The registry has not answered the push');
  return { ...wantedTag(push), previous: knownDigest(push.restorable), state: 'failed', error, write };
}

function wantedTag({ list, tag }: TagPush): TargetTag & { readonly wanted: Digest } {
  return { ...tag, wanted: list.manifest.digest };
}

// An earlier round may have set it.
function unchanged(push: TagPush): PushedTag {
  if (push.held !== push.restorable) return pushed(push, 'digest');
  const wanted = wantedTag(push);
  return { ...wanted, previous: wanted.wanted, state: 'unchanged', proof: 'digest' };
}

function set(push: TagPush, proof: PushedTag['proof'], { ledger }: TagContext): PushedTag {
  const tag = pushed(push, proof);
  ledger.set(tag, tag.wanted, push.restorable === undefined ? 'created' : 'moved');
  return tag;
}

function pushed(push: TagPush, proof: PushedTag['proof']): PushedTag {
  const state = push.restorable === undefined ? 'created' : 'moved';
  return { ...wantedTag(push), previous: knownDigest(push.restorable), state, proof };
}

// A registry with immutable tags denies every write of a tag, also one that would change nothing.
async function afterError(push: TagPush, error: unknown, context: TagContext): Promise<TagOutcome> {
  const { list, tag } = push;
  if (!(error instanceof ActionError)) return failed(push, error, context);
  const now = (await context.client.headManifest(tag.repository, tag.tag).catch(() => undefined))?.digest;
  if (now === undefined) return failed(push, error, context);
  if (now !== list.manifest.digest) return failed(push, besideHeld(push, now, error), context);
  // If the write was not denied, the tag shows our own write, whose response was lost.
  if (!isRefusedWrite(error)) return set(push, 'digest', context);
  context.ledger.mark(tag, { state: 'untouched' });
  return unchanged(push);
}

function failed(push: TagPush, error: unknown, { ledger }: TagContext): FailedTag | LeftTag {
  const { tag, held, restorable } = push;
  if (error instanceof HeldBack) {
    ledger.mark(tag, { state: 'untouched', held: error.tag.held });
    return { ...wantedTag(push), state: 'held back', heldBack: error.tag };
  }
  if (isRefusal(error)) ledger.mark(tag, { state: held === restorable ? 'untouched' : 'moved' });
  return { ...wantedTag(push), previous: knownDigest(restorable), state: 'failed', error };
}

// The tags go back first, also when the error is a bug.
async function halfDone(outcomes: readonly TagOutcome[], course: PushCourse, context: TagContext) {
  const { ledger, cancellation } = context;
  await restoreTags(outcomes, context);
  if (course.isOver) return cancellation.signal.reason;
  const errors = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
  return combined(errors, ([cause]) => {
    const [only, ...others] = outcomes;
    const state = only && others.length === 0 ? ledger.status(only).state : undefined;
    if (only && (state === 'untouched' || (state === 'unknown' && isRefusal(cause)))) {
      // Without a refusal, the write may still take effect.
      ledger.mark(only, { state: isRefusal(cause) ? 'untouched' : 'unknown' });
      return cause;
    }
    if (errors.every((error) => error instanceof TagMovedError)) return cause;
    return tagsFailed(outcomes, outcomes.filter((outcome) => !isDone(outcome)).length, ledger, cause);
  });
}
