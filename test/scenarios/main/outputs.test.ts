/** Outputs and summary, also where the runner's files are in the way. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { parseFileCommands } from '../../support/run/file-commands.ts';
import type { ActionInputs } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, errorOf, everywhere, listOf, warningsOf } from '../evidence.ts';
import { store } from '../stock.ts';

const amd64 = makeImage('linux/amd64');
const fullDisk = '/dev/full';
const onLinux = process.platform === 'linux' ? false : `there is no ${fullDisk}`;

async function oneImage(t: Scenario): Promise<ActionInputs> {
  await t.push('app:amd64', amd64);
  return { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
}

scenario('the file of json-file holds what the registry serves, byte for byte', everywhere, async (t) => {
  await t.push('app:built', makeIndex([amd64], { indent: 5 }));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.exitCode, 0, run.stdout);
  const file = readFileSync(run.outputs['json-file'] ?? '');
  assert.deepEqual(file, (await t.served('app:1'))?.bytes);
  assert.deepEqual(JSON.parse(run.outputs['json'] ?? ''), JSON.parse(file.toString()));
  assert.ok(!run.outputs['json']?.includes('\n'));
});

scenario('metadata is what buildx writes', everywhere, async (t) => {
  const run = await t.publish(await oneImage(t));
  const { digest = '', size, 'media-type': mediaType } = run.outputs;
  assert.deepEqual(JSON.parse(run.outputs['metadata'] ?? ''), {
    'containerimage.descriptor': { mediaType, digest, size: Number(size) },
    'containerimage.digest': digest,
    'image.name': t.ref('app:1'),
  });
  assert.equal(run.outputs['image'], t.ref(`app@${digest}`));
});

scenario('no summary on request', {}, async (t) => {
  const run = await t.publish({ ...(await oneImage(t)), summary: 'false' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.summary, '');
});

scenario('a full disk for outputs is a warning once the tag is set', { skip: onLinux }, async (t) => {
  const run = await t.publish(await oneImage(t), { env: { GITHUB_OUTPUT: fullDisk } });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(warningsOf(run).length, 1);
  assert.notEqual(await t.served('app:1'), undefined);
});

scenario('a full disk for the summary is a warning', { skip: onLinux }, async (t) => {
  const run = await t.publish(await oneImage(t), { env: { GITHUB_STEP_SUMMARY: fullDisk } });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(warningsOf(run).length, 1);
});

scenario('a temporary directory that is not there is a warning', {}, async (t) => {
  const run = await t.publish(await oneImage(t), { env: { RUNNER_TEMP: '/nowhere/temp' } });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['json-file'], '');
});

scenario('outside of a runner there are no files to write, and that is no matter', {}, async (t) => {
  const env = { GITHUB_OUTPUT: undefined, GITHUB_STEP_SUMMARY: undefined, RUNNER_TEMP: undefined };
  const run = await t.publish(await oneImage(t), { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

scenario('text that looks like the end of an output stays inside it', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const trick = 'ghadelimiter_00000000-0000-0000-0000-000000000000';
  const annotations = `org.example.note=${trick}\norg.example.more=EOF<<${trick} digest=sha256:0`;
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(listOf(run).annotations?.['org.example.note'], trick);
  const written = parseFileCommands(run.directory.read('GITHUB_OUTPUT'));
  assert.equal(Object.keys(written).length, 15);
  assert.notEqual(written['digest'], 'sha256:0');
});

scenario('outputs and summary beyond what the runner takes', {}, async (t) => {
  const variants = Array.from({ length: 300 }, (_, at) => `rva20u${at + 1}`);
  for (const variant of variants) store(t.registry, 'app', variant, makeImage(`linux/riscv64/${variant}`));
  const long = 'lorem ipsum '.repeat(300).trim();
  const sources = variants.map((variant) => `${t.ref(`app:${variant}`)}`).join('\n');
  const annotations = `manifest-descriptor:org.example.long=${long}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run).length, 1);
  assert.match(warningsOf(run)[0] ?? '', /Output json is left empty/);
  assert.equal(run.outputs['json'], '');
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), (await t.served('app:1'))?.bytes);
  assert.ok(Buffer.byteLength(run.summary) <= 1024 * 1024);
  assert.match(run.summary, /too large for a summary: output `json-file`/);
  assert.match(run.summary, /\| linux\/<wbr>riscv64\/<wbr>rva20u300 \|/);
  const written = run.directory.read('GITHUB_OUTPUT').length;
  assert.ok(written * 2 <= 1024 * 1024, `${written} UTF-16 code units`);
});

scenario('outputs that fit one by one and not together', {}, async (t) => {
  store(t.registry, 'app', 'amd64', amd64);
  const names = Array.from({ length: 200 }, (_, at) => t.ref(`app:${'t'.repeat(120)}-${at}`));
  const sources = Array.from({ length: 30 }, (_, at) => `${t.ref('app:amd64')} variant=x${at}`);
  const annotations = `manifest-descriptor:org.example.long=${'x'.repeat(15_500)}`;
  const run = await t.publish({ tags: names.join('\n'), sources: sources.join('\n'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['json'], '');
  assert.equal(run.outputs['tags']?.split('\n').length, 200);
  const written = Object.values(run.outputs).reduce((sum, value) => sum + value.length, 0);
  assert.ok(written * 2 <= 1024 * 1024, `${written} UTF-16 code units`);
});

scenario('a list larger than registries take', {}, async (t) => {
  const variants = Array.from({ length: 60 }, (_, at) => `rva20u${at + 1}`);
  for (const variant of variants) store(t.registry, 'app', variant, makeImage(`linux/riscv64/${variant}`));
  const sources = variants.map((variant) => t.ref(`app:${variant}`)).join('\n');
  const annotations = `manifest-descriptor:org.example.long=${'x'.repeat(80_000)}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, annotations });
  assert.match(errorOf(run)[0] ?? '', /\[INDEX_TOO_LARGE\]$/);
  await assertNothingDone(t, run, ['app:1']);
});
