import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportedTag } from '../../../src/actions/summary/report.ts';
import { resultLines } from '../../../src/actions/summary/result-lines.ts';
import { earlier, list, resultOf, tagOf } from '../../support/rigs/report-rig.ts';

const ours = list.digest as typeof earlier;

const table: readonly (readonly [
  name: string,
  given: Omit<ReportedTag, 'repository' | 'tag'>,
  out: string,
])[] = [
  ['created', { state: 'created' }, 'Created docker.io/library/a:1'],
  ['moved', { state: 'moved', previous: earlier }, 'Moved docker.io/library/a:1 (was eeeeeeeeeeee)'],
  ['moved from what could not be read', { state: 'moved' }, 'Moved docker.io/library/a:1'],
  ['unchanged', { state: 'unchanged', previous: ours }, 'Unchanged docker.io/library/a:1'],
  ['would be created', { state: 'dry-run' }, 'Would create docker.io/library/a:1'],
  [
    'would move',
    { state: 'dry-run', previous: earlier },
    'Would move docker.io/library/a:1 (was eeeeeeeeeeee)',
  ],
  ['would stay', { state: 'dry-run', previous: ours }, 'Would not change docker.io/library/a:1'],
  [
    'unknown',
    { state: 'unknown' },
    'Would set docker.io/library/a:1 (its current content could not be read)',
  ],
];

for (const [name, tag, out] of table)
  test(`last line of a tag: ${name}`, async () => {
    const [line, ...rest] = resultLines([await resultOf({ tags: [tagOf('a:1', tag)] })]);
    assert.equal(line, `${out} ${ours}`);
    assert.deepEqual(rest, ['dry-run', 'unknown'].includes(tag.state) ? [] : ['docker pull a:1']);
  });

test('one command to pull for each list, after all tags', async () => {
  const lists = await Promise.all(
    ['a', 'b'].map((name) => resultOf({ tags: [tagOf(`${name}:1`), tagOf(`${name}:2`)] })),
  );
  assert.deepEqual(resultLines(lists).slice(3), [
    `Created docker.io/library/b:2 ${ours}`,
    'docker pull a:1',
    'docker pull b:1',
  ]);
});
