/** Publishes as rows of a table: what the registry holds, the inputs, and what comes of them. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../support/faults/fault-spec.ts';
import { makeImage, type TestContent } from '../support/images/images.ts';
import type { TestRegistry } from '../support/registry/registry.ts';
import type { ActionInputs, ActionRun, RunOptions } from '../support/run/run-action.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../support/run/scenario.ts';
import type { FaultMatch } from '../support/wire/wire.ts';
import { assertNothingDone, entriesOf, errorOf, warningsOf } from './evidence.ts';

/** In every text of a row, `~/` stands for the registry: `~/app:1`. */
export type Check = (run: ActionRun, t: Scenario<TestRegistry>) => unknown;

export interface Row {
  /** The content of the registry, pushed in this order, by `repository:tag` or `repository`; an image for amd64 by default. */
  readonly held?: Readonly<Record<string, TestContent>>;
  /** Lines of `sources`; by default every tag that is held. */
  readonly sources?: string;
  /** The other inputs; `tags` is `~/app:1` by default. */
  readonly inputs?: ActionInputs;
  readonly options?: RunOptions | ((host: string) => RunOptions);
  readonly fault?: FaultSpec & { readonly on?: FaultMatch };
  /** The run fails before it writes anything, and its error says all of this. */
  readonly fails?: RegExp | readonly RegExp[];
  /** The entries of the list. */
  readonly entries?: readonly TestContent[];
  /** Values of outputs. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Each warning, in order. */
  readonly warnings?: readonly RegExp[];
  /** Further checks of the run. */
  readonly check?: Check;
}

/** A scenario for each row; its name is the row's. */
export function rows(table: Readonly<Record<string, Row>>, options: ScenarioOptions = {}): void {
  for (const [name, row] of Object.entries(table)) scenario(name, options, (t) => publishRow(t, row));
}

async function publishRow(t: Scenario<TestRegistry>, row: Row): Promise<void> {
  const { held = { 'app:amd64': makeImage('linux/amd64') } } = row;
  for (const [name, content] of Object.entries(held)) await t.push(name, content);
  if (row.fault !== undefined) t.registry.inject(row.fault);
  const here = (text: string): string => text.replaceAll('~/', `${t.registry.host}/`);
  const tagged = Object.keys(held).filter((name) => name.includes(':'));
  const sources = row.sources ?? tagged.map((name) => `~/${name}`).join('\n');
  const inputs = { tags: '~/app:1', sources, 'registry-auth': t.registryAuth, ...row.inputs };
  const run = await t.publish(
    Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, here(value ?? '')])),
    typeof row.options === 'function' ? row.options(t.registry.host) : row.options,
  );
  await (row.fails === undefined ? assertServed(t, run, row) : assertRefused(t, run, row.fails));
  if (row.warnings !== undefined) assertWarnings(run, row.warnings);
  await row.check?.(run, t);
}

async function assertServed(t: Scenario<TestRegistry>, run: ActionRun, row: Row): Promise<void> {
  assert.equal(run.exitCode, 0, run.stdout);
  if (run.outputs['published'] === 'true')
    assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
  for (const [name, value] of Object.entries(row.outputs ?? {}))
    assert.equal(run.outputs[name], value, `${name} of ${run.stdout}`);
  if (row.entries === undefined) return;
  assert.deepEqual(digestsOf(entriesOf(run)), digestsOf(row.entries));
}

async function assertRefused(
  t: Scenario<TestRegistry>,
  run: ActionRun,
  says: RegExp | readonly RegExp[],
): Promise<void> {
  await assertNothingDone(t, run, ['app:1']);
  const said = errorOf(run).join('\n');
  for (const pattern of [says].flat()) assert.match(said, pattern);
}

function assertWarnings(run: ActionRun, patterns: readonly RegExp[]): void {
  const warnings = warningsOf(run);
  assert.equal(warnings.length, patterns.length, warnings.join('\n'));
  for (const [at, pattern] of patterns.entries()) assert.match(warnings[at] ?? '', pattern);
}

const digestsOf = (contents: readonly { readonly digest: string }[]): readonly string[] =>
  contents.map(({ digest }) => digest);
