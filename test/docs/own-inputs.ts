import assert from 'node:assert/strict';
import { readInputs } from '../../src/actions/input/inputs.ts';
import { InputError } from '../../src/run/errors.ts';
import { type ActionManifest, ownActions, ownFolder } from './workflow/own-actions.ts';
import type { StepRun } from './workflow/workflow-run.ts';

/** Fails unless a step of one of this repository's actions gives inputs that the action has and can read. */
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
  if (folder === '.') await readPublishInputs(step, manifest);
}

async function readPublishInputs(step: StepRun, { inputs }: ActionManifest): Promise<void> {
  const input = (name: string): string => {
    const standard = (inputs[name]?.default ?? '').replace(/^\$\{\{.*\}\}$/, 'example-token');
    return String(step.with[name] ?? standard);
  };
  try {
    await readInputs({ input });
  } catch (error) {
    if (error instanceof InputError) assert.fail(error.message);
    throw error;
  }
}
