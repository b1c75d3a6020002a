import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troubleshootingPage } from '../../../src/actions/summary/pages.ts';
import type { FailedRunTag, ReportedSource } from '../../../src/actions/summary/report.ts';
import { renderSummary } from '../../../src/actions/summary/summary.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import { earlier } from '../../support/rigs/report-rig.ts';

const failure = { code: 'TAGS_FAILED', title: 'A tag could not be set', cause: 'It failed.' };
const { repository } = parseReference('ghcr.io/acme/app');

function summaryOf(tags: readonly FailedRunTag[], sources: readonly ReportedSource[]): string {
  return renderSummary({ status: 'failed', failure, tags, sources, warnings: [] });
}

const tagRows: readonly { in: Omit<FailedRunTag, 'repository' | 'tag'>; out: string }[] = [
  { in: { state: 'untouched' }, out: 'not changed' },
  { in: { state: 'untouched', held: earlier }, out: 'not changed, holds <code>eeeeee<wbr>eeeeee</code>' },
  { in: { state: 'created', held: earlier }, out: '**created**, holds <code>eeeeee<wbr>eeeeee</code>' },
  {
    in: { state: 'moved', held: earlier, why: 'no' },
    out: '**moved**, holds <code>eeeeee<wbr>eeeeee</code>: no',
  },
  { in: { state: 'restored', held: earlier }, out: 'put back, holds <code>eeeeee<wbr>eeeeee</code>' },
  { in: { state: 'overtaken', held: earlier }, out: '**overtaken**, holds <code>eeeeee<wbr>eeeeee</code>' },
  { in: { state: 'unknown', why: 'denied' }, out: '**unknown**: denied' },
];

for (const { in: tag, out } of tagRows)
  test(`tag of a failed run: ${out}`, () => {
    const text = summaryOf([{ repository, tag: '1', ...tag }], []);
    assert(text.includes(`| \`1\` | ${out} |`), text);
  });

const sourceRows: readonly (readonly [given: ReportedSource, out: string])[] = [
  [
    {
      name: 'a',
      state: 'found',
      digest: earlier,
      platforms: ['linux/amd64', 'linux/arm64'].map(parsePlatform),
    },
    'found <code>eeeeee<wbr>eeeeee</code> | linux/<wbr>amd64, linux/<wbr>arm64',
  ],
  [{ name: 'a', state: 'missing' }, '**missing** | –'],
  [{ name: 'a', state: 'unread' }, 'not looked at | –'],
  [{ name: 'a', state: 'refused', reason: 'denied' }, '**refused**: denied | –'],
];

for (const [source, out] of sourceRows)
  test(`source of a failed run: ${source.state}`, () => {
    assert(summaryOf([], [source]).includes(`| \`a\` | ${out} |`));
  });

test('tags come before sources once one of them was written', () => {
  const source = { name: 'a', state: 'missing' } as const;
  const order = (state: FailedRunTag['state']): boolean => {
    const text = summaryOf([{ repository, tag: '1', state }], [source]);
    return text.indexOf('| Tag |') < text.indexOf('| Source |');
  };
  assert.equal(order('untouched'), false);
  assert.equal(order('restored'), true);
});

const runner = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_ACTION_REPOSITORY: 'acme/multiarch-manifest-action',
  GITHUB_ACTION_REF: 'v1',
};

const pages: readonly { name: string; in: Readonly<Record<string, string>>; out: string | undefined }[] = [
  {
    name: 'a version',
    in: {},
    out: 'https://github.com/acme/multiarch-manifest-action/blob/v1/docs/TROUBLESHOOTING.md#source_missing',
  },
  { name: 'a local action', in: { GITHUB_ACTION_REPOSITORY: '', GITHUB_ACTION_REF: '' }, out: undefined },
  { name: 'a repository that is none', in: { GITHUB_ACTION_REPOSITORY: 'a/b](x)' }, out: undefined },
  { name: 'a ref that is none', in: { GITHUB_ACTION_REF: 'v1)[' }, out: undefined },
  { name: 'a server that is none', in: { GITHUB_SERVER_URL: 'javascript:alert(1)' }, out: undefined },
];

for (const { name, in: change, out } of pages)
  test(`page of a code: ${name}`, () =>
    assert.equal(troubleshootingPage('SOURCE_MISSING', { ...runner, ...change }), out));
