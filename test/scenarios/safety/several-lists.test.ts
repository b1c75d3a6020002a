/** Several lists in one step: all of them, or none. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import { RunSignal } from '../../support/run/run-signal.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere } from '../evidence.ts';

const platforms = ['linux/amd64', 'linux/arm64'];
const names = ['api', 'web'] as const;
const images = (name: string): readonly TestContent[] =>
  platforms.map((platform) => makeImage(platform, { name }));
const listOf = (name: string): TestContent => makeIndex(images(name));
const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);
const denied: FaultSpec = { fault: 'status', status: 403, code: 'DENIED', message: 'no' };

/** Pushes the images of both lists, and an older list to `latest` of each; returns a spec of two tags each. */
async function staged(t: Scenario, target: RegistryHandle = t.registry): Promise<string> {
  for (const name of names) {
    for (const [at, image] of images(name).entries()) await t.push(`${name}:build-${at}`, image);
    await t.push(`${name}:latest`, before, target);
  }
  return names
    .map(
      (name) => `- tags:
    - ${t.ref(`${name}:latest`, target)}
    - ${t.ref(`${name}:1`, target)}
  sources: |
    ${t.ref(`${name}:build-0`)}
    ${t.ref(`${name}:build-1`)}
`,
    )
    .join('');
}

async function assertUnmoved(t: Scenario, target: RegistryHandle = t.registry): Promise<void> {
  for (const name of names) {
    assert.deepEqual((await t.served(`${name}:latest`, target))?.bytes, before.bytes);
    assert.equal(await t.served(`${name}:1`, target), undefined);
  }
}

scenario(
  'two lists of a spec are published, and each is an object of output lists',
  everywhere,
  async (t) => {
    const run = await t.publish({ spec: await staged(t) });
    t.snapshot(run, { wire: 'sorted' });
    assert.equal(run.exitCode, 0, run.stdout);
    for (const name of names) {
      for (const tag of ['latest', '1'])
        assert.deepEqual((await t.served(`${name}:${tag}`))?.bytes, listOf(name).bytes);
    }
    const lists = JSON.parse(run.outputs['lists'] ?? '') as readonly {
      digest: string;
      tags: readonly string[];
    }[];
    assert.deepEqual(
      lists.map(({ digest, tags }) => [digest, tags]),
      names.map((name) => [listOf(name).digest, [t.ref(`${name}:latest`), t.ref(`${name}:1`)]]),
    );
    assert.equal(run.outputs['digest'], lists[0]?.digest);
  },
);

scenario('two lists across two registries share what is copied', { registries: 2 }, async (t) => {
  const [, target] = t.registries;
  assert.ok(target !== undefined);
  const shared = images('shared');
  for (const [at, image] of shared.entries()) await t.push(`base:build-${at}`, image);
  const sources = `${t.ref('base:build-0')}\n    ${t.ref('base:build-1')}`;
  const entries = ['v1', 'v2'].map(
    (tag) =>
      `- tags: ${t.ref(`app:${tag}`, target)}\n  annotations: {tag: ${tag}}\n  sources: |\n    ${sources}\n`,
  );
  const run = await t.publish({ spec: entries.join('') });
  assert.equal(run.exitCode, 0, run.stdout);
  const uploads = target.wire.filter(({ method, path }) => method === 'POST' && path.includes('/uploads/'));
  assert.equal(uploads.length, new Set(shared.flatMap(({ blobs }) => [...blobs.keys()])).size);
});

for (const { name, fault } of [
  {
    name: 'a tag that exists is refused',
    fault: { ...denied, on: { method: 'PUT', path: /web\/manifests\/latest$/, times: 99 } },
  },
  {
    name: 'a source is missing',
    fault: {
      ...denied,
      status: 404,
      code: 'MANIFEST_UNKNOWN',
      on: { path: /web\/manifests\/build-1$/, times: 99 },
    },
  },
] as const) {
  scenario(`of two lists none is published when, in the second, ${name}`, {}, async (t) => {
    const spec = await staged(t);
    t.registry.inject(fault);
    const run = await t.publish({ spec, 'wait-for-sources': '0' });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.deepEqual(run.outputs, {});
    await assertUnmoved(t);
    t.snapshot(run, { wire: 'none' });
  });
}

scenario('a job that is cancelled between two lists accounts for every tag of both', {}, async (t) => {
  const spec = await staged(t);
  const cancel = new RunSignal();
  t.registry.inject({
    on: { method: 'PUT', path: /web\/manifests\/latest$/ },
    fault: 'custom',
    apply: async () => {
      cancel.send();
      return { outcome: 'cancelled', act: () => {} };
    },
  });
  const run = await t.publish({ spec }, { cancel });
  assert.equal(run.exitCode, 130);
  const text = errorOf(run).join('\n');
  assert.match(text, /\/api:latest: put back, holds \S+\n/);
  assert.match(text, /\/api:1: not changed\n/);
  assert.match(text, /\/web:latest: unknown: it may still be moved to \S+\n/);
  assert.match(text, /\/web:1: not changed$/);
});

scenario('a spec is read from a file of the workspace', everywhere, async (t) => {
  const spec = await staged(t);
  const run = await t.publish({ spec: 'lists.yml' }, { workspace: { 'lists.yml': spec } });
  assert.equal(run.exitCode, 0, run.stdout);
});
