import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import { coversList } from '../../policy/covered-list.ts';
import {
  ActionError,
  type Combine,
  IntegrityError,
  RegistryError,
  VerifyError,
  waitForAll,
} from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import type { PublishedList } from '../list.ts';
import type { RunContext } from '../run-context.ts';
import type { PushedTag } from '../tag.ts';

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

/** What a tag shows. */
type TagFinding =
  | { readonly kind: 'ours'; readonly served: Manifest }
  /** The previous content of the tag, or content that may be the previous one. */
  | { readonly kind: 'stale'; readonly held: Digest }
  | { readonly kind: 'missing' }
  /** Neither our manifest nor the one before. */
  | { readonly kind: 'foreign'; readonly held: Digest }
  /** Another run's list, with all of our entries. */
  | { readonly kind: 'covered'; readonly served: Manifest }
  /** Not a manifest. */
  | { readonly kind: 'unusable'; readonly error: RegistryError };

/**
 * How long, in milliseconds, a tag may show anything but our manifest. A replica or cache may be slow; a third
 * manifest may come from a replica far behind, but more likely another run has pushed the tag.
 */
const timeouts = { stale: 30_000, missing: 30_000, foreign: 4_000, unusable: 4_000 } as const;

/** Reads every tag of all lists back, all at once, as {@link verifyTags} does; failures are thrown as one. */
export async function verifyLists(
  lists: readonly PublishedList[],
  otherJobs: OtherJobs,
  context: RunContext,
): Promise<readonly VerifiedList[]> {
  const verified = await waitForAll(
    lists.map((list) => verifyTags(list, otherJobs, context)),
    combineTags,
  );
  // Lists are read at once, and logged one after the other.
  return verified.map(({ readCount, ...list }, at) => {
    const count = lists[at]?.tags.length ?? 0;
    if (count > 0) context.observer.info(`Read back ${readCount} of ${count} tags: ${list.served.digest}`);
    return list;
  });
}

const combineTags: Combine = ([first, ...others]) => {
  if (others.length === 0) return first;
  const messages = [first, ...others].map(({ message }) => message);
  return new VerifyError(first.code, messages.join('\n'), { hint: first.hint, cause: first });
};

/**
 * Reads every tag back and compares its bytes. Nothing is written again: the tag may be another run's by now.
 *
 * | the tag shows, until its timeout | then |
 * |---|---|
 * | our manifest | it is verified |
 * | its old manifest, or nothing | a warning if the registry serves ours by digest, else VerifyError NOT_SERVED |
 * | another list with all of our entries | it is verified, if other jobs are accepted |
 * | another manifest | VerifyError OVERTAKEN |
 * | something that is not a manifest, or the wrong bytes | RegistryError BAD_MANIFEST, IntegrityError |
 * | an error | a warning if the registry named our digest when it was pushed, else that error |
 *
 * The failures of several tags are thrown as one.
 */
async function verifyTags(
  list: PublishedList,
  otherJobs: OtherJobs,
  context: RunContext,
): Promise<VerifiedList & { readonly readCount: number }> {
  const { manifest, tags } = list;
  const readings = await waitForAll(
    tags.map((tag) => verifyOrConfirm(manifest, tag, otherJobs, context)),
    combineTags,
  );
  const read = readings.filter((reading) => reading !== 'confirmed');
  const [served = manifest] = read;
  const held = readings.map((reading) => (reading === 'confirmed' ? manifest : reading).digest);
  return {
    ...list,
    served,
    state: read.length === tags.length ? 'read' : 'confirmed',
    tags: tags.filter((_, at) => held[at] === served.digest),
    readCount: read.length,
  };
}

