/** The file of output json-file is the run's own: on a machine that is shared nobody can have laid something there. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';
import { scenario } from '../../../support/run/scenario.ts';

const list = makeIndex([makeImage('linux/amd64')]);
const skip = process.platform === 'win32' ? 'links need rights there' : false;
/** The name that a run could be expected to choose. */
const guessed = `manifest-list-${list.digest.slice(7, 23)}.json`;

scenario('a link in the way of json-file is not followed', { skip }, async (t) => {
  const root = temporaryDirectory(t.test);
  const [temp, victim] = [join(root, 'temp'), join(root, 'victim')];
  mkdirSync(temp);
  symlinkSync(victim, join(temp, guessed));
  await t.push('app:built', list);
  const env = { RUNNER_TEMP: temp };
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') }, { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(existsSync(victim), false);
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
});

scenario('a file in the way of json-file is left alone', { skip }, async (t) => {
  const temp = temporaryDirectory(t.test);
  writeFileSync(join(temp, guessed), 'of somebody else');
  await t.push('app:built', list);
  const env = { RUNNER_TEMP: temp };
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') }, { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(readFileSync(join(temp, guessed), 'utf8'), 'of somebody else');
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
});

scenario('two runs of one list in one job have files of their own', {}, async (t) => {
  const env = { RUNNER_TEMP: temporaryDirectory(t.test) };
  await t.push('app:built', list);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built') };
  const [one, other] = [await t.publish(inputs, { env }), await t.publish(inputs, { env })];
  assert.notEqual(one.outputs['json-file'], other.outputs['json-file']);
  for (const run of [one, other]) assert.match(run.outputs['json-file'] ?? '', /\.json$/);
});
