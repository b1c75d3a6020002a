import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readInspectInputs } from '../../src/actions/input/inspect-inputs.ts';
import { type Example, examples } from './examples.ts';
import { evaluate } from './expressions.ts';
import { page, root } from './markdown.ts';
import { expressionsIn, inspectAction, type Step } from './workflow.ts';

const action: {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
} = parse(readFileSync(join(root, 'inspect', 'action.yml'), 'utf8'));

function stepsOf(example: Example): readonly Step[] {
  if (example.kind === 'steps') return example.steps;
  if (example.kind !== 'workflow') return [];
  return Object.values(example.workflow.jobs).flatMap(({ steps = [] }) => steps);
}

describe('examples of the inspecting action', () => {
  const own = examples.flatMap((example) =>
    stepsOf(example)
      .filter(({ uses }) => uses === inspectAction)
      .map((step) => ({ place: example.place, step })),
  );

  test('there are some, with a whole workflow', () => {
    assert.ok(own.length >= 5);
    assert.ok(examples.some(({ kind, place }) => kind === 'workflow' && place.startsWith('inspect/')));
  });

  for (const { place, step } of own)
    test(`${place} gives inputs that it takes`, async () => {
      const given = step.with ?? {};
      const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
      assert.deepEqual(unknown, []);
      const input = (name: string): string =>
        evaluate(String(given[name] ?? action.inputs[name]?.default ?? ''));
      await readInspectInputs({ input });
    });

  for (const example of examples)
    test(`${example.place} uses outputs that it has`, () => {
      const steps = stepsOf(example);
      const ids = new Set(steps.filter(({ uses }) => uses === inspectAction).map(({ id }) => id));
      const used = steps.flatMap(expressionsIn).flatMap((expression) => {
        const [, id = '', output = ''] = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(expression) ?? [];
        return ids.has(id) ? [output] : [];
      });
      assert.deepEqual(
        used.filter((output) => !(output in action.outputs)),
        [],
      );
    });
});

test('inspect/README.md has tables of inputs and outputs', () => {
  for (const kind of ['inputs', 'outputs'])
    assert.ok(page('inspect/README.md').text.includes(`<!-- ${kind} of inspect/action.yml -->\n| `), kind);
});
