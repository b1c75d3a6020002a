import { describePlatform, type Platform } from '../../oci/platform.ts';
import { formatReference, sameRepository } from '../../oci/reference.ts';
import { type Choosable, isChoosable } from '../../policy/puller.ts';
import { type RemovedPlatform, removedPlatforms } from '../../policy/removed-platform.ts';
import type { TagReadings } from '../ledger.ts';
import { type AssembledList, publishedEntries } from '../list.ts';
import type { TargetTag } from '../request.ts';
import { listed } from '../revisions.ts';
import type { TagContent } from '../tag.ts';
import type { ServedContent } from './served-content.ts';

/** A finding about a list before its tags move. */
export interface Removal {
  /** `unreadable`: the tags could not be compared. `artifact`: they hold something that is no image. */
  readonly kind: 'removed' | 'unreadable' | 'artifact';
  readonly message: string;
  readonly tags: Holder['tags'];
  /** What to do about what could not be read. */
  readonly hint?: string | undefined;
}

/** The findings for platforms that the tags serve today and the list does not have, and for unreadable tags. */
export async function findRemovals(
  list: AssembledList,
  readings: TagReadings,
  served: ServedContent,
): Promise<readonly Removal[]> {
  const holders = await holdersOf(list.request.tags, readings);
  const moving = holders.filter(({ held }) => held !== list.manifest.digest);
  const removals = await Promise.all(moving.map((holder) => removalOf(holder, list, served)));
  return removals.flatMap((removal) => removal ?? []);
}

interface Holder {
  readonly held: Exclude<TagContent, undefined>;
  readonly tags: readonly [TargetTag, ...TargetTag[]];
}

// Release tags usually move together, and one message is enough for them.
async function holdersOf(tags: readonly TargetTag[], readings: TagReadings): Promise<readonly Holder[]> {
  const holders: { held: Holder['held']; tags: [TargetTag, ...TargetTag[]] }[] = [];
  for (const tag of tags) {
    const held = await readings.of(tag);
    if (held === undefined) continue;
    const same = holders.find(({ held: other, tags: [first] }) => {
      return other === held && sameRepository(first.repository, tag.repository);
    });
    if (same === undefined) holders.push({ held, tags: [tag] });
    else same.tags.push(tag);
  }
  return holders;
}

const giveRead = 'Give the login permission to read the tag.';

async function removalOf(
  holder: Holder,
  list: AssembledList,
  served: ServedContent,
): Promise<Removal | undefined> {
  const { held, tags } = holder;
  if (held === 'unknown') return unreadable(holder, 'the registry denied the read', giveRead);
  const after = publishedEntries(list);
  const before = await served.entriesOf(tags[0].repository, held, after);
  if (before.kind === 'unreadable') return unreadable(holder, before.reason, before.hint);
  if (before.artifact !== undefined) {
    const message = `${namesOf(holder)} held ${before.artifact}, which the list replaces`;
    return { kind: 'artifact', message, tags };
  }
  const lacking = before.entries.filter((entry) => removedPlatforms([entry], after).length > 0);
  if (lacking.length === 0) return undefined;
  // An entry that the registry does not serve has no clients; to a warning, that is not worth requests.
  const isRefused = list.request.removedPlatforms === 'error';
  const clients = isRefused ? await served.entriesThere(tags[0].repository, lacking) : lacking;
  const removed = removedPlatforms(clients, after);
  if (removed.length === 0) return undefined;
  const lost = listed(removed.map(describeRemoved), maxListed);
  const left = listed(after.filter(isChoosable).map(describeEntry), maxListed);
  const message = `The new list lacks platforms that clients get from ${namesOf(holder)} today: ${lost}. It has ${left}`;
  return { kind: 'removed', message, tags };
}

function unreadable(holder: Holder, reason: string, hint?: string): Removal {
  const message = `The platforms that clients get from ${namesOf(holder)} today could not be compared with the new list: ${reason}`;
  return { kind: 'unreadable', message, hint, tags: holder.tags };
}

/** The names of tags that hold the same, for messages. */
export function namesOf({ tags }: Pick<Holder, 'tags'>): string {
  return listed(tags.map(formatReference), maxListed);
}

function describeRemoved({ platform, fallback }: RemovedPlatform): string {
  const instead = fallback === undefined ? 'nothing' : `${describeEntry(fallback)} instead`;
  return `${shortened(platform)} (its clients get ${instead})`;
}

function describeEntry({ platform, digest }: Choosable): string {
  return platform === undefined ? digest : shortened(platform);
}

/** Maximum items of one kind in a message. */
const maxListed = 20;
/** Maximum characters of a platform in a message: the old list is not trusted. */
const maxPlatformLength = 100;

function shortened(platform: Platform): string {
  const text = describePlatform(platform);
  return text.length > maxPlatformLength ? `${text.slice(0, maxPlatformLength)}…` : text;
}
