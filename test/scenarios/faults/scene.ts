/** The setting of scenarios under faults: two images, a tag that holds a list, and checks of the run. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionInputs, ActionRun, RunOptions } from '../../support/run/run-action.ts';
import type { Scenario } from '../../support/run/scenario.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import type { WireEntry } from '../../support/wire/wire-transcript.ts';
import { errorOf } from '../evidence.ts';

export type FaultScenario = Scenario<TestRegistry>;

export const amd64 = makeImage('linux/amd64');
export const arm64 = makeImage('linux/arm64');
/** The list that a publish of both images makes. */
export const list = makeIndex([amd64, arm64]);
/** `app:latest` before the run. */
export const before = makeIndex([makeImage('linux/amd64', { name: 'before' })]);
/** The list that another job publishes meanwhile. */
export const foreign = makeIndex([makeImage('linux/amd64', { name: 'foreign' })]);

/** For runs that meet a host that never answers. */
export const hurriedly: RunOptions = { pace: 'hurried' };

/** Requests that faults are put on. */
export const readSource: FaultMatch = { method: 'GET', path: /\/manifests\/amd64$/ };
export const readConfig: FaultMatch = { method: 'GET', path: /\/blobs\// };
export const lookAtTag: FaultMatch = { method: 'HEAD', path: /\/manifests\/latest$/ };
export const writeTag: FaultMatch = { method: 'PUT', path: /\/manifests\/latest$/ };
export const readBack: FaultMatch = { method: 'GET', path: /\/manifests\/latest$/ };

/** Pushes the images to `app` and an older list to `app:latest` (or other tags); returns the inputs of a publish. */
export async function staged(
  t: FaultScenario,
  tags: readonly string[] = ['app:latest'],
): Promise<{ readonly tags: string; readonly sources: string; readonly 'registry-auth': string }> {
  await t.push('app:amd64', amd64);
  await t.push('app:arm64', arm64);
  for (const tag of tags.filter((name) => !name.includes('new'))) await t.push(tag, before);
  return {
    tags: tags.map((name) => t.ref(name)).join('\n'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
    'registry-auth': t.registryAuth,
  };
}

/** Publishes both images as `app:latest`, with inputs of its own. */
export async function publishLatest(
  t: FaultScenario,
  options: RunOptions & { readonly inputs?: ActionInputs } = {},
): Promise<ActionRun> {
  const { inputs, ...rest } = options;
  return t.publish({ ...(await staged(t)), ...inputs }, rest);
}

/** Fails unless the run succeeded and each tag serves exactly the list. */
export async function assertPublished(
  t: FaultScenario,
  run: ActionRun,
  tags: readonly string[] = ['app:latest'],
): Promise<void> {
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['digest'], list.digest);
  for (const tag of tags) assert.deepEqual((await t.served(tag))?.bytes, list.bytes, tag);
}

/** Fails unless the run failed in words, and each tag holds what it held; returns the error's lines. */
export async function assertNothingMoved(
  t: FaultScenario,
  run: ActionRun,
  code: string,
  tags: readonly string[] = ['app:latest'],
): Promise<readonly string[]> {
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual(run.outputs, {});
  const lines = errorOf(run);
  const text = lines.join('\n');
  assert.match(text, new RegExp(`\\[${code}\\]`));
  assert.doesNotMatch(text, /This is a bug|\n\s+at /);
  for (const tag of tags) {
    const held = tag.includes('new') ? undefined : before.bytes;
    assert.deepEqual((await t.served(tag))?.bytes, held, tag);
  }
  return lines;
}

/** Fails unless an error names the host, and something to do stands under it. */
export function assertHelpful(lines: readonly string[], host: string): void {
  const coded = lines.findIndex((line) => /\[[A-Z_]+\]$/.test(line));
  const said = lines.slice(0, coded + 1).join('\n');
  assert.ok(said.includes(host), `${host} is not in: ${said}`);
  assert.ok(lines.length > coded + 1, `no hint under: ${said}`);
}

/** The requests that match, in the order of their arrival. */
export function requestsOf(registry: TestRegistry, { method, path = /./ }: FaultMatch): readonly WireEntry[] {
  return registry.wire.filter(
    (entry) => (method === undefined || entry.method === method) && path.test(entry.path),
  );
}

/** Bytes of memory that no run may ever have, whatever it is served. */
export const mostMemory = 150 * 1024 * 1024;

/** For runs whose memory is looked at. */
export const measured: RunOptions = { manner: 'process', pace: 'hurried' };

/** Fails when a run held more than it may. */
export function assertModest(run: ActionRun): void {
  if (run.peakRssBytes === undefined) return;
  const peak = Math.round(run.peakRssBytes / 1024 / 1024);
  assert.ok(run.peakRssBytes < mostMemory, `${peak} MiB`);
}
