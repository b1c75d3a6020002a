/** Limits count what is read: files of procfs state a size of zero and have content nevertheless. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, errorOf } from '../../evidence.ts';

/** Some megabytes of names on any Linux. */
const large = '/proc/kallsyms';
const skip = sizeOf(large) > 2 * 1024 * 1024 ? false : `${large} is small here`;

function sizeOf(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    return 0;
  }
}

scenario('a file of digests that is larger than it says', { skip }, async (t) => {
  const run = await t.publish({ tags: t.ref('app:1'), sources: `digests:${large}` });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /1048576/);
});

scenario('the environment of the process is no metadata, and is not quoted', { skip }, async (t) => {
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:/proc/self/environ' });
  await assertNothingDone(t, run, ['app:1']);
  assert.doesNotMatch(run.stdout, /PATH=|HOME=/);
});

for (const path of ['/dev/zero', '/proc/self/pagemap']) {
  const there = process.platform === 'linux' ? false : `there is no ${path}`;
  scenario(`${path} is not read to its end, for it has none`, { skip: there }, async (t) => {
    const inputs = { tags: t.ref('app:1'), sources: `metadata:${path}` };
    const run = await t.publish(inputs, { manner: 'process', limit: 60_000 });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /\[SOURCE_(?:FILE|METADATA)\]/);
    assert.ok((run.peakRssBytes ?? 0) < 250 * 1024 * 1024, `${run.peakRssBytes} bytes`);
  });
}
