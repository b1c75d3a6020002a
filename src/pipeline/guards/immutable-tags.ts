import { formatReference } from '../../oci/reference.ts';
import { matchesTagGlob } from '../../policy/tag-glob.ts';
import { ConflictError } from '../../run/errors.ts';
import type { TagLedger } from '../ledger.ts';
import { type AssembledList, tagsOf } from '../list.ts';
import type { TargetTag } from '../request.ts';

/** The error for all immutable tags of the lists that would move; undefined when there is none. */
export async function immutableTagsError(
  lists: readonly AssembledList[],
  ledger: TagLedger,
): Promise<ConflictError | undefined> {
  const lines: string[] = [];
  for (const list of lists) {
    for (const tag of list.request.tags) lines.push(...(await refusalOf(tag, list, ledger)));
  }
  if (lines.length === 0) return undefined;
  const denials = tagsOf(lists).flatMap((tag) => ledger.denial(tag)?.hint ?? []);
  const message = lines.length === 1 ? lines : [`${lines.length} immutable tags would move:`, ...lines];
  return new ConflictError('TAG_IMMUTABLE', message.join('\n'), {
    hint: [...new Set(denials), 'Publish a new tag, or remove the pattern from `immutable-tags`.'].join(' '),
  });
}

async function refusalOf(
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
