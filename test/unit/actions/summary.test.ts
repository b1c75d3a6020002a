import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../../src/actions/summary/report.ts';
import { renderSummary, writeSummary } from '../../../src/actions/summary.ts';
import { makeImage, makeIndex } from '../../support/images.ts';
import { Told } from '../http/wire-rig.ts';
import { amd64, armv7, earlier, list, reportOf, tagOf } from './report-rig.ts';

const ours = list.digest as typeof earlier;

test('what moved, what it holds, and the inspected JSON folded below', async () => {
  const tags = [
    tagOf('ghcr.io/acme/app:1', { state: 'moved', previous: earlier }),
    tagOf('ghcr.io/acme/app:2'),
    tagOf('ghcr.io/acme/app:3', { state: 'unchanged', previous: ours }),
  ];
  const text = renderSummary(await reportOf({ tags, warnings: ['Mind the gap.'] }));
  const lines = text.split('\n');
  for (const line of [
    '### ghcr.io/acme/app:1',
    `| \`ghcr.io/acme/app:1\` | \`${earlier}\` | \`${ours}\` |`,
    `| \`ghcr.io/acme/app:2\` | <code>–</code> | \`${ours}\` |`,
    `| \`ghcr.io/acme/app:3\` | \`${ours}\` | unchanged |`,
    '- Mind the gap.',
  ]) {
    assert(lines.includes(line), `${line}\n\n${text}`);
  }
  assert(lines.some((line) => line.startsWith(`| linux/amd64 | \`${amd64.digest}\` | `)));
  assert(lines.some((line) => line.startsWith(`| linux/arm/v7 | \`${armv7.digest}\` | `)));
  assert.equal(lines.filter((line) => line.startsWith('| attestation | ')).length, 2);
  assert.deepEqual(inspected(text), JSON.parse(list.bytes.toString()));
});

/** The JSON that a browser shows. */
function inspected(text: string): unknown {
  const [, json = ''] = /<pre><code>([\s\S]*)<\/code><\/pre>/.exec(text) ?? [];
  return JSON.parse(json.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))));
}

const dry: readonly { name: string; in: Report['tags'][number]; out: string }[] = [
  {
    name: 'a tag that would move',
    in: tagOf('a:1', { state: 'dry-run', previous: earlier }),
    out: `would be \`${ours}\``,
  },
  { name: 'a tag that would come', in: tagOf('a:1', { state: 'dry-run' }), out: `would be \`${ours}\`` },
  {
    name: 'a tag that would stay',
    in: tagOf('a:1', { state: 'dry-run', previous: ours }),
    out: 'would not change',
  },
];

for (const { name, in: tag, out } of dry) {
  test(`dry run: ${name}`, async () => {
    const text = renderSummary(await reportOf({ tags: [tag] }));
    assert(text.includes('dry run: nothing was pushed'));
    assert(text.includes(`| ${out} |`), text);
  });
}

const hostile = [
  '<script>alert(1)</script>',
  '</code></pre></details><h1>big</h1>',
  '| a | b |\n| --- | --- |',
  '`code` **bold** [x](https://evil.example)',
  '::error::boom\n##[error]boom',
  '\u001b[31mred\u202eback',
  '\n\n# heading\n\n- list',
  '@everyone #1 https://evil.example',
].join(' ');

test('hostile text is shown, and is nothing but text', async () => {
  const index = makeIndex([
    { content: makeImage('linux/amd64'), annotations: { [hostile.replace(/[\n\u001b]/g, ' ')]: hostile } },
  ]);
  const report = await reportOf({ warnings: [hostile] }, index);
  const [member] = report.members;
  assert(member !== undefined);
  const platform = { os: `linux${hostile}`, architecture: '|' };
  const members = [{ ...member, label: hostile, descriptor: { ...member.descriptor, platform } }];
  const text = renderSummary({ ...report, members });
  const tags = [...text.matchAll(/<\/?[a-z][^>]*>/gi)].map(([tag]) => tag);
  assert.deepEqual(
    new Set(tags),
    new Set(['<code>', '</code>', '<details>', '</details>', '<summary>', '</summary>', '<pre>', '</pre>']),
  );
  assert.doesNotMatch(text, /[\u001b\u202e]/);
  assert.doesNotMatch(text, /^\s*::/m);
  assert.doesNotMatch(text.split('<details>')[0] ?? '', /##\[|https:\/\/evil|@everyone|\*\*bold|\[x\]/);
  assert.deepEqual(inspected(text.replaceAll('\\u{202e}', '\\u202e')), JSON.parse(index.bytes.toString()));
});

test('each member has one row of four cells, whatever its names hold', async () => {
  const report = await reportOf();
  const members = report.members.map((member) => ({ ...member, label: hostile }));
  const rows = renderSummary({ ...report, members })
    .split('\n')
    .filter(
      (line) => line.startsWith('| ') && line.includes('sha256:') && !line.includes('ghcr.io/acme/app:1'),
    );
  assert.equal(rows.length, 4);
  for (const row of rows) assert.equal(row.split('|').length, 6, row);
});

test('a list without end loses its JSON first, then its tables, and says so', async () => {
  const large = makeIndex([makeImage('linux/amd64')], { annotations: { a: '<'.repeat(300_000) } });
  const short = renderSummary(await reportOf({}, large));
  assert.match(short, /The JSON is too large for a summary: output `json-file`/);
  assert.match(short, /\| Platform \| Digest \|/);
  const tags = Array.from({ length: 20_000 }, (_, n) => tagOf(`ghcr.io/acme/app:v${n}`));
  const shortest = renderSummary(await reportOf({ tags }));
  assert.match(shortest, /The list is too large for a summary/);
  for (const text of [short, shortest]) assert(Buffer.byteLength(text) <= 1_048_576);
});

test('a summary within the limit counts bytes, not characters', async () => {
  const wide = makeIndex([makeImage('linux/amd64')], { annotations: { a: '世'.repeat(400_000) } });
  assert(Buffer.byteLength(renderSummary(await reportOf({}, wide))) <= 1_048_576);
});

test('the summary is added to what the step has written, and a file that cannot be written is a warning', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'summary-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'summary.md');
  await writeFile(file, 'before\n');
  const told = new Told();
  await writeSummary(await reportOf(), file, told);
  assert.match(await readFile(file, 'utf8'), /^before\n### ghcr\.io/);
  await writeSummary(await reportOf(), join(directory, 'none', 'summary.md'), told);
  assert.equal(told.warnings.length, 1);
  assert.match(told.warnings[0] ?? '', /could not be written: .*ENOENT/);
  for (const none of [undefined, '']) await writeSummary(await reportOf(), none, told);
  assert.equal(told.warnings.length, 1);
});
