/** Streams have an end too: in front of their headers, and when hardly anything comes. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import type { Answer, FaultMatch, Sabotage } from '../../../support/wire/wire.ts';
import { largeBlobOf, largeImage, mebibyte } from '../../copy/copy-cases.ts';
import { errorOf } from '../../evidence.ts';

/** Its layer is too large to be read whole: it is streamed from one registry to the other. */
const image = largeImage();
const layer = largeBlobOf(image);

/** Does something every fifth of a second until the client goes. */
function keepAt(response: ServerResponse, act: () => void): void {
  const timer = setInterval(act, 200);
  response.once('close', () => clearInterval(timer));
}

const endless: Readonly<Record<string, (answer: Answer) => Sabotage>> = {
  'informational answers without an end': () => ({
    outcome: 'informational',
    act: (response) => keepAt(response, () => response.writeProcessing()),
  }),
  'early hints without an end': () => ({
    outcome: 'hints',
    act: (response) => keepAt(response, () => response.writeEarlyHints({ link: '</a>; rel=preload' })),
  }),
  'a byte now and then': (answer) => ({
    outcome: 'drip',
    act: (response) => {
      response.writeHead(answer.status, { 'content-length': String(3 * mebibyte) });
      keepAt(response, () => response.write('.'));
    },
  }),
};

function sabotage(registry: TestRegistry, on: FaultMatch, how: (answer: Answer) => Sabotage): void {
  const apply = async ({ proceed }: { proceed(): Promise<Answer> }) => how(await proceed());
  registry.inject({ fault: 'custom', apply, on: { times: 999, ...on } });
}

async function publishCopy(t: Scenario<TestRegistry>) {
  const [from, to] = t.registries;
  assert.ok(from !== undefined && to !== undefined);
  await t.push('staging:1', image, from);
  return { from, to, inputs: { tags: t.ref('app:1', to), sources: t.ref('staging:1', from) } };
}

for (const [name, how] of Object.entries(endless)) {
  scenario(`a layer whose registry sends ${name} ends the run`, { registries: 2 }, async (t) => {
    const { from, to, inputs } = await publishCopy(t);
    sabotage(from, { method: 'GET', path: new RegExp(layer) }, how);
    // The hurried run's limits are some seconds; the rule of 1 KiB/s counts over as much of a minute.
    const run = await t.publish(inputs, { pace: 'hurried', limit: 45_000 });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(
      errorOf(run).join('\n'),
      new RegExp(`${from.host.replaceAll('.', '\\.')}.*\\[[A-Z_]+\\]`, 's'),
    );
    assert.deepEqual(to.tags('app'), {});
  });
}

scenario('a manifest whose registry sends informational answers without an end', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64'));
  const how = endless['informational answers without an end'];
  assert.ok(how !== undefined);
  sabotage(t.registry, { method: 'GET', path: /\/manifests\/amd64/ }, how);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { pace: 'hurried', limit: 45_000 });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[TIMEOUT\]/);
});
