import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readInputs } from '../../src/actions/input/inputs.ts';
import { readInspectInputs } from '../../src/actions/input/inspect-inputs.ts';
import { readPurgeInputs } from '../../src/actions/input/purge-inputs.ts';
import { InputError } from '../../src/run/errors.ts';
import type { Runner } from '../../src/runner/runner.ts';
import { root } from './markdown.ts';
import { type ActionManifest, ownActions, ownFolder } from './workflow/own-actions.ts';
import type { StepRun } from './workflow/workflow-run.ts';

/** Fails if a step of one of this repository's actions has an input that the action does not have or cannot read. */
export async function checkOwnInputs(step: StepRun): Promise<void> {
  const folder = ownFolder(step.uses);
  if (folder === undefined) return;
  const manifest = ownActions.get(folder);
  assert.ok(manifest, `${step.uses} has no action.yml`);
  const given = Object.keys(step.with);
  assert.deepEqual(
    given.filter((name) => !(name in manifest.inputs)),
    [],
    'inputs that action.yml lacks',
  );
  const required = Object.entries(manifest.inputs).filter(([, input]) => input.required === true);
  assert.deepEqual(
    required.map(([name]) => name).filter((name) => !given.includes(name)),
    [],
    'inputs that are required',
  );
  await readers[folder]?.({ input: inputsOf(step, manifest), environment: {}, directory: workspace });
}

/** The workspace of the examples. */
const workspace = join(root, 'test', 'docs', 'workspace');

type InputRunner = Pick<Runner, 'input' | 'environment' | 'directory'>;

/** The function that reads the inputs of each action, by its folder. */
const readers: Readonly<Record<string, (runner: InputRunner) => Promise<void>>> = {
  '.': accepting(readInputs),
  inspect: accepting(readInspectInputs),
  purge: accepting(readPurgeInputs),
};

/** The inputs of a step as the runner gives them, with the defaults of action.yml. */
function inputsOf(step: StepRun, { inputs }: ActionManifest): Runner['input'] {
  return (name) => {
    const standard = (inputs[name]?.default ?? '').replace(/^\$\{\{.*\}\}$/, 'example-token');
    return String(step.with[name] ?? standard);
  };
}

function accepting(read: (runner: InputRunner) => Promise<unknown>) {
  return async (runner: InputRunner): Promise<void> => {
    try {
      await read(runner);
    } catch (error) {
      if (error instanceof InputError) assert.fail(error.message);
      throw error;
    }
  };
}
