/** Text of others in log, outputs and summary: shown, and nothing but shown. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const hostile =
  'x\r\n::error::stolen\n::add-mask::a\n##[error]stolen ##[add-mask]b \u001b[31mred\u001b]8;;http://evil.test\u0007link\u202edesrever\u2066 <img src=x onerror=alert(1)> | cell | [link](http://evil.test) `code` @everyone #1 %0A::warning::no';

/** Fails when anything of it is alive. */
function assertHarmless(run: ActionRun): void {
  const lines = `${run.stdout}\n${run.stderr}`.split(/\r\n|\r|\n/);
  const commands = lines.filter((line) => /^\s*::/.test(line) || line.includes('##['));
  const ours = /^::(group|endgroup|add-mask|error title=[\w -]+|warning)(::|$)/;
  assert.deepEqual(
    commands.filter((line) => !ours.test(line)),
    [],
  );
  assert.doesNotMatch(run.stdout, /^::(error title=[^:]*|error|warning)::(stolen|no)/m);
  const unseen = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const { json = '' } = run.outputs;
  assert.doesNotMatch(json, /##\[/);
  for (const text of [run.stdout, run.stderr, run.summary, json]) assert.doesNotMatch(text, unseen);
  const [markdown = '', inspected = ''] = run.summary.split(/<pre><code>|<\/code><\/pre>/);
  assert.doesNotMatch(markdown, /<img|<b>|\[link\]\(|^::|@everyone/m);
  assert.doesNotMatch(inspected, /[<>]|&(?!#\d+;)/);
}

scenario('hostile text in a refusal of a registry', {}, async (t) => {
  t.registry.inject({
    on: { path: /\/manifests\/amd64/, times: 9 },
    fault: 'status',
    status: 400,
    code: '::error::X',
    message: hostile,
  });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assertHarmless(run);
});

scenario('hostile text in a Warning header of a registry', {}, async (t) => {
  await t.push('app:amd64', amd64);
  t.registry.inject({
    on: { path: /\/manifests\/amd64/ },
    fault: 'headers',
    set: { warning: '299 - "::error::stolen ##[error]stolen <img src=x> |cell| [link](http://evil.test)"' },
  });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(warningsOf(run).length, 1);
  assertHarmless(run);
});

scenario('more warnings than the runner keeps', {}, async (t) => {
  await t.push('app:amd64', amd64);
  t.registry.inject({
    on: { path: /\/manifests\/amd64/ },
    fault: 'headers',
    set: { warning: Array.from({ length: 14 }, (_, at) => `299 - "number ${at}"`) },
  });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(warningsOf(run).length, 10);
  assert.equal(run.summary.match(/^- .*number \d+/gm)?.length, 14);
});

scenario('annotations of a list that someone else built', {}, async (t) => {
  const list = makeIndex([{ content: amd64, annotations: { '##[error]<b>': hostile } }], {
    annotations: { '::error::key': hostile, __proto__: 'x' },
  });
  await t.push('app:built', list);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.outputs['digest'], list.digest);
  assert.deepEqual(JSON.parse(run.outputs['json'] ?? ''), JSON.parse(list.bytes.toString()));
  assertHarmless(run);
});

scenario('a platform that someone else wrote into a config', {}, async (t) => {
  const fields = { os: hostile, architecture: 'amd64,linux/arm64', variant: '<b>|v8' };
  await t.push(
    'app:built',
    makeImage('linux/amd64', { configPlatform: { ...fields, 'os.version': hostile } }),
  );
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  t.snapshot(run, { wire: 'none' });
  assertHarmless(run);
});

scenario('a platform that someone else wrote into a list', {}, async (t) => {
  const platform = { os: 'linux', architecture: 'arm64', 'os.version': hostile, variant: '::error::' };
  await t.push('app:built', makeIndex([{ content: amd64, platform }]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  t.snapshot(run, { wire: 'none' });
  assertHarmless(run);
});

scenario('hostile inputs come back harmless', {}, async (t) => {
  const sources = `::error::stolen\n##[error]stolen\n<img src=x>\n${t.ref('app:amd64')} annotation.note="##[error]stolen"`;
  const run = await t.publish({ tags: `::set-output name=x::y\n##[error]x:1`, sources, format: '##[error]' });
  t.snapshot(run);
  await assertNothingDone(t, run, []);
  assertHarmless(run);
});

scenario('directories with hostile names', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const name = 'a##[error]stolen|<img src=x>`*[link](http:evil)`.json';
  const inputs = { tags: t.ref('app:1'), sources: `digests:parts` };
  const run = await t.publish(inputs, { workspace: { [`parts/${name}`]: amd64.digest } });
  t.snapshot(run, { wire: 'none' });
  assertHarmless(run);
});
