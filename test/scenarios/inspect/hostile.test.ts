/** Documents that are made to be taken for something else, or that are as large as they may be. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type IndexEntry, makeAttestation, makeImage, makeIndex } from '../../support/images/images.ts';
import { digestText } from '../../support/registry/registry-store.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const words =
  '::error::stolen ##[error]stolen <img src=x onerror=alert(1)> [link](http://evil.test) `code` @everyone';

function assertHarmless(run: ActionRun): void {
  assert.doesNotMatch(run.stdout, /^\s*::(?:error|stop-commands)::|##\[/m);
  // In a block of code GitHub makes no links and mentions nobody.
  const summary = run.summary.replaceAll(/<pre>.*?<\/pre>/gs, '');
  assert.doesNotMatch(summary, /\]\(http:|(?<!&#64;<\/span>)@everyone/);
  assert.doesNotMatch(run.summary, /<img/);
  for (const value of Object.values(run.outputs))
    assert.doesNotMatch(value, /##\[|[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
}

scenario('hostile words stand wherever a list has text', {}, async (t) => {
  const attestation = makeAttestation(amd64);
  const [layer] = attestation.document.layers ?? [];
  assert.ok(layer);
  const document = {
    ...attestation.document,
    layers: [{ ...layer, annotations: { 'in-toto.io/predicate-type': words } }],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestText(bytes);
  const hostile = { ...attestation, bytes, digest, size: bytes.length, document };
  const entries: IndexEntry[] = [
    { content: makeImage({ os: 'windows', architecture: 'amd64', 'os.version': words }) },
    { content: amd64, annotations: { [words]: words }, fields: { [words]: words } },
    { content: hostile, platform: null },
  ];
  await t.push('app:1', makeIndex(entries, { annotations: { [words]: words } }));
  for (const inputs of [{}, { verbose: 'true' }, { platform: 'linux/riscv64' }]) {
    const run = await t.inspect({ image: t.ref('app:1'), ...inputs });
    t.snapshot(run, { wire: 'none' });
    assertHarmless({ ...run, stdout: run.stdout.replace(/^::error title=A platform is missing::/m, '') });
  }
});

scenario('a manifest of 4 MiB is in the file, and the output says so', {}, async (t) => {
  const note = 'x'.repeat(4 * 1024 * 1024 - makeIndex([amd64], { annotations: { a: '' } }).size);
  const list = makeIndex([amd64], { annotations: { a: note } });
  await t.push('app:1', list);
  const run = await t.inspect({ image: t.ref('app:1') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['json'], '');
  assert.match(warningsOf(run)[0] ?? '', /Output json is left empty/);
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
  assert.ok(Buffer.byteLength(run.summary) < 1_000_000);
  assert.match(run.summary, /The JSON is too large for a summary/);
  const tooLarge = makeIndex([amd64], { annotations: { a: `${note}x` } });
  t.registry.inject({ fault: 'status', status: 200, body: tooLarge.bytes.toString(), on: { times: 9 } });
  const refused = await t.inspect({ image: t.ref('app:1') });
  assert.equal(refused.exitCode, 1);
  assert.match(errorOf(refused).join('\n'), /4194304|4 MiB/);
});

scenario('lists that are too large, or nested too deeply, to read what they list', {}, async (t) => {
  const large = { content: amd64, fields: { size: 4 * 1024 * 1024 } };
  t.registry.plant('app', 'large', makeIndex([large, large, large]));
  t.registry.plant('app', 'many', makeIndex(Array.from({ length: 1001 }, () => amd64)));
  let nested = makeIndex([amd64]);
  for (let depth = 1; depth < 5; depth++) nested = makeIndex([nested]);
  await t.push('app:nested', nested);
  for (const tag of ['large', 'many', 'nested']) {
    const run = await t.inspect({ image: t.ref(`app:${tag}`) });
    t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1);
  }
});

for (const difference of [1, -1])
  scenario(`an entry whose size is not that of its image: ${difference}`, {}, async (t) => {
    await t.push('app', amd64);
    t.registry.plant('app', '1', makeIndex([{ content: amd64, fields: { size: amd64.size + difference } }]));
    const run = await t.inspect({ image: t.ref('app:1'), 'expect-platforms': 'linux/amd64' });
    t.snapshot(run, { wire: 'none' });
    assert.equal(run.exitCode, 1);
  });
