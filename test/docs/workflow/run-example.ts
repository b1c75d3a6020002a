import type { Contexts } from './evaluate.ts';
import { knownActions } from './known-actions.ts';
import { ownFolder, ownOutputs } from './own-actions.ts';
import type { Value } from './parse-workflow.ts';
import { scriptOutputs } from './script-outputs.ts';
import { type JobRun, runWorkflow, type StepRun } from './workflow-run.ts';

/** The contexts of a run, as if the tag v1.2.3 had been pushed to acme/app. */
export const contexts: Contexts = {
  github: {
    actor: 'octocat',
    event: {
      number: 1,
      pull_request: {
        user: { login: 'dependabot[bot]' },
        head: { ref: 'npm', sha: '0123456789abcdef0123456789abcdef01234567' },
      },
      release: { tag_name: 'v1.2.3' },
      repository: { default_branch: 'main' },
      workflow_run: {
        id: 9_876_543_210,
        event: 'pull_request',
        head_branch: 'dependabot/npm_and_yarn/npm',
        head_sha: '0123456789abcdef0123456789abcdef01234567',
        head_repository: { full_name: 'acme/app' },
        conclusion: 'success',
        actor: { login: 'dependabot[bot]' },
      },
    },
    event_name: 'push',
    ref: 'refs/tags/v1.2.3',
    ref_name: 'v1.2.3',
    ref_protected: true,
    repository: 'acme/app',
    repository_owner: 'acme',
    run_attempt: '1',
    run_id: '1234567890',
    sha: '0123456789abcdef0123456789abcdef01234567',
    token: 'example-token',
    workflow: 'publish',
  },
  runner: { os: 'Linux', arch: 'X64', temp: '/tmp' },
  secrets: { GITHUB_TOKEN: 'example-token', DOCKERHUB_TOKEN: 'example-password' },
  vars: { DOCKERHUB_USERNAME: 'octocat' },
};

const inputs = { version: '1.2.3', digest: `sha256:${'a'.repeat(64)}` };

/** Every job of a workflow, with the inputs of its steps. */
export function runExample(document: Value): readonly JobRun[] {
  return runWorkflow(document, { contexts, inputs, outputsOf });
}

/** The outputs of a step; scripts are read, not run. */
export function outputsOf(step: StepRun): Readonly<Record<string, string>> {
  if (step.uses === undefined) return scriptOutputs(step);
  const folder = ownFolder(step.uses);
  if (folder !== undefined) return ownOutputs(folder);
  const [name = ''] = step.uses.split('@');
  return knownActions[name]?.outputs?.(step) ?? {};
}
