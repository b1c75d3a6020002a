import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import type { ManifestHead, Receipt, RegistryClient } from '../registry/client.ts';
import { isMissingChild, putManifestOnceChildrenAppear } from '../registry/put-manifest.ts';
import { ActionError, AuthError, ConflictError, RegistryError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { Target } from './plan.ts';
import { referenceOf, type TargetTag } from './request.ts';
import { restoreTags } from './restore.ts';
import { type FailedTag, isRefusal, type OnTag, type PushedTag, type UntriedTag } from './tag-outcome.ts';

/** What the push uses. */
export interface PushParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  /** What each tag held before the run; see previousHeads. */
  readonly previous: PreviousTags;
  readonly onTag: OnTag;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What a tag held before the run: nothing, or unknown when the registry refused to tell. */
export type PreviousTag = ManifestHead | 'unknown' | undefined;

/** What tags held before the run, by reference; reading starts early and in the background. */
export type PreviousTags = ReadonlyMap<string, Promise<PreviousTag>>;

/** The digest a tag held before, as far as is known. */
export function previousDigest(head: PreviousTag): Digest | undefined {
  return head === 'unknown' ? undefined : head?.digest;
}

// A registry may let a login push what it may not read; whether it may push, the push itself will tell.
function unknownHead(error: unknown): 'unknown' {
  const isRefusal =
    error instanceof RegistryError && error.failure.status < 500 && error.code !== 'RATE_LIMITED';
  if (error instanceof AuthError || isRefusal) return 'unknown';
  throw error;
}

/** Starts to read what the tags hold now, while other requests go first. */
export function readPreviousTags(client: RegistryClient, tags: readonly TargetTag[]): PreviousTags {
  return new Map(
    tags.map((target) => {
      const head = client.headManifest(target.repository, target.tag, 'background').catch(unknownHead);
      // Whoever needs the answer gets its failure too; until then it is no unhandled one.
      head.catch(() => undefined);
      return [nameOf(target), head];
    }),
  );
}

/** Milliseconds after which what tags held is looked at again before they are moved. */
const freshness = 5_000;

/** What the tags hold at the time of the push: read again when the stages since `started` took their time. */
export function headsForPush(
  tags: readonly TargetTag[],
  started: number,
  parts: Pick<PushParts, 'client' | 'previous' | 'now'>,
): PreviousTags {
  return parts.now() - started < freshness ? parts.previous : readPreviousTags(parts.client, tags);
}

/**
 * Sets every tag to the manifest, whose children the repositories already hold: by digest into each repository
 * first, unless there is one tag in all, then all tags that hold something at once, then all new ones. Tags that
 * hold it already are not written, nor is anything written to a repository where all of them do.
 * When a tag cannot even be looked at, none is set. When one fails for good, tags that this run moved go back to
 * what they held, and the error thrown lists every tag's state.
 */
export async function pushTags(
  manifest: Manifest,
  targets: readonly Target[],
  parts: PushParts,
): Promise<readonly PushedTag[]> {
  const tags = targets.flatMap(({ repository, tags: names }) => names.map((tag) => ({ repository, tag })));
  if (tags.length > 1) await Promise.all(targets.map((target) => putByDigest(manifest, target, parts)));
  const outcomes = await pushInTurn(manifest, tags, parts);
  for (const outcome of outcomes) {
    if (isSet(outcome)) parts.observer.info(describeTag(outcome, manifest));
  }
  if (outcomes.every(isSet)) return outcomes;
  throw await halfDone(manifest, outcomes, parts);
}

function nameOf(target: TargetTag): string {
  return formatReference(referenceOf(target));
}

type Outcome = PushedTag | FailedTag | UntriedTag;

function isSet(outcome: Outcome): outcome is PushedTag {
  return !('error' in outcome) && outcome.state !== 'untried';
}

async function putByDigest(manifest: Manifest, target: Target, parts: PushParts): Promise<void> {
  const { repository } = target;
  const held = Promise.all(target.tags.map((tag) => alreadyHolds(manifest, { repository, tag }, parts)));
  // Where the tags' look-ups are still on their way, waiting for them would cost a round trip.
  const known = await Promise.race([held, setImmediate([false])]);
  if (known.every(Boolean)) return;
  const context = { client: parts.client, clock: parts };
  await putManifestOnceChildrenAppear(manifest, { repository, name: manifest.digest }, context);
}

// Why a tag could not be looked at is told when it is its turn.
async function alreadyHolds(manifest: Manifest, target: TargetTag, parts: PushParts): Promise<boolean> {
  const before = parts.previous.get(nameOf(target));
  return previousDigest(await before?.catch(() => undefined)) === manifest.digest;
}

function describeTag(tag: PushedTag, manifest: Manifest): string {
  const name = nameOf(tag);
  if (tag.state === 'unchanged') return `${name} already holds ${manifest.digest}`;
  const before = tag.previous ?? (tag.state === 'created' ? 'new' : 'unknown');
  return `${name}: ${before} → ${manifest.digest}`;
}

// A new tag cannot be taken back, since registries have no common way to remove only a tag: such tags go last.
async function pushInTurn(
  manifest: Manifest,
  tags: readonly TargetTag[],
  parts: PushParts,
): Promise<readonly Outcome[]> {
  const heads = await Promise.all(tags.map((tag) => parts.previous.get(nameOf(tag))));
  const existing = tags.filter((_, at) => heads[at] !== undefined);
  const fresh = tags.filter((_, at) => heads[at] === undefined);
  const moved = await pushAll(manifest, existing, parts);
  const created = moved.every(isSet) ? await pushAll(manifest, fresh, parts) : fresh.map(untried);
  const outcomes = new Map([...moved, ...created].map((outcome) => [nameOf(outcome), outcome]));
  return tags.flatMap((tag) => outcomes.get(nameOf(tag)) ?? []);
}

function untried({ repository, tag }: TargetTag): UntriedTag {
  return { repository, tag, state: 'untried' };
}

// Some registries cannot take one manifest under several tags at once: what they refused is tried again alone.
async function pushAll(
  manifest: Manifest,
  tags: readonly TargetTag[],
  parts: PushParts,
): Promise<readonly Outcome[]> {
  const together = await Promise.all(tags.map((tag) => attempt(manifest, tag, parts)));
  if (tags.length === 1) return together;
  const outcomes: Outcome[] = [];
  let isHopeless = false;
  for (const outcome of together) {
    const isAgain: boolean = !isHopeless && 'error' in outcome && mayPassAlone(outcome.error);
    const last: Outcome = isAgain ? await attempt(manifest, outcome, parts) : outcome;
    // What fails alone too does not fail for being one of many.
    isHopeless ||= isAgain && 'error' in last;
    outcomes.push(last);
  }
  return outcomes;
}

const hopelessAlone: ReadonlySet<string> = new Set(['TOO_LARGE', 'RATE_LIMITED']);

function mayPassAlone(error: unknown): boolean {
  if (error instanceof ConflictError) return true;
  return error instanceof RegistryError && !hopelessAlone.has(error.code);
}

async function attempt(manifest: Manifest, target: TargetTag, parts: PushParts): Promise<Outcome> {
  const { repository, tag } = target;
  try {
    return await pushTag(manifest, { repository, tag }, parts);
  } catch (error) {
    if (isRefusal(error)) parts.onTag({ repository, tag }, 'left');
    const before = await parts.previous.get(nameOf(target))?.catch(() => undefined);
    return { repository, tag, previous: previousDigest(before), error };
  }
}

async function pushTag(manifest: Manifest, target: TargetTag, parts: PushParts): Promise<PushedTag> {
  const name = nameOf(target);
  const before = await parts.previous.get(name);
  const previous = previousDigest(before);
  if (previous === manifest.digest) return { ...target, previous, state: 'unchanged', proof: 'digest' };
  parts.onTag(target, 'underway');
  const proof = await putOrHeld(manifest, target, parts);
  parts.onTag(target, proof === 'held' ? 'left' : 'set');
  if (proof === 'held') return { ...target, previous: manifest.digest, state: 'unchanged', proof: 'digest' };
  return { ...target, previous, state: before === undefined ? 'created' : 'moved', proof };
}

// A registry with immutable tags refuses every write of a tag, also one that would change nothing.
async function putOrHeld(
  manifest: Manifest,
  target: TargetTag,
  parts: PushParts,
): Promise<Receipt['proof'] | 'held'> {
  const { repository, tag } = target;
  try {
    const context = { client: parts.client, clock: parts };
    const receipt = await putManifestOnceChildrenAppear(manifest, { repository, name: tag }, context);
    return receipt.proof;
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    const held = await parts.client.headManifest(repository, tag).catch(() => undefined);
    // Without a refusal it is our own write that is seen there, though its answer got lost.
    if (held?.digest === manifest.digest) return isRefusedWrite(error) ? 'held' : 'digest';
    throw held === undefined ? error : besideHeld(manifest, target, held.digest, error);
  }
}

const refusedWrites: ReadonlySet<number> = new Set([400, 405, 409, 412, 422]);

function isRefusedWrite(error: ActionError): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}

