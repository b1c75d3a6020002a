import { describePlatform, type Platform } from '../../oci/platform.ts';
import { formatReference, sameRepository } from '../../oci/reference.ts';
import { type Choosable, isChoosable } from '../../policy/puller.ts';
import { type RemovedPlatform, removedPlatforms } from '../../policy/removed-platform.ts';
import { listed } from '../../run/finding.ts';
import type { TagReadings } from '../ledger.ts';
import { type AssembledList, publishedEntries } from '../list.ts';
import type { TargetTag } from '../request.ts';
import type { TagContent } from '../tag.ts';
import type { ServedContent } from './served-content.ts';

/** A finding about a list before its tags move. */
export interface Removal {
  /** `denied`: the login may not read the tags. `artifact`: they hold something that is no image. */
  readonly kind: 'removed' | 'denied' | 'unreadable' | 'artifact';
  /** The message about tags with these names. */
  readonly say: (names: string) => string;
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
    const say = (names: string) => `${names} held ${before.artifact}, which the list replaces`;
    return { kind: 'artifact', say, tags };
  }
  const lacking = before.entries.filter((entry) => removedPlatforms([entry], after).length > 0);
  if (lacking.length === 0) return undefined;
  // An entry that the registry does not serve has no clients; to a warning, that is not worth requests.
  const isRefused = list.request.removedPlatforms === 'error';
  const clients = isRefused ? await served.entriesThere(tags[0].repository, lacking) : lacking;
  const removed = removedPlatforms(clients, after);
  if (removed.length === 0) return undefined;
  const lacks = listed(removed.map(describeRemoved));
  const has = listed(after.filter(isChoosable).map(describeEntry));
  const say = (names: string) =>
    `The new list lacks platforms that clients get from ${names} today: ${lacks}. It has ${has}`;
  return { kind: 'removed', say, tags };
}

function unreadable({ held, tags }: Holder, reason: string, hint?: string): Removal {
  const say = (names: string) =>
    `The platforms that clients get from ${names} today could not be compared with the new list: ${reason}`;
  return { kind: held === 'unknown' ? 'denied' : 'unreadable', say, hint, tags };
}

/** The names of tags that hold the same, for messages. */
export function namesOf({ tags }: Pick<Holder, 'tags'>): string {
  return listed(tags.map(formatReference));
}

function describeRemoved({ platform, fallback }: RemovedPlatform): string {
  const instead = fallback === undefined ? 'nothing' : `${describeEntry(fallback)} instead`;
  return `${shortened(platform)} (its clients get ${instead})`;
}

function describeEntry({ platform, digest }: Choosable): string {
  return platform === undefined ? digest : shortened(platform);
}

/** Maximum characters of a platform in a message: the old list is not trusted. */
const maxPlatformLength = 100;

function shortened(platform: Platform): string {
  const text = describePlatform(platform);
  return text.length > maxPlatformLength ? `${text.slice(0, maxPlatformLength)}…` : text;
}
