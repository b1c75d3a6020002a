import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import { coversList } from '../../policy/covered-list.ts';
import {
  ActionError,
  type Combine,
  messageOf,
  orFailure,
  VerifyError,
  waitForAll,
  withContext,
} from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import { pollUntil } from '../../run/poll.ts';
import { isDenied, type TagLedger } from '../ledger.ts';
import {
  describeHeldBack,
  type HeldBackTag,
  isForwardOnly,
  type PublishedList,
  withoutTags,
} from '../list.ts';
import type { RunContext } from '../run-context.ts';
import { describeStatus, type PushedTag } from '../tag.ts';
import type { PushGuards } from './outcome.ts';

/** A list that was read back; `tags` are those that hold what was served. */
export interface VerifiedList extends PublishedList {
  /** The manifest that the registry served for the first readable tag; the pushed manifest when no tag was readable. */
  readonly served: Manifest;
  /** `confirmed`: some tag could not be read, but the registry named our digest when it was pushed. */
  readonly state: 'read' | 'confirmed';
}

/**
 * How to treat lists of other jobs that set the same tags: `refuse` fails for every other manifest, `accept` accepts a
 * list with all of our entries, because other jobs of a matrix may publish a more complete list.
 */
type OtherJobs = 'refuse' | 'accept';

type TagFinding =
  | { readonly kind: 'ours'; readonly served: Manifest }
  /** Nothing, the previous content of the tag, or content that may be the previous one. */
  | { readonly kind: 'stale'; readonly held: Digest | undefined }
  /** Neither our manifest nor the one before. */
  | { readonly kind: 'foreign'; readonly held: Digest }
  /** Another run's list, with all of our entries. */
  | { readonly kind: 'covered'; readonly served: Manifest }
  /** Something that is not a manifest, or nothing that could be read. */
  | { readonly kind: 'unusable'; readonly error: ActionError };

/**
 * How long, in milliseconds, a tag may show anything but our manifest. A replica or cache may be slow; a third
 * manifest may come from a replica far behind, but more likely another run has pushed the tag.
 */
const timeouts = { stale: 30_000, foreign: 4_000, unusable: 4_000 } as const;

/** What a read-back works with; the ledger gets the status of each tag that does not hold its list. */
interface VerifyContext extends RunContext {
  readonly ledger: TagLedger;
  readonly guards: PushGuards;
  readonly otherJobs: OtherJobs;
}

/** `unread` gets the tags that this login may not read. */
type ReadBackContext = VerifyContext & { readonly unread: Finding[] };

/**
 * Reads every tag of all lists back, all at once, as {@link verifyTags} does. Failures are thrown as one, which lists
 * the other tags: they stay as they are, since the registry may still show a tag that it confirmed.
 */
export async function verifyLists(
  lists: readonly PublishedList[],
  context: VerifyContext,
): Promise<readonly VerifiedList[]> {
  const unread: Finding[] = [];
  const reading = waitForAll(
    lists.map((list) => verifyTags(list, { ...context, unread })),
    combineTags,
  ).finally(() => {
    warnOfCauses(unread, context.observer);
  });
  const verified = await reading.catch((error: unknown) => {
    throw besideOthers(error, lists, context.ledger);
  });
  // Lists are read at once, and logged one after the other.
  return verified.map(({ readCount, ...list }, at) => {
    const count = lists[at]?.tags.length ?? 0;
    if (count > 0) context.observer.info(`Read back ${readCount} of ${count} tags: ${list.served.digest}`);
    return list;
  });
}

const combineTags: Combine = ([first, ...others]) => {
  if (others.length === 0) return first;
  const message = [first, ...others].map((error) => error.message).join('\n');
  return new VerifyError(first.code, message, { hint: first.hint, cause: first });
};

function besideOthers(error: unknown, lists: readonly PublishedList[], ledger: TagLedger): unknown {
  if (!(error instanceof ActionError)) return error;
  const all = lists.flatMap(({ tags }) => tags).map((tag) => ({ tag, status: ledger.status(tag) }));
  const others = all.filter(({ status: { state } }) => state !== 'overtaken' && state !== 'unknown');
  if (others.length === 0) return error;
  const lines = others.map(({ tag, status }) => describeStatus(tag, status));
  const message = [error.message, 'The other tags stay as they are:', ...lines].join('\n');
  return new VerifyError(error.code, message, { hint: error.hint, cause: error });
}

/**
 * Reads every tag back and compares its bytes. Nothing is written again: the tag may be another run's by now.
 *
 * | the tag shows, until its timeout | then |
 * |---|---|
 * | our manifest | it is verified |
 * | its old manifest, or nothing | VerifyError NOT_SERVED, also if ours can be read by digest: the run put it there |
 * | another list with all of our entries | it is verified, if other jobs are accepted |
 * | a newer version, under forward-only-tags | it is in the list's heldBack, and no tag of the list any more |
 * | another manifest | VerifyError OVERTAKEN |
 * | something that is not a manifest, the wrong bytes, or an error | that error |
 * | that this login may not read it, or not for long | a warning if the registry named our digest when it was pushed, else that error |
 *
 * The failures of several tags are thrown as one.
 */
async function verifyTags(
  list: PublishedList,
  context: ReadBackContext,
): Promise<VerifiedList & { readonly readCount: number }> {
  const { manifest, tags } = list;
  const readings = await waitForAll(
    tags.map((tag) => verifyOrConfirm(list, tag, context)),
    combineTags,
  );
  const heldBack = readings.filter(isHeldBack);
  const read = readings.flatMap((reading) => (reading === 'confirmed' || isHeldBack(reading) ? [] : reading));
  const [served = manifest] = read;
  const held = readings.map((reading) => {
    if (reading === 'confirmed') return manifest.digest;
    return isHeldBack(reading) ? reading.held : reading.digest;
  });
  return {
    ...withoutTags(list, heldBack),
    served,
    state: readings.includes('confirmed') ? 'confirmed' : 'read',
    tags: tags.filter((_, at) => held[at] === served.digest),
    readCount: read.length,
  };
}