// Whether the tag is immutable or the login may not push, both answer 403.
function besideHeld(manifest: Manifest, target: TargetTag, held: Digest, error: ActionError): ActionError {
  if (error instanceof AuthError) {
    const hint = `${error.hint ?? ''} If the tag is immutable there, publish under a new tag.`.trim();
    const message = `${error.message}; the tag holds ${held}, not ${manifest.digest}`;
    return new AuthError(error.code, message, { hint, cause: error });
  }
  return isRefusedWrite(error) ? immutable(manifest, target, held, error) : error;
}

function immutable(manifest: Manifest, target: TargetTag, held: Digest, cause: ActionError): ConflictError {
  const name = nameOf(target);
  return new ConflictError(
    'TAG_REFUSED',
    `${name} holds ${held} and the registry refuses to move it to ${manifest.digest}: ${cause.message}`,
    {
      hint: 'If the tag is immutable there, publish under a new tag.',
      cause,
    },
  );
}

// Throws what is no ActionError, but only when the tags are back.
async function halfDone(
  manifest: Manifest,
  outcomes: readonly Outcome[],
  parts: PushParts,
): Promise<ActionError> {
  const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  const [cause] = errors.filter((error) => error instanceof ActionError);
  const restored = await restoreTags(manifest, outcomes, parts);
  if (outcomes.length === 1 && cause !== undefined && restored[0]?.untouched) return cause;
  const bug = errors.find((error) => !(error instanceof ActionError));
  if (bug !== undefined || cause === undefined) throw bug;
  const lines = restored.map((each) => `${nameOf(each)}: ${each.state}`);
  const unset = outcomes.filter((outcome) => !isSet(outcome)).length;
  return new ActionError(
    'TAGS_FAILED',
    `${unset} of ${outcomes.length} tags could not be set:\n${lines.join('\n')}`,
    { hint: cause.hint, cause },
  );
}
