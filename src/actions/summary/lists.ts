import { dockerList, ociIndex } from '../../oci/media-types.ts';
import { familiarReference, formatRepository } from '../../oci/reference.ts';
import type { HeldBackTag } from '../../pipeline/list.ts';
import type { Member } from '../../pipeline/member.ts';
import { clientTable } from './client-table.ts';
import { listDetails, listDocument } from './details.ts';
import { folded, htmlCode, markdownCode, markdownTable, markdownText } from './markdown.ts';
import { counted, fullDigest, platformName, shortDigest, tagName } from './names.ts';
import { imagesOf, platformTable } from './platform-table.ts';
import type { ListsReport, ReportedTag, Result } from './report.ts';
import type { SummaryParts } from './summary-parts.ts';

/** The longest command in a block that does not scroll sideways, in characters. */
const maxCommandLength = 100;

/** The summary of lists that were published, or would be. */
export function listsSummary({ status, lists }: ListsReport): SummaryParts {
  const [first] = lists;
  if (first === undefined || lists.length > 1) return severalLists(status, lists);
  return {
    head: [title(status, lists, nameOf(first)), factsOf(first)].join('\n\n'),
    body: [
      ...(status === 'published' ? [pullCommand(first)] : []),
      ...sections(first),
      ...listDetails(first),
    ],
    documents: [listDocument(first)],
  };
}

function severalLists(status: ListsReport['status'], lists: readonly Result[]): SummaryParts {
  const rows = lists.map((list) => [
    nameOf(list),
    imagesOf(list.members)
      .map(({ descriptor }) => platformName(descriptor.platform))
      .join(', '),
    [
      ...list.tags.map((tag) => `${markdownCode(tag.tag)} ${changeOf(tag, list)}`),
      ...(list.heldBack ?? []).map((tag) => `${markdownCode(tag.tag)} ${heldBackText(tag)}`),
    ].join('<br>'),
    shortDigest(list.served.digest),
  ]);
  return {
    head: title(status, lists, counted(lists.length, 'list')),
    body: [
      markdownTable(['List', 'Platforms', 'Tags', 'Digest'], rows),
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

function nameOf(list: Result): string {
  return markdownCode(nameText(list));
}

function nameText({ tags, heldBack = [] }: Result): string {
  const [first] = [...tags, ...heldBack];
  if (first === undefined) return 'manifest list';
  return familiarReference({ repository: first.repository, tag: first.tag });
}

function factsOf({ members, served }: Result): string {
  const facts = [
    counted(imagesOf(members).length, 'platform'),
    ...countsOf(members, ['attestation', 'artifact']),
    typeOf(served.mediaType),
  ];
  return `${facts.join(' · ')}<br>${fullDigest(served.digest)}`;
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

function pullCommand({ tags: [first] }: Result): string {
  if (first === undefined) return '';
  const command = `docker pull ${familiarReference(first)}`;
  return command.length > maxCommandLength ? markdownCode(command) : `\`\`\`sh\n${command}\n\`\`\``;
}

function sections(list: Result): readonly string[] {
  return [platformTable(list), tagTable(list), clientTable(list.pulls ?? [])];
}

function tagTable(list: Result): string {
  const rows = [
    ...list.tags.map((tag) => [tagName(tag), changeOf(tag, list)]),
    ...(list.heldBack ?? []).map((tag) => [tagName(tag), heldBackText(tag)]),
  ];
  return markdownTable(['Tag', 'Change'], rows);
}

function heldBackText({ version, newVersion }: HeldBackTag): string {
  return `**stays** at ${markdownText(version)}: ${markdownText(newVersion)} is older`;
}

function changeOf({ previous, state }: ReportedTag, { served }: Result): string {
  if (state === 'unknown') return 'unknown: its current content could not be read';
  if (state !== 'dry-run')
    return state === 'moved' && previous ? `moved from ${shortDigest(previous)}` : state;
  if (previous === undefined) return 'would be created';
  return previous === served.digest ? 'would not change' : `would move from ${shortDigest(previous)}`;
}
