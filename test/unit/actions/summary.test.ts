import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReportedTag } from '../../../src/actions/summary/report.ts';
import { renderSummary, writeSummary } from '../../../src/actions/summary/summary.ts';
import { shown, unusual } from '../../pictures/scenes.ts';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { amd64, armv7, earlier, list, published, resultOf, tagOf } from '../../support/rigs/report-rig.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const ours = list.digest as typeof earlier;

const snapshots = [
  'published',
  'moved',
  'two repositories',
  'thirty tags',
  'five lists',
  'long names',
  'cancelled',
  'purged',
  'purge refused',
  'purged nothing',
  'dry-run',
  'deferred',
  'failed',
  'first',
  'unchanged',
  'several lists',
  'half moved',
  'a bug',
  'compared',
  'inspected',
  'inspected an image',
  'inspected and failed',
  'inspected nothing, hostile',
];

for (const name of snapshots)
  test(`summary: ${name}`, (context) => {
    const report = { ...shown, ...unusual }[name];
    assert(report !== undefined);
    context.assert.snapshot(renderSummary(report), { serializers: [String] });
  });

test('a list as the registry serves it, with attestations and the inspected JSON folded below', async () => {
  const text = renderSummary({ ...published(await resultOf()), warnings: ['Mind the gap.'] });
  const lines = text.split('\n');
  for (const line of [
    '### ✅ Published `ghcr.io/acme/app:1`',
    '- Mind the gap.',
    '2 platforms · 6.2 kB in total · 2 attestations · OCI image index<br>',
  ])
    assert(
      lines.some((each) => each.startsWith(line)),
      `${line}\n\n${text}`,
    );
  for (const { digest } of [amd64, armv7])
    assert(text.includes(`| <code>${digest.slice(7, 13)}<wbr>${digest.slice(13, 19)}</code> |`));
  assert.equal(text.match(/^- linux\/\S+ · SLSA provenance<br>`sha256:/gm)?.length, 2);
  assert.deepEqual(inspected(text), JSON.parse(list.bytes.toString()));
});

/** The JSON that a browser shows. */
function inspected(text: string): unknown {
  const [, json = ''] = /<pre><code>([\s\S]*)<\/code><\/pre>/.exec(text) ?? [];
  return JSON.parse(json.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))));
}

const purgeReport = {
  status: 'purged',
  tags: [
    { name: 'ghcr.io/acme/app:run-1-amd64', state: 'removed' },
    { name: 'ghcr.io/acme/app:run-1-arm64', state: 'changed' },
    { name: 'ghcr.io/acme/app:run-1-armv7', state: 'refused' },
    { name: 'ghcr.io/acme/app:run-1-riscv64', state: 'absent' },
  ],
  drafts: [{ name: 'docker-manifest:ghcr.io/acme/app:1', state: 'found' }],
  warnings: ['Mind the gap.'],
} as const;

for (const mode of ['purge', 'dry-run'] as const)
  test(`summary of a clean-up: ${mode}`, (context) => {
    context.assert.snapshot(renderSummary({ ...purgeReport, mode }), { serializers: [String] });
  });

const changes: readonly (readonly [name: string, given: ReportedTag, out: string])[] = [
  ['created', tagOf('a:1'), 'created'],
  ['moved', tagOf('a:1', { state: 'moved', previous: earlier }), 'moved from <code>eeeeee<wbr>eeeeee</code>'],
  ['moved from what could not be read', tagOf('a:1', { state: 'moved' }), 'moved'],
  ['unchanged', tagOf('a:1', { state: 'unchanged', previous: ours }), 'unchanged'],
  ['would be created', tagOf('a:1', { state: 'dry-run' }), 'would be created'],
  [
    'would move',
    tagOf('a:1', { state: 'dry-run', previous: earlier }),
    'would move from <code>eeeeee<wbr>eeeeee</code>',
  ],
  ['would stay', tagOf('a:1', { state: 'dry-run', previous: ours }), 'would not change'],
  ['unknown', tagOf('a:1', { state: 'unknown' }), 'unknown: its current content could not be read'],
];

for (const [name, tag, out] of changes)
  test(`tag: ${name}`, async () => {
    const text = renderSummary(published(await resultOf({ tags: [tag] })));
    assert(text.includes(`| \`1\` | ${out} |`), text);
  });

