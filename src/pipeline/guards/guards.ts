import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ActionError } from '../../run/errors.ts';
import { type Combine, ConflictError, combined } from '../../run/errors.ts';
import { type PreviousTags, previousDigest } from '../previous-tags.ts';
import type { ListRequest } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { type GuardedList, publishedEntries } from './guarded-list.ts';
import { immutableTagsError } from './immutable-tags.ts';
import { findRemovals, type Removal } from './removed-platforms.ts';
import { ServedContent } from './served-content.ts';

/** The content that a tag of a list served before the run. */
interface ServedBefore {
  readonly tag: string;
  readonly digest: Digest;
  readonly entries: readonly Descriptor[];
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
  prefetch(lists: readonly ListRequest[], previous: PreviousTags): void {
    for (const { tags, removedPlatforms } of lists) {
      if (removedPlatforms !== 'allow') this.#served.prefetch(tags, previous);
    }
  }

  /**
   * Compares all lists with the content of their tags, before anything is written. Throws one ConflictError with all
   * refusals: TAG_IMMUTABLE, PLATFORM_REMOVED, PREVIOUS_UNREADABLE. Waits only for content that a refusal depends on.
   */
  async check(lists: readonly GuardedList[], previous: PreviousTags): Promise<void> {
    const errors: ActionError[] = [];
    const immutable = await immutableTagsError(lists, previous);
    if (immutable !== undefined) errors.push(immutable);
    errors.push(...(await this.#removals('error', lists, previous)).map(refusalOf));
    if (errors.length > 0) throw combined(errors, combineRefusals);
  }

  /** Warns about removed platforms and about tags that could not be compared. */
  async warn(lists: readonly GuardedList[], previous: PreviousTags): Promise<void> {
    for (const { kind, message } of await this.#removals('warn', lists, previous)) {
      const remedy = kind === 'removed' ? 'is intended' : 'does not matter';
      this.#context.observer.warning(`${message}. If that ${remedy}, set removed-platforms to "allow".`);
    }
  }

  async #removals(
    level: ListRequest['removedPlatforms'],
    lists: readonly GuardedList[],
    previous: PreviousTags,
  ): Promise<readonly Removal[]> {
    const compared = lists.filter(({ request }) => request.removedPlatforms === level);
    const found = await Promise.all(compared.map((list) => findRemovals(list, previous, this.#served)));
    return found.flat();
  }

  /** The previous content of the first tag that moves, if it was read; undefined when no existing tag moves. */
  async servedBefore(list: GuardedList, previous: PreviousTags): Promise<ServedBefore | undefined> {
    if (list.request.removedPlatforms === 'allow') return undefined;
    for (const { repository, tag } of list.request.tags) {
      const digest = previousDigest(await previous.of({ repository, tag }));
      if (digest === undefined || digest === list.manifest.digest) continue;
      const before = await this.#served.entriesOf(repository, digest, publishedEntries(list));
      if (before.kind === 'entries') return { tag, digest, entries: before.entries };
    }
    return undefined;
  }
}

const combineRefusals: Combine = ([first, ...others]) => {
  const all = [first, ...others];
  const hints = new Set(all.map(({ hint }) => hint ?? ''));
  const message = all.map((error) => error.message).join('\n');
  return new ConflictError(first.code, message, { hint: [...hints].join(' '), cause: first });
};

function refusalOf({ kind, message }: Removal): ConflictError {
  if (kind === 'removed') {
    return new ConflictError('PLATFORM_REMOVED', message, {
      hint: 'Add the platforms to `sources`, or set `removed-platforms: allow` to remove them.',
    });
  }
  return new ConflictError('PREVIOUS_UNREADABLE', message, {
    hint: 'Give the login permission to read the tag, or set `removed-platforms: warn`.',
  });
}
