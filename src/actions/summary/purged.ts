import { cellCode, markdownTable } from './markdown.ts';
import { counted } from './names.ts';
import type { PurgedName, PurgeReport, SummaryParts } from './report.ts';

/** The summary of a clean-up: the result for each tag and draft. */
export function purgeSummary({ mode, tags, drafts }: PurgeReport): SummaryParts {
  const wanted = mode === 'purge' ? 'removed' : 'found';
  const [counts, all] = [
    kindsOf(tags, drafts, ({ state }) => state === wanted),
    kindsOf(tags, drafts, () => true),
  ];
  return {
    head: headOf(mode, [...tags, ...drafts], counts, all),
    body: [tableOf('Tag', tags, tagWords[mode]), tableOf('Local draft', drafts, stateWords)],
    documents: [],
  };
}

function kindsOf(
  tags: readonly PurgedName[],
  drafts: readonly PurgedName[],
  isCounted: (name: PurgedName) => boolean,
): string {
  const counts = [tags, drafts].map((names) => names.filter(isCounted).length);
  return counts.flatMap((count, at) => (count > 0 ? counted(count, kinds[at] ?? '') : [])).join(' and ');
}

const kinds = ['tag', 'local draft'];

function headOf(
  mode: PurgeReport['mode'],
  names: readonly PurgedName[],
  counts: string,
  all: string,
): string {
  const left = names.filter(({ state }) => state === 'refused' || state === 'changed').length;
  if (mode === 'dry-run') return `### 🔍 Dry run: ${counts || 'nothing'} to remove`;
  if (left > 0) return `### ⚠️ ${left} of ${all} not removed${counts && `\n\nRemoved: ${counts}`}`;
  return counts === '' ? '### 🧹 Nothing to remove' : `### 🧹 Removed ${counts}`;
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
