import { layersSize } from '../../oci/manifest.ts';
import { dockerList, ociIndex } from '../../oci/media-types.ts';
import { familiarReference, formatRepository } from '../../oci/reference.ts';
import { formatBytes } from '../../pipeline/byte-size.ts';
import type { Member } from '../../pipeline/member.ts';
import { clientTable } from './client-table.ts';
import { listDetails, listDocument } from './details.ts';
import { cellCode, folded, htmlCode, markdownCode, markdownTable, markdownText } from './markdown.ts';
import { counted, fullDigest } from './names.ts';
import { packagePage } from './pages.ts';
import { imagesOf, platformTable } from './platform-table.ts';
import type { ListsReport, ReportedTag, Result, SummaryParts } from './report.ts';
import { allTags, isPublished, repositoriesOf, tagCounts, tagTables } from './tag-table.ts';

/** The longest command in a block that does not scroll sideways, in characters. */
const maxCommandLength = 100;

/** Maximum lists whose pull commands are not folded. */
const maxPulls = 10;

/** The summary of lists that were published, or would be. */
export function listsSummary({ status, lists }: ListsReport): SummaryParts {
  const [first] = lists;
  if (first === undefined || lists.length > 1) return severalLists(status, lists);
  return {
    head: [title(status, lists, markdownCode(nameText(first))), factsOf(first)].join('\n\n'),
    body: [
      ...(status === 'published' ? [pullCommands(lists)] : []),
      ...sections(first),
      ...listDetails(first),
    ],
    documents: [listDocument(first)],
  };
}

function severalLists(status: ListsReport['status'], lists: readonly Result[]): SummaryParts {
  const rows = lists.map((list) => [
    cellCode(nameText(list)),
    String(imagesOf(list.members).length),
    tagCounts(allTags(list), list),
  ]);
  const pulls = status === 'published' ? pullCommands(lists) : '';
  return {
    head: title(status, lists, counted(lists.length, 'list')),
    body: [
      markdownTable(['List', 'Platforms:', 'Tags'], rows),
      lists.length > maxPulls ? folded('Pull commands', pulls) : pulls,
      ...lists.map((list) =>
        folded(
          htmlCode(nameText(list)),
          [factsOf(list), ...sections(list), ...listDetails(list)].filter(Boolean).join('\n\n'),
        ),
      ),
    ],
    documents: [],
  };
}

function title(status: ListsReport['status'], lists: readonly Result[], name: string): string {
  if (status === 'dry-run')
    return `### 🔎 Dry run: ${name}\n\n**Nothing was written.**${pushAccessOf(lists)}`;
  if (lists.every(({ tags }) => tags.length === 0)) return `### ⏸️ Not published: ${name}`;
  const isUnchanged = lists.every(({ tags }) => tags.every(({ state }) => state === 'unchanged'));
  return `### ✅ ${isUnchanged ? 'Unchanged' : 'Published'} ${name}`;
}

function pushAccessOf(lists: readonly Result[]): string {
  const lines = lists
    .flatMap(({ pushAccess = [] }) => pushAccess)
    .map(
      ({ repository, grant }) =>
        `<br>Permission to push to ${markdownCode(formatRepository(repository))}: ${grant}`,
    );
  return [...new Set(lines)].join('');
}

function nameText(list: Result): string {
  const [first] = allTags(list);
  return first === undefined ? 'manifest list' : familiarReference(first);
}

function factsOf({ members, served, tags }: Result): string {
  const images = imagesOf(members);
  const facts = [
    counted(images.length, 'platform'),
    ...totalSize(images),
    ...countsOf(members, ['attestation', 'artifact']),
    typeOf(served.mediaType),
  ];
  return [facts.join(' · '), fullDigest(served.digest), ...packageLink(tags)].join('<br>');
}

function totalSize(images: readonly Member[]): readonly string[] {
  const sizes = images.map(({ manifest: { content } }) =>
    content.kind === 'image' ? layersSize(content) : 0,
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return images.length > 1 && total > 0 ? [`${formatBytes(total)} in total`] : [];
}

// Several repositories are links where their tags stand.
function packageLink(tags: readonly ReportedTag[]): readonly string[] {
  const groups = repositoriesOf(tags);
  if (groups.length > 1 || !tags.some(isPublished)) return [];
  return groups.flatMap(([{ repository }]) => {
    const page = packagePage(repository);
    return page === undefined ? [] : [`[Open the package](${page})`];
  });
}

/** The number of entries of each of these kinds, without those that there are none of. */
export function countsOf(
  entries: readonly Pick<Member, 'kind'>[],
  kinds: readonly Member['kind'][],
): readonly string[] {
  return kinds.flatMap((kind) => {
    const count = entries.filter((entry) => entry.kind === kind).length;
    return count === 0 ? [] : [counted(count, kind)];
  });
}

/** The name of a list's media type. */
export function typeOf(mediaType: string): string {
  if (mediaType === ociIndex) return 'OCI image index';
  return mediaType === dockerList ? 'Docker manifest list' : markdownText(mediaType);
}

// A line for each repository of each list.
function pullCommands(lists: readonly Result[]): string {
  const commands = lists
    .flatMap(({ tags }) => repositoriesOf(tags))
    .map(([tag]) => `docker pull ${familiarReference(tag)}`);
  if (commands.length === 0) return '';
  const isLong = commands.some(({ length }) => length > maxCommandLength);
  return isLong ? commands.map(markdownCode).join('<br>') : `\`\`\`sh\n${commands.join('\n')}\n\`\`\``;
}

function sections(list: Result): readonly string[] {
  return [platformTable(list), ...tagTables(list), clientTable(list.pulls ?? [])];
}