type Shown = Manifest | HeldBackTag;

function isHeldBack(shown: Shown | 'confirmed'): shown is HeldBackTag {
  return typeof shown === 'object' && 'newVersion' in shown;
}

// Only a login that may push and not read relies on what the registry confirmed.
async function verifyOrConfirm(
  list: PublishedList,
  tag: PushedTag,
  context: ReadBackContext,
): Promise<Shown | 'confirmed'> {
  const { manifest } = list;
  try {
    return await verifyTag(list, tag, context);
  } catch (error) {
    if (!isClosed(error) || tag.proof !== 'digest') {
      // A tag that was read has its status, and its error names it.
      if (error instanceof VerifyError) throw error;
      context.ledger.mark(tag, { state: 'unknown', why: messageOf(error) });
      const place = `${formatReference(tag)}: unknown, set to ${manifest.digest} but not read back`;
      throw withContext(place, error);
    }
    context.unread.push({
      about: formatReference(tag),
      say: (names) =>
        `${names} could not be read back, though the registry confirmed ${manifest.digest}: ${error.message}`,
      cause: [manifest.digest, tag.repository.registry, error.code].join(' '),
    });
    return 'confirmed';
  }
}

// Docker Hub limits the reads of a login for hours, and not its pushes.
function isClosed(error: unknown): error is ActionError {
  if (!(error instanceof ActionError) || error.code === 'BAD_MANIFEST') return false;
  return error.code === 'RATE_LIMITED' || isDenied(error);
}

async function verifyTag(list: PublishedList, tag: PushedTag, context: VerifyContext): Promise<Shown> {
  const { manifest } = list;
  const reading = await lastReading(manifest, tag, context);
  const { ledger, observer } = context;
  switch (reading.kind) {
    case 'ours':
      return reading.served;
    case 'covered':
      observer.info(
        `${formatReference(tag)} holds ${reading.served.digest} now, with all entries of ${manifest.digest}: another job has published it`,
      );
      return reading.served;
    case 'stale':
      ledger.mark(tag, { state: 'unknown', held: reading.held, why: 'set, but not shown by the registry' });
      throw notServed(tag, manifest, reading.held);
    case 'foreign': {
      const newer = await newerVersion(list, tag, context);
      if (newer !== undefined) return newer;
      ledger.mark(tag, { state: 'overtaken', held: reading.held, why: 'something else pushed it' });
      throw overtaken(tag, manifest, reading.held);
    }
    case 'unusable':
      throw reading.error;
  }
}

function notServed(tag: PushedTag, { digest }: Manifest, held = 'nothing'): VerifyError {
  const message = `${formatReference(tag)} holds ${held} ${timeouts.stale / 1000} s after the registry accepted ${digest} for it`;
  const hint =
    'Run the job again. If that does not help, ask the operator of the registry why it does not serve what it accepted.';
  return new VerifyError('NOT_SERVED', message, { hint });
}

function overtaken(tag: PushedTag, { digest }: Manifest, held: Digest): VerifyError {
  const message = `${formatReference(tag)} was set to ${digest}, but now holds ${held}: something else pushed it meanwhile`;
  const hint = 'Let only one job at a time publish a tag: give the jobs a `concurrency:` group.';
  return new VerifyError('OVERTAKEN', message, { hint });
}

// What cannot be compared is as bad as an older version.
async function newerVersion(list: PublishedList, tag: PushedTag, { guards, ledger }: VerifyContext) {
  if (!isForwardOnly(tag, list)) return undefined;
  ledger.reread([tag]);
  const newer = await orFailure(guards.newer(list, tag, ledger));
  if (newer === undefined || newer instanceof ActionError) return undefined;
  ledger.mark(tag, { state: 'overtaken', held: newer.held, why: describeHeldBack(newer) });
  return newer;
}

function lastReading(manifest: Manifest, tag: PushedTag, context: VerifyContext): Promise<TagFinding> {
  const { clock, observer } = context;
  const start = clock.now();
  let isWaiting = false;
  return pollUntil<TagFinding>(clock, { first: 250, max: 5_000 }, async () => {
    const reading = await readTag(manifest, tag, context);
    if (reading.kind === 'ours' || reading.kind === 'covered') return { result: reading };
    if (!isWaiting)
      observer.info(`${formatReference(tag)} does not show ${manifest.digest} yet: reading it again`);
    isWaiting = true;
    return { retryUntil: start + timeouts[reading.kind], otherwise: () => reading };
  });
}

async function readTag(
  manifest: Manifest,
  tag: PushedTag,
  { client, otherJobs }: VerifyContext,
): Promise<TagFinding> {
  const served = await orFailure(client.findManifest(tag.repository, tag.tag));
  if (isClosed(served)) throw served;
  if (served instanceof ActionError) return { kind: 'unusable', error: served };
  if (served === undefined) return { kind: 'stale', held: undefined };
  const held = served.digest;
  if (held === manifest.digest) return { kind: 'ours', served };
  if (otherJobs === 'accept' && coversList(served, manifest)) return { kind: 'covered', served };
  // If the previous content of the tag could not be read, any content may be the previous one.
  const isPreviousUnknown = tag.state === 'moved' && tag.previous === undefined;
  return { kind: isPreviousUnknown || held === tag.previous ? 'stale' : 'foreign', held };
}
