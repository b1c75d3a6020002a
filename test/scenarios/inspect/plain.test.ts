import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';

scenario('a list is reported as the registry serves it', { on: ['in-process', 'real'] }, async (t) => {
  const list = makeIndex([makeImage('linux/amd64'), makeImage('linux/arm64')]);
  await t.push('app:1', list);
  const run = await t.inspect({ image: t.ref('app:1') });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['digest'], list.digest);
  assert.equal(run.outputs['json'], JSON.stringify(list.document));
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
});

scenario('what does not exist fails the step', { on: ['in-process', 'real'] }, async (t) => {
  await t.push('app:1', makeImage('linux/amd64'));
  const run = await t.inspect({ image: t.ref('app:2') });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});
