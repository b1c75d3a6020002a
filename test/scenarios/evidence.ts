/** Parts of a run's result that scenarios check. */
import assert from 'node:assert/strict';
import type { DescriptorDocument, ManifestDocument } from '../support/images/manifest-document.ts';
import { TestRegistry } from '../support/registry/registry.ts';
import type { ActionRun } from '../support/run/run-action.ts';
import type { Scenario } from '../support/run/scenario.ts';

/** The options of scenarios that run on the test registry and on CNCF distribution. */
export const everywhere = { on: ['in-process', 'real'] } as const;

/** The list as output `json` has it. */
export function listOf(run: ActionRun): ManifestDocument {
  return JSON.parse(run.outputs['json'] ?? 'null') as ManifestDocument;
}

/** The entries of the list as output `json` has them. */
export function entriesOf(run: ActionRun): readonly DescriptorDocument[] {
  return listOf(run).manifests ?? [];
}

/** The error annotation of a run that failed, as lines: headline first. */
export function errorOf(run: ActionRun): readonly string[] {
  const errors = run.stdout.split('\n').filter((line) => line.startsWith('::error'));
  assert.equal(errors.length, 1, `one error annotation in\n${run.stdout}`);
  return (errors[0] ?? '').replace(/^::error[^:]*::/, '').split('%0A');
}

/** The warning annotations of a run, without their command. */
export function warningsOf(run: ActionRun): readonly string[] {
  return run.stdout.split('\n').flatMap((line) => line.match(/^::warning[^:]*::(.*)$/)?.[1] ?? []);
}

/** How often each method was used since the registries started, or undefined on CNCF distribution, which records nothing. */
export function methodsOf(scenario: Scenario): Readonly<Record<string, number>> | undefined {
  const registries = scenario.registries.filter((registry) => registry instanceof TestRegistry);
  if (registries.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const { method } of registries.flatMap((registry) => registry.wire))
    counts[method] = (counts[method] ?? 0) + 1;
  return counts;
}

/** Fails when anything but a read was asked of an in-process registry. */
export function assertOnlyReads(scenario: Scenario): void {
  const methods = Object.keys(methodsOf(scenario) ?? {});
  assert.deepEqual(
    methods.filter((method) => method !== 'GET' && method !== 'HEAD'),
    [],
  );
}

/** Fails unless the run failed, wrote no output, changed nothing in process, and none of these names is served. */
export async function assertNothingDone(
  scenario: Scenario,
  run: ActionRun,
  absent: readonly string[],
): Promise<void> {
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual(run.outputs, {});
  assertOnlyReads(scenario);
  for (const name of absent) assert.equal(await scenario.served(name), undefined, `${name} is served`);
}
