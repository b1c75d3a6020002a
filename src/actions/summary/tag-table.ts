import { familiarReference, formatRepository, type Repository } from '../../oci/reference.ts';
import type { HeldBackTag } from '../../pipeline/list.ts';
import type { TargetTag } from '../../pipeline/request.ts';
import { cellCode, folded, markdownCode, markdownTable, markdownText } from './markdown.ts';
import { counted, shortDigest } from './names.ts';
import { packagePage } from './pages.ts';
import type { ReportedTag, Result } from './report.ts';

/** Maximum tags of a repository that are not folded. */
const maxRows = 10;

/** What became of the tags of a list: a table for each repository, which is named once if there are several. */
export function tagTables(list: Result): readonly string[] {
  return byRepository(allTags(list), (tags) => {
    const rows = tags.map((tag) => [cellCode(tag.tag), changeOf(tag, list)]);
    const table = markdownTable(['Tag', 'Change'], rows);
    return rows.length > maxRows
      ? folded(`${counted(rows.length, 'tag')}: ${tagCounts(tags, list)}`, table)
      : table;
  });
}

/** Markdown for the tags of each repository, below its name if there are several; the names link to known pages. */
export function byRepository<T extends TargetTag>(
  tags: readonly T[],
  render: (tags: readonly T[]) => string,
): readonly string[] {
  const groups = repositoriesOf(tags);
  if (groups.length < 2) return groups.map(render);
  const isOneRegistry = new Set(tags.map(({ repository }) => repository.registry)).size === 1;
  const nameOf = isOneRegistry ? familiarName : formatRepository;
  return groups.flatMap((group) => [`**${linkOf(group, nameOf)}**`, render(group)]);
}

/** The tags of each repository, in the order of their first tags. */
export function repositoriesOf<T extends TargetTag>(tags: readonly T[]): readonly TagGroup<T>[] {
  const groups = Map.groupBy(tags, ({ repository }) => formatRepository(repository));
  return [...groups.values()] as unknown as readonly TagGroup<T>[];
}

type TagGroup<T extends TargetTag> = readonly [T, ...T[]];

/** Whether the run set the tag, or found it as wanted. */
export function isPublished(tag: TargetTag & { readonly state?: string }): boolean {
  return ['created', 'moved', 'unchanged'].includes(tag.state ?? '');
}

const familiarName = (repository: Repository): string => familiarReference({ repository });

function linkOf(tags: TagGroup<TargetTag>, nameOf: (repository: Repository) => string): string {
  const [{ repository }] = tags;
  const name = markdownCode(nameOf(repository));
  const page = tags.some(isPublished) ? packagePage(repository) : undefined;
  return page === undefined ? name : `[${name}](${page})`;
}

/** The number of tags with each result: `1 created, 2 moved`. */
export function tagCounts(tags: readonly ListTag[], list: Result): string {
  const wordFor = (tag: ListTag) => ('newVersion' in tag ? '**older, not moved**' : wordOf(tag, list));
  const groups = Map.groupBy(tags, wordFor);
  return [...groups].map(([word, { length }]) => `${length} ${word}`).join(', ');
}

type ListTag = ReportedTag | HeldBackTag;

/** The tags of a list, also those that stay. */
export function allTags({ tags, heldBack = [] }: Result): readonly ListTag[] {
  return [...tags, ...heldBack];
}

function changeOf(tag: ListTag, list: Result): string {
  if ('newVersion' in tag)
    return `**stays** at ${markdownText(tag.version)}: ${markdownText(tag.newVersion)} is older`;
  const word = wordOf(tag, list);
  if (word === 'unknown') return 'unknown: its current content could not be read';
  return tag.previous && /move/.test(word) ? `${word} from ${shortDigest(tag.previous)}` : word;
}

function wordOf({ previous, state }: ReportedTag, { served }: Result): string {
  if (state !== 'dry-run') return state;
  if (previous === undefined) return 'would be created';
  return previous === served.digest ? 'would not change' : 'would move';
}
