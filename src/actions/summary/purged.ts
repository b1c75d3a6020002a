import { cellCode, markdownTable } from './markdown.ts';
import { counted } from './names.ts';
import type { PurgedName, PurgeReport, SummaryParts } from './report.ts';

/** The summary of a clean-up: the result for each tag and draft. */
export function purgeSummary({ mode, tags, drafts }: PurgeReport): SummaryParts {
  const wanted = mode === 'purge' ? 'removed' : 'found';
  const count = (names: readonly PurgedName[]): number =>
    names.filter(({ state }) => state === wanted).length;
  const counts = `${counted(count(tags), 'tag')} and ${counted(count(drafts), 'local draft')}`;
  return {
    head: headOf(mode, [...tags, ...drafts], counts),
    body: [tableOf('Tag', tags, tagWords[mode]), tableOf('Local draft', drafts, stateWords)],
    documents: [],
  };
}

function headOf(mode: PurgeReport['mode'], names: readonly PurgedName[], counts: string): string {
  const left = names.filter(({ state }) => state === 'refused' || state === 'changed').length;
  if (mode === 'dry-run') return `### 🔍 Dry run: ${counts} to remove`;
  if (left > 0) return `### ⚠️ ${left} of ${names.length} not removed\n\nRemoved: ${counts}`;
  return names.some(({ state }) => state === 'removed')
    ? `### 🧹 Removed ${counts}`
    : '### 🧹 Nothing to remove';
}

function tableOf(head: string, names: readonly PurgedName[], words: StateWords): string {
  const rows = names.map(({ name, state }) => [cellCode(name), words[state]]);
  return markdownTable([head, 'State'], rows);
}

type StateWords = Readonly<Record<PurgedName['state'], string>>;

const stateWords: StateWords = {
  removed: 'removed',
  found: 'would be removed',
  absent: 'does not exist',
  changed: '**not removed**: holds another manifest now',
  refused: '**not removed**: see the warnings',
};

const tagWords: Readonly<Record<PurgeReport['mode'], StateWords>> = {
  purge: stateWords,
  'dry-run': { ...stateWords, refused: '**would be refused**: see the warnings' },
};
