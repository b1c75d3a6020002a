import { stateWords } from '../../pipeline/tag.ts';
import { cellCode, folded, markdownCode, markdownMessage, markdownTable, markdownText } from './markdown.ts';
import { counted, platformName, shortDigest, tagName } from './names.ts';
import type {
  DeferredReport,
  FailedReport,
  FailedRunTag,
  LeftOutReport,
  ReportedFailure,
  ReportedSource,
  SummaryParts,
} from './report.ts';
import { byRepository } from './tag-table.ts';

/** Most lines of a cause that are shown; the log has them all. */
const maxCauseLines = 25;

/** Maximum unchanged tags of a repository that are not folded. */
const maxTags = 10;

/** The summary of a run that waits for the sources of other jobs. */
export function deferredSummary({ tags: [first, ...others], sources }: DeferredReport): SummaryParts {
  const missing = sources.filter(({ state }) => state === 'missing').length;
  const name = first === undefined ? '' : `: ${tagName(first)}`;
  return {
    head: [
      `### ⏳ Deferred${name}`,
      `${counted(missing, 'source')} of ${sources.length} ${missing === 1 ? 'is' : 'are'} missing, so nothing was published. The job that pushes the last source publishes the list.`,
    ].join('\n\n'),
    body: [
      sourceTable(sources),
      others.length === 0 ? '' : `Also waiting: ${others.map(({ tag }) => markdownCode(tag)).join(', ')}`,
    ],
    documents: [],
  };
}

/** The summary of a run whose lists are all left out. */
export function leftOutSummary({ notes }: LeftOutReport): SummaryParts {
  const head =
    '### ⚪ Nothing to publish\n\nEvery list of `spec` is optional, and has no tags or no sources in this run. No tag was set, and `published` is `false`.';
  return { head, body: [notes.map((note) => `- ${markdownMessage(note)}`).join('\n')], documents: [] };
}

/** The summary of a run that failed, or was cancelled. */
export function failedSummary({ status, failure, tags, sources }: FailedReport): SummaryParts {
  const [first] = tags;
  const name = first === undefined ? '' : `: ${tagName(first)}`;
  const tagTables = failedTagTables(tags);
  const isWritten = tags.some(({ state }) => state !== 'untouched');
  return {
    head:
      status === 'cancelled'
        ? `### 🚫 Cancelled${name}`
        : `### ❌ Failed${name}\n\n**${markdownText(failure.title)}**`,
    lead: [causeOf(failure), remedyOf(failure)],
    body: isWritten ? [...tagTables, sourceTable(sources)] : [sourceTable(sources), ...tagTables],
    documents: [],
  };
}

/** Why a run failed, every line as a line. */
export function causeOf({ cause }: ReportedFailure): string {
  const lines = cause.split('\n').filter((line) => line.trim() !== '');
  const shown = lines.slice(0, maxCauseLines).map(markdownMessage);
  const more = lines.length - shown.length;
  const rest = more === 0 ? [] : [`… and ${counted(more, 'more line')} in the log.`];
  return [...shown, ...rest].join('<br>\n');
}

/** The remedy for a failure, and where to read more. */
export function remedyOf({ remedy, code, page }: ReportedFailure): string {
  const words = remedy === undefined ? [] : [`**To fix it:** ${markdownMessage(remedy)}`];
  if (code === undefined) return words.join('');
  const place = page && `[More about ${code}](${page})`;
  return [...words, place ?? `More in docs/TROUBLESHOOTING.md: ${markdownCode(code)}`].join('<br>\n');
}

function failedTagTables(tags: readonly FailedRunTag[]): readonly string[] {
  return byRepository(tags, (group) => {
    const rows = group.map((tag) => [cellCode(tag.tag), tagState(tag)]);
    const table = markdownTable(['Tag', 'Now'], rows);
    const isTold = group.every(({ state, why }) => state === 'untouched' && why === undefined);
    return isTold && rows.length > maxTags
      ? folded(`${counted(rows.length, 'tag')}: not changed`, table)
      : table;
  });
}

function tagState({ state, held, why }: FailedRunTag): string {
  const word = harmless.has(state) ? stateWords[state] : `**${stateWords[state]}**`;
  const holds = held === undefined ? '' : `, holds ${shortDigest(held)}`;
  return `${word}${holds}${why === undefined ? '' : `: ${markdownMessage(why)}`}`;
}

const harmless: ReadonlySet<FailedRunTag['state']> = new Set(['untouched', 'restored']);

function sourceTable(sources: readonly ReportedSource[]): string {
  const rows = sources.map((source) => [
    cellCode(source.name),
    stateOf(source),
    source.state === 'found' ? source.platforms.map(platformName).join(', ') : '–',
  ]);
  return markdownTable(['Source', 'State', 'Platform'], rows);
}

function stateOf(source: ReportedSource): string {
  switch (source.state) {
    case 'found':
      return `found ${shortDigest(source.digest)}`;
    case 'missing':
      return '**missing**';
    case 'refused':
      return `**refused**: ${markdownMessage(source.reason)}`;
    case 'unread':
      return 'not looked at';
  }
}
