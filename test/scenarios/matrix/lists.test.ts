/** Several lists in one step: one missing source defers all of them. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

function spec(t: Scenario, mode: string): Record<string, string> {
  const lists = ['api', 'web'].map((name) => ({
    tags: t.ref(`${name}:1`),
    sources: t.ref(`${name}:9-{arch}`),
    platforms: 'linux/amd64,linux/arm64',
  }));
  return { spec: JSON.stringify(lists), 'missing-sources': mode, 'wait-for-sources': '1s' };
}

scenario('defer: nothing is published while a source of one list is missing', {}, async (t) => {
  for (const name of ['api', 'web']) await t.push(`${name}:9-amd64`, amd64);
  await t.push('api:9-arm64', arm64);
  const deferred = await t.publish(spec(t, 'defer'));
  assert.equal(deferred.exitCode, 0, deferred.stdout);
  assert.deepEqual(deferred.outputs, { deferred: 'true' });
  assert.equal(await t.served('api:1'), undefined);
  await t.push('web:9-arm64', arm64);
  const run = await t.publish(spec(t, 'defer'));
  assert.equal(run.exitCode, 0, run.stdout);
  for (const name of ['api:1', 'web:1']) assert.ok(await t.served(name));
});

scenario('ignore: a list without any source is left out', {}, async (t) => {
  await t.push('api:9-amd64', amd64);
  const run = await t.publish(spec(t, 'ignore'));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.ok(await t.served('api:1'));
  assert.equal(await t.served('web:1'), undefined);
  assert.match(run.stdout, /::warning::Not published, because none of the sources exists: \S+\/web:1\n/);
});