test('a Windows image whose revision grew is replaced, not added and removed', async () => {
  const windows = (version: string) => ({ os: 'windows', architecture: 'amd64', 'os.version': version });
  const entries = [{ platform: windows('10.0.20348.1'), digest: earlier }];
  const content = makeIndex([makeImage(windows('10.0.20348.2'))]);
  const before = { tag: '1', digest: earlier, entries };
  const text = renderSummary(published(await resultOf({ before }, content)));
  assert.match(text, /\| windows\/<wbr>amd64 \(10\.0\.<wbr>20348\.2\) \| [^|]+ \| replaced \|/);
  assert.doesNotMatch(text, /removed|added/);
});

test('a command too long for a block that does not scroll is code that wraps', async () => {
  const long = tagOf(`ghcr.io/acme/${'a'.repeat(90)}:1`);
  assert.match(
    renderSummary(published(await resultOf())),
    /^```sh\ndocker pull ghcr\.io\/acme\/app:1\n```$/m,
  );
  assert.match(renderSummary(published(await resultOf({ tags: [long] }))), /^<code>docker pull ghcr/m);
});

test('a list without end loses its JSON first, then its tables, and says so', async () => {
  const large = makeIndex([makeImage('linux/amd64')], { annotations: { a: '<'.repeat(300_000) } });
  const short = renderSummary(published(await resultOf({}, large)));
  assert.match(short, /The JSON is too large for a summary: output `json-file`/);
  assert.match(short, /\| Platform \| Size \|/);
  const tags = Array.from({ length: 60_000 }, (_, n) => tagOf(`ghcr.io/acme/app:v${n}`));
  const shortest = renderSummary(published(await resultOf({ tags })));
  assert.match(shortest, /^### ✅ Published `ghcr\.io\/acme\/app:v0`/);
  assert.match(shortest, /The rest is too large for a summary/);
  for (const text of [short, shortest]) assert(Buffer.byteLength(text) <= 1_048_576);
});

test('a summary within the limit counts bytes, not characters', async () => {
  const wide = makeIndex([makeImage('linux/amd64')], { annotations: { a: '世'.repeat(400_000) } });
  assert(Buffer.byteLength(renderSummary(published(await resultOf({}, wide)))) <= 1_048_576);
});

test('of very many warnings and lines of a cause the first are shown', async () => {
  const warnings = Array.from({ length: 60 }, (_, n) => `Warning ${n}`);
  const text = renderSummary({ ...published(await resultOf()), warnings });
  assert.match(text, /^- Warning 49\n- … and 10 more in the log\.$/m);
  const failure = { title: 'x', cause: warnings.join('\n') };
  const failed = renderSummary({ status: 'failed', failure, tags: [], sources: [], warnings: [] });
  assert.match(failed, /^Warning 24<br>\n… and 35 more lines in the log\.$/m);
});

test('the summary is added to what the step has written, and a file that cannot be written is a warning', async (context) => {
  const directory = temporaryDirectory(context);
  const file = join(directory, 'summary.md');
  await writeFile(file, 'before\n');
  const told = new Told();
  const report = published(await resultOf());
  await writeSummary(report, file, told);
  assert.match(await readFile(file, 'utf8'), /^before\n### ✅ Published/);
  await writeSummary(report, join(directory, 'none', 'summary.md'), told);
  assert.equal(told.warnings.length, 1);
  assert.match(told.warnings[0] ?? '', /could not be written: .*ENOENT/);
  for (const none of [undefined, '']) await writeSummary(report, none, told);
  assert.equal(told.warnings.length, 1);
});
