import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportedTag } from '../../../src/actions/summary/report.ts';
import { resultLines } from '../../../src/actions/summary/result-lines.ts';
import { earlier, list, resultOf, tagOf } from '../../support/rigs/report-rig.ts';

const ours = list.digest as typeof earlier;

const table: readonly { name: string; in: Omit<ReportedTag, 'repository' | 'tag'>; out: string }[] = [
  { name: 'created', in: { state: 'created' }, out: 'Created docker.io/library/a:1' },
  {
    name: 'moved',
    in: { state: 'moved', previous: earlier },
    out: 'Moved docker.io/library/a:1 (was eeeeeeeeeeee)',
  },
  { name: 'moved from what could not be read', in: { state: 'moved' }, out: 'Moved docker.io/library/a:1' },
  { name: 'unchanged', in: { state: 'unchanged', previous: ours }, out: 'Unchanged docker.io/library/a:1' },
  { name: 'would be created', in: { state: 'dry-run' }, out: 'Would create docker.io/library/a:1' },
  {
    name: 'would move',
    in: { state: 'dry-run', previous: earlier },
    out: 'Would move docker.io/library/a:1 (was eeeeeeeeeeee)',
  },
  {
    name: 'would stay',
    in: { state: 'dry-run', previous: ours },
    out: 'Would not change docker.io/library/a:1',
  },
  {
    name: 'unknown',
    in: { state: 'unknown' },
    out: 'Would set docker.io/library/a:1 (its current content could not be read)',
  },
];

for (const { name, in: tag, out } of table)
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
