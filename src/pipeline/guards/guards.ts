import type { Digest } from '../../oci/digest.ts';
import type { Platform } from '../../oci/platform.ts';
import { formatReference, sameRepository } from '../../oci/reference.ts';
import { isChoosable } from '../../policy/puller.ts';
import { matchesTagGlob } from '../../policy/tag-glob.ts';
import { type ActionError, type Combine, ConflictError, combined } from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import type { TagLedger, TagReadings } from '../ledger.ts';
import {
  type AssembledList,
  type HeldBackTag,
  isAmended,
  isForwardOnly,
  publishedEntries,
  tagsOf,
  withoutTags,
} from '../list.ts';
import type { ListRequest, TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { knownDigest } from '../tag.ts';
import { findRemovals, namesOf, type Removal } from './removed-platforms.ts';
import { ServedContent } from './served-content.ts';

/** The list that a new one replaces. */
export interface ReplacedList {
  /** The tag that held it. */
  readonly tag: string;
  readonly digest: Digest;
  /** Its images, without attestations. */
  readonly entries: readonly { readonly platform: Platform; readonly digest: Digest }[];
}

/** Compares lists with the content of their tags, before anything is written. */
export class Guards {
  readonly #context: Pick<RunContext, 'client' | 'observer'>;
  readonly #served: ServedContent;

  constructor(context: Pick<RunContext, 'client' | 'observer'>) {
    this.#context = context;
    this.#served = new ServedContent(context.client);
  }

  /** Starts to read the content that the guards of these lists need. */
  prefetch(lists: readonly ListRequest[], readings: TagReadings): void {
    for (const request of lists) {
      const { tags, removedPlatforms } = request;
      const compared =
        removedPlatforms === 'allow' ? tags.filter((tag) => isForwardOnly(tag, { request })) : tags;
      this.#served.prefetch(compared, readings);
    }
  }

  /** The lists without the tags that `forward-only-tags` keeps where they are; throws as compareVersions does. */
  async holdBack(lists: readonly AssembledList[], readings: TagReadings): Promise<readonly AssembledList[]> {
    const tags = tagsOf(lists);
    const found = lists.map(async (list) => {
      const { heldBack, warnings } = await this.#forward(list, { asked: list.request.tags, tags }, readings);
      warnOfCauses(warnings, this.#context.observer);
      return withoutTags(list, heldBack);
    });
    return Promise.all(found);
  }

  /** The tag with the newer version that another job has set it to since; undefined if `forward-only-tags` lets it move. */
  async newer(list: AssembledList, tag: TargetTag, readings: TagReadings): Promise<HeldBackTag | undefined> {
    const { heldBack } = await this.#forward(list, { asked: [tag], tags: list.request.tags }, readings);
    return heldBack[0];
  }

  async #forward(
    list: AssembledList,
    { asked, tags }: { readonly asked: readonly TargetTag[]; readonly tags: readonly TargetTag[] },
    readings: TagReadings,
  ) {
    if (!asked.some((tag) => isForwardOnly(tag, list))) return { heldBack: [], warnings: [] };
    // The parser of versions takes a while to load.
    const { compareVersions } = await import('./forward-only.ts');
    const { client } = this.#context;
    return compareVersions(list, asked, { readings, served: this.#served, client, tags });
  }

  /**
   * Compares all lists with the content of their tags, before anything is written. Throws one ConflictError with all
   * refusals: TAG_IMMUTABLE, PLATFORM_REMOVED, PREVIOUS_UNREADABLE. Waits only for content that a refusal depends on.
   * Each refusal names what the tag holds, and since when the run knows it.
   */
  async check(lists: readonly AssembledList[], ledger: TagLedger): Promise<void> {
    const errors: ActionError[] = [];
    const immutable = await immutableTagsError(lists, ledger);
    if (immutable !== undefined) errors.push(immutable);
    const removals = await this.#removals('error', lists, ledger);
    const isArtifact = ({ kind }: Removal) => kind === 'artifact';
    this.#warnOf(removals.filter(isArtifact));
    for (const removal of removals) if (!isArtifact(removal)) errors.push(await refusalOf(removal, ledger));
    if (errors.length > 0) throw combined(errors, combineRefusals);
  }

  /**
   * Warns about removed platforms, tags that could not be compared, and tags that look like sources. `isDenied`: a
   * warning says already that the login has no access to the tag.
   */
  async warn(
    lists: readonly AssembledList[],
    readings: TagReadings,
    isDenied: (tag: TargetTag) => boolean = () => false,
  ): Promise<void> {
    const removals = await this.#removals('warn', lists, readings);
    this.#warnOf(removals.filter(({ kind, tags }) => kind !== 'denied' || !tags.every(isDenied)));
    const swapped = await Promise.all(lists.map((list) => swappedInputs(list, readings)));
    warnOfCauses(swapped.flat(), this.#context.observer);
  }

  #warnOf(removals: readonly Removal[]): void {
    const findings = removals.flatMap(({ kind, say, tags }) => {
      return tags.map((tag) => ({
        about: formatReference(tag),
        say: (names: string) => `${say(names)}. ${advice[kind]}`,
      }));
    });
    warnOfCauses(findings, this.#context.observer);
  }

  async #removals(
    level: ListRequest['removedPlatforms'],
    lists: readonly AssembledList[],
    readings: TagReadings,
  ): Promise<readonly Removal[]> {
    const compared = lists.filter(({ request }) => request.removedPlatforms === level);
    const found = await Promise.all(compared.map((list) => findRemovals(list, readings, this.#served)));
    return found.flat();
  }

  /** What the first tag that moves served, if it was read; undefined when no existing tag moves. */
  async replacedList(list: AssembledList, readings: TagReadings): Promise<ReplacedList | undefined> {
    if (list.request.removedPlatforms === 'allow') return undefined;
    for (const { repository, tag } of list.request.tags) {
      const digest = knownDigest(await readings.of({ repository, tag }));
      if (digest === undefined || digest === list.manifest.digest) continue;
      const before = await this.#served.entriesOf(repository, digest, publishedEntries(list));
      if (before.kind !== 'entries') continue;
      const entries = before.entries.filter(isChoosable).flatMap(({ platform, digest }) => {
        return platform === undefined ? [] : [{ platform, digest }];
      });
      return { tag, digest, entries };
    }
    return undefined;
  }
}

const unimportant = 'If that does not matter, set removed-platforms to "allow".';
const advice: Readonly<Record<Removal['kind'], string>> = {
  removed: 'If that is intended, set removed-platforms to "allow".',
  denied: unimportant,
  unreadable: unimportant,
  artifact:
    'If it should have stayed, publish the list under another tag, and name the tag in `immutable-tags`.',
};

const combineRefusals: Combine = ([first, ...others]) => {
  const all = [first, ...others];
  const hints = new Set(all.map(({ hint }) => hint ?? ''));
  const message = all.map((error) => error.message).join('\n');
  return new ConflictError(first.code, message, { hint: [...hints].join(' '), cause: first });
};

async function refusalOf(removal: Removal, ledger: TagLedger): Promise<ConflictError> {
  const { kind, hint, tags } = removal;
  const [first] = tags;
  const message = removal.say(namesOf(removal));
  if (kind === 'removed') {
    const holds = `${namesOf(removal)} ${await ledger.describe(first)}`;
    return new ConflictError('PLATFORM_REMOVED', `${message}. ${holds}`, {
      hint: 'Add the platforms to `sources`, or set `removed-platforms: allow` to remove them.',
    });
  }
  const remedy =
    ledger.denial(first)?.hint ?? hint ?? 'Publish another tag if this one should keep what it holds.';
  return new ConflictError('PREVIOUS_UNREADABLE', message, {
    hint: `${remedy} Or set \`removed-platforms: warn\`.`,
  });
}

/** The error for all immutable tags of the lists that would move; undefined when there is none. */
async function immutableTagsError(lists: readonly AssembledList[], ledger: TagLedger) {
  const lines: string[] = [];
  for (const list of lists) {
    for (const tag of list.request.tags) lines.push(...(await immutableRefusal(tag, list, ledger)));
  }
  if (lines.length === 0) return undefined;
  const denials = tagsOf(lists).flatMap((tag) => ledger.denial(tag)?.hint ?? []);
  const message = lines.length === 1 ? lines : [`${lines.length} immutable tags would move:`, ...lines];
  return new ConflictError('TAG_IMMUTABLE', message.join('\n'), {
    hint: [...new Set(denials), 'Publish a new tag, or remove the pattern from `immutable-tags`.'].join(' '),
  });
}

async function immutableRefusal(
  tag: TargetTag,
  { request: { immutableTags }, manifest }: AssembledList,
  ledger: TagLedger,
): Promise<readonly string[]> {
  const glob = immutableTags.find((each) => matchesTagGlob(each, tag.tag));
  const held = glob && (await ledger.of(tag));
  if (glob === undefined || held === undefined || held === manifest.digest) return [];
  const name = formatReference(tag);
  if (held === 'unknown') {
    return [`${name} is immutable, and the registry does not let this login read whether it exists`];
  }
  return [
    `${name} ${await ledger.describe(tag)}, and immutable-tags (${glob.text}) does not let it move to ${manifest.digest}`,
  ];
}

/**
 * Findings about each tag that held an image which is now an entry of its list: `tags` and `sources` may be swapped. Not
 * for lists that grow from one image on purpose: with `amend`, with `prefer-index: false`, and when the tag is a source.
 */
async function swappedInputs(list: AssembledList, readings: TagReadings): Promise<readonly Finding[]> {
  const { content } = list.manifest;
  if (content.kind !== 'index' || isAmended(list) || list.request.index === 'needed') return [];
  const images = list.members
    .filter(({ kind }) => kind === 'image')
    .map(({ descriptor }) => descriptor.digest);
  const { tags } = list.request;
  // A tag that could not be read is told elsewhere, and the list is published.
  const held = await Promise.all(tags.map((tag) => readings.of(tag).then(knownDigest, () => undefined)));
  return tags.flatMap((tag, at) => {
    const digest = held[at];
    if (digest === undefined || !images.includes(digest) || isSource(tag, list.request)) return [];
    const say = (names: string) =>
      `tags: ${names} held an image that is now an entry of its list; if \`tags\` and \`sources\` are swapped, swap them and put ${digest} back on the tag`;
    return { about: formatReference(tag), say };
  });
}

function isSource({ repository, tag }: TargetTag, { sources }: ListRequest): boolean {
  return sources.some(
    ({ locator }) =>
      locator.kind === 'reference' && locator.tag === tag && sameRepository(locator.repository, repository),
  );
}
