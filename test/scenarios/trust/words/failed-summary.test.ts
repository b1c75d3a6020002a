/** A run that fails writes a summary too: a row for each source and for each tag. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';

/** The row of a table, or of the list that stands for a wide one, that holds this text. */
function rowOf(summary: string, text: string): string {
  const shown = summary.replaceAll('<wbr>', '');
  const rows = shown.split('\n').filter((line) => /^(?:\||-) /.test(line) && line.includes(text));
  assert.equal(rows.length, 1, `one row with ${text} in\n${summary}`);
  return rows[0] ?? '';
}

scenario('sources that are found, missing and refused have a row each', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64'));
  await t.push('app:arm64', makeImage('linux/arm64'));
  t.registry.inject({ fault: 'status', status: 403, on: { path: /\/manifests\/riscv64$/, times: 99 } });
  const names = ['amd64', 'arm64', 'missing', 'riscv64'].map((tag) => t.ref(`app:${tag}`));
  const tags = `${t.ref('out:1')}\n${t.ref('out:latest')}`;
  const run = await t.publish({ tags, sources: names.join('\n'), 'wait-for-sources': '0' });
  assert.equal(run.exitCode, 1, run.stdout);
  for (const name of names.slice(0, 2)) assert.match(rowOf(run.summary, name), /\bfound\b/i);
  assert.match(rowOf(run.summary, names[2] ?? ''), /\bmissing\b/i);
  assert.match(rowOf(run.summary, names[3] ?? ''), /\brefused\b/i);
  for (const tag of ['1', 'latest']) rowOf(run.summary, `| \`${tag}\` |`);
});

scenario('a tag that could not be set, and one that was put back', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64'));
  await t.push('app:one', makeImage('linux/arm64'));
  t.registry.inject({
    fault: 'status',
    status: 403,
    on: { method: 'PUT', path: /\/manifests\/two$/, times: 99 },
  });
  const tags = `${t.ref('app:one')}\n${t.ref('app:two')}`;
  const run = await t.publish({ tags, sources: t.ref('app:amd64') });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(rowOf(run.summary, '`two`'), /\brefused\b|\bdenied\b|\bfailed\b/i);
  rowOf(run.summary, '`one`');
  assert.match(rowOf(run.summary, t.ref('app:amd64')), /\bfound\b/i);
});

scenario('summary: false writes none for a run that fails either', {}, async (t) => {
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:2'), summary: 'false' });
  assert.equal(run.exitCode, 1);
  assert.equal(run.summary, '');
});

scenario('a summary that cannot be written does not hide the error', {}, async (t) => {
  const env = { GITHUB_STEP_SUMMARY: '/nowhere/summary' };
  const run = await t.publish(
    { tags: t.ref('app:1'), sources: t.ref('app:2'), 'wait-for-sources': '0' },
    { env },
  );
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /\[SOURCE_MISSING\]/);
});