// The push took effect; a step that fails after it would claim that it did not.
async function verifyOrConfirm(
  manifest: Manifest,
  tag: PushedTag,
  otherJobs: OtherJobs,
  context: RunContext,
): Promise<Manifest | 'confirmed'> {
  try {
    return await verifyTag(manifest, tag, otherJobs, context);
  } catch (error) {
    if (!isUnreadable(error) || tag.proof !== 'digest') throw error;
    context.observer.warning(
      `${formatReference(tag)} could not be read back, though the registry confirmed ${manifest.digest}: ${error.message}`,
    );
    return 'confirmed';
  }
}

// Wrong bytes, or another list than ours, were read all the same.
function isUnreadable(error: unknown): error is ActionError {
  if (error instanceof VerifyError || error instanceof IntegrityError || isBadManifest(error)) return false;
  return error instanceof ActionError;
}

function isBadManifest(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.code === 'BAD_MANIFEST';
}

async function verifyTag(
  manifest: Manifest,
  tag: PushedTag,
  otherJobs: OtherJobs,
  context: RunContext,
): Promise<Manifest> {
  const reading = await lastReading(manifest, tag, otherJobs, context);
  switch (reading.kind) {
    case 'ours':
      return reading.served;
    case 'covered':
      context.observer.info(
        `${formatReference(tag)} holds ${reading.served.digest} now, with all entries of ${manifest.digest}: another job has published it`,
      );
      return reading.served;
    case 'stale':
      return servedByDigest(manifest, tag, reading.held, context);
    case 'missing':
      return servedByDigest(manifest, tag, 'nothing', context);
    case 'foreign':
      throw overtaken(manifest, tag, reading.held);
    case 'unusable':
      throw reading.error;
  }
}

function lastReading(
  manifest: Manifest,
  tag: PushedTag,
  otherJobs: OtherJobs,
  context: RunContext,
): Promise<TagFinding> {
  const { client, clock, observer } = context;
  const start = clock.now();
  let isWaiting = false;
  return pollUntil<TagFinding>(clock, { first: 250, max: 5_000 }, async () => {
    const reading = await readTag(manifest, tag, otherJobs, client);
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
  otherJobs: OtherJobs,
  client: RunContext['client'],
): Promise<TagFinding> {
  try {
    const served = await client.findManifest(tag.repository, tag.tag);
    if (served === undefined) return { kind: 'missing' };
    const held = served.digest;
    if (held === manifest.digest) return { kind: 'ours', served };
    if (otherJobs === 'accept' && coversList(served, manifest)) return { kind: 'covered', served };
    // If the previous content of the tag could not be read, any content may be the previous one.
    const isPreviousUnknown = tag.state === 'moved' && tag.previous === undefined;
    return { kind: isPreviousUnknown || held === tag.previous ? 'stale' : 'foreign', held };
  } catch (error) {
    if (isBadManifest(error)) return { kind: 'unusable', error };
    throw error;
  }
}

async function servedByDigest(
  manifest: Manifest,
  tag: PushedTag,
  held: Digest | 'nothing',
  { client, observer }: RunContext,
): Promise<Manifest> {
  const name = formatReference(tag);
  const byDigest = await client.findManifest(tag.repository, manifest.digest);
  if (byDigest === undefined) {
    throw new VerifyError(
      'NOT_SERVED',
      `${name} holds ${held} although the registry accepted ${manifest.digest}`,
      {
        hint: 'Run the job again. If that does not help, ask the operator of the registry why it does not serve what it accepted.',
      },
    );
  }
  observer.warning(
    `${name} still shows ${held} ${timeouts.stale / 1000} s after the registry accepted ${manifest.digest}, which it serves by digest. A replica or cache of the registry is slow.`,
  );
  return byDigest;
}

function overtaken(manifest: Manifest, tag: PushedTag, held: Digest): VerifyError {
  return new VerifyError(
    'OVERTAKEN',
    `${formatReference(tag)} was set to ${manifest.digest}, but now holds ${held}: something else pushed it meanwhile`,
    { hint: 'Let only one job at a time publish a tag: give the jobs a `concurrency:` group.' },
  );
}
