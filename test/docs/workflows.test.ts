import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Inputs, readInputs } from '../../src/actions/input/inputs.ts';
import { registryKey } from '../../src/credentials/registry-key.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { InputError } from '../../src/run/errors.ts';
import { action, examples, type OwnStep, ownSteps } from './examples.ts';
import { evaluate } from './expressions.ts';
import { fencesOf, page } from './markdown.ts';
import {
  expressionsIn,
  flawsOf,
  type Job,
  ownAction,
  type Step,
  stepFlaws,
  type Workflow,
} from './workflow.ts';

const workflows = examples.flatMap((example) => (example.kind === 'workflow' ? [example] : []));

describe('examples of workflows', () => {
  for (const { place, workflow } of workflows) {
    test(`${place} holds together`, () => {
      assert.deepEqual(flawsOf(workflow), []);
      assert.deepEqual(wrongOutputs(workflow), []);
      assert.deepEqual(
        Object.values(workflow.jobs).flatMap((job) => missingLogins(workflow, job)),
        [],
      );
    });
  }

  test('there is one for each way of docs/SOURCES.md, and one in README.md', () => {
    const inFile = (file: string): number =>
      workflows.filter(({ place }) => place.startsWith(`${file}:`)).length;
    assert.ok(inFile('README.md') >= 1);
    assert.ok(inFile('docs/SOURCES.md') >= 5);
  });
});

describe('examples of steps', () => {
  for (const example of examples) {
    if (example.kind !== 'steps') continue;
    test(`${example.place} uses known actions`, () => {
      assert.deepEqual(example.steps.flatMap(stepFlaws), []);
    });
  }

  for (const step of ownSteps) {
    test(`${step.place} gives the action inputs that it takes`, async () => {
      for (const [name, { required }] of Object.entries(action.inputs)) {
        if (required) assert.ok(name in step.inputs, `${name} is required`);
      }
      await inputsOf(step.inputs);
    });
  }
});

describe('examples of inputs', () => {
  const required = { tags: 'ghcr.io/acme/app:1.2.3', sources: 'ghcr.io/acme/app:1.2.3-amd64' };
  for (const example of examples) {
    if (example.kind !== 'inputs') continue;
    test(`${example.place} is taken by the action`, async () => {
      await inputsOf({ ...required, ...example.inputs });
    });
  }
});

test('every mention of the action in an example has its full name', () => {
  for (const path of ['README.md', 'docs/SOURCES.md', 'docs/TROUBLESHOOTING.md']) {
    for (const { text, place } of fencesOf(page(path))) {
      const named = [...text.matchAll(/uses: (\S*multiarch-manifest-action\S*)/g)].map(([, name]) => name);
      for (const name of named) assert.equal(name, ownAction, place);
    }
  }
});

/** What the action makes of inputs, its defaults added and expressions evaluated; fails on a problem. */
async function inputsOf(given: Readonly<Record<string, unknown>>): Promise<Inputs> {
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  assert.deepEqual(unknown, [], 'inputs that action.yml lacks');
  const input = (name: string): string => evaluate(String(given[name] ?? action.inputs[name]?.default ?? ''));
  try {
    return await readInputs({ input, environment: {}, directory: '/nowhere' });
  } catch (error) {
    if (error instanceof InputError) assert.fail(error.message);
    throw error;
  }
}

function wrongOutputs(workflow: Workflow): readonly string[] {
  return Object.values(workflow.jobs).flatMap((job) => {
    const own = (job.steps ?? []).filter(({ uses }) => uses === ownAction).map(({ id }) => id);
    return expressionsIn(job).filter((expression) => {
      const [, id, output = ''] = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(expression) ?? [];
      return id !== undefined && own.includes(id) && !(output in action.outputs);
    });
  });
}

/** The registries that a job pushes to and neither logs in to nor has a token for. */
function missingLogins(workflow: Workflow, job: Job): readonly string[] {
  const steps = job.steps ?? [];
  const permissions = job.permissions ?? workflow.permissions ?? {};
  const loggedIn = new Set(steps.flatMap(loginOf));
  const flaws: string[] = [];
  for (const { registries, ownLogins } of steps.flatMap(pushOf)) {
    for (const registry of registries) {
      if (registry === 'ghcr.io' && permissions['packages'] !== 'write') flaws.push('lacks packages: write');
      const hasLogin = loggedIn.has(registry) || ownLogins.includes(registry);
      if (!hasLogin) flaws.push(`pushes to ${registry} without a login`);
    }
  }
  return flaws;
}

function loginOf(step: Step): readonly string[] {
  if (!step.uses?.startsWith('docker/login-action@')) return [];
  return [registryKey(String(step.with?.['registry'] ?? 'docker.io'))];
}

interface Push {
  readonly registries: readonly string[];
  /** Registries for which the step brings a login along. */
  readonly ownLogins: readonly string[];
}

function pushOf(step: Step): readonly Push[] {
  const given = step.with ?? {};
  const names = String(given['tags'] ?? '').trim();
  const isBuild = /^docker\/(build-push|bake)-action@/.test(step.uses ?? '');
  const pushes = given['push'] === true || /\bpush=true\b/.test(String(given['outputs'] ?? ''));
  if (step.uses !== ownAction && !(isBuild && pushes && names !== '')) return [];
  const references = evaluate(names.replaceAll(/\$\{\{\s*matrix\.[\w-]+\s*\}\}/g, 'x')).split(/[\n,]+/);
  const registries = references
    .filter((name) => name.trim() !== '')
    .map((name) => parseReference(name.trim()).repository.registry);
  // The action uses the job's own token for GitHub's registry.
  const ownLogins = step.uses === ownAction ? ['ghcr.io', ...authLogins(given)] : [];
  return [{ registries: [...new Set(registries)], ownLogins }];
}

function authLogins(given: OwnStep['inputs']): readonly string[] {
  const text = String(given['registry-auth'] ?? '');
  return [...text.matchAll(/registry: *(\S+)/g)].map(([, registry = '']) => registryKey(registry));
}
