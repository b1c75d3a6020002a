/** The reusable workflow as GitHub evaluates it, with its scripts run by bash. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../docs/markdown.ts';
import { checkOwnInputs } from '../docs/own-inputs.ts';
import { readWorkflow } from '../docs/workflow/parse-workflow.ts';
import { contexts, outputsOf } from '../docs/workflow/run-example.ts';
import { type JobRun, runWorkflow, type StepRun } from '../docs/workflow/workflow-run.ts';
import { skipWithout } from '../support/wire/programs.ts';

const skip = skipWithout('bash', 'jq');
const file = '.github/workflows/multiarch.yml';
const { problems, document } = await readWorkflow(file, readFileSync(join(root, file), 'utf8'));

interface Inputs {
  readonly [name: string]: string | boolean;
}

/** Walks through the jobs; a script that fails is an error with what it printed. */
function call(t: TestContext, inputs: Inputs): readonly JobRun[] {
  const folder = mkdtempSync(join(tmpdir(), 'multiarch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'digests'));
  const secrets = {
    'registry-auth': '- registry: docker.io\n  username: octocat\n  password: example-password',
  };
  return runWorkflow(document, {
    contexts: { ...contexts, secrets, runner: { temp: join(folder, 'digests') } },
    inputs,
    outputsOf: (step) => (step.run === undefined ? outputsOf(step) : runScript(step, step.run, folder)),
  });
}

function runScript({ env, ...step }: StepRun, script: string, folder: string): Record<string, string> {
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: 'working-directory' in step ? join(folder, 'digests') : folder,
    env: { PATH: process.env['PATH'], GITHUB_OUTPUT: output, ...(env as Record<string, string>) },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout + stderr);
  const lines = readFileSync(output, 'utf8').matchAll(/^([\w-]+)(?:=(.*)|<<END\n([\s\S]*?)\nEND)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', line, block]) => [name, line ?? block ?? '']));
}

function stepOf(job: JobRun | undefined, name: string): StepRun {
  const step = job?.steps.find(({ uses }) => uses?.startsWith(`${name}@`));
  assert.ok(step, name);
  return step;
}

const builder = 'docker/build-push-action';
const publisher = 'OWNER/multiarch-manifest-action';

test("GitHub's parser accepts the workflow", () => assert.deepEqual(problems, []));

const calls: readonly {
  readonly name: string;
  readonly inputs: Inputs;
  readonly repository: string;
  /** Platform, runner and whether QEMU emulates it. */
  readonly builds: readonly (readonly [string, string, boolean])[];
}[] = [
  {
    name: 'two platforms with native runners by default',
    inputs: { tags: 'ghcr.io/acme/app:1.2.3,ghcr.io/acme/app:latest' },
    repository: 'ghcr.io/acme/app',
    builds: [
      ['linux/amd64', 'ubuntu-24.04', false],
      ['linux/arm64', 'ubuntu-24.04-arm', false],
    ],
  },
  {
    name: 'other platforms with QEMU, and tags in several registries',
    inputs: {
      tags: '# releases\nlocalhost:5000/acme/app:1.2.3\ndocker.io/acme/app:1.2.3\n',
      platforms: 'linux/arm/v7\nlinux/s390x, linux/amd64',
      'immutable-tags': '*.*.*',
      'removed-platforms': 'error',
    },
    repository: 'localhost:5000/acme/app',
    builds: [
      ['linux/arm/v7', 'ubuntu-24.04', true],
      ['linux/s390x', 'ubuntu-24.04', true],
      ['linux/amd64', 'ubuntu-24.04', false],
    ],
  },
  {
    name: 'runners of the caller, and no push',
    inputs: {
      tags: 'ghcr.io/acme/app:pr-1',
      platforms: 'linux/arm64,linux/riscv64',
      runners: '{"linux/arm64":"my-arm-runner"}',
      'emulation-runner': 'my-runner',
      cache: false,
      push: false,
    },
    repository: 'ghcr.io/acme/app',
    builds: [
      ['linux/arm64', 'my-arm-runner', false],
      ['linux/riscv64', 'my-runner', true],
    ],
  },
];

for (const { name, inputs, repository, builds } of calls)
  test(name, { skip }, async (t) => {
    const jobs = call(t, inputs);
    const legs = jobs.filter((job) => job.name === 'build');
    const built = legs.map((job) => stepOf(job, builder));
    assert.deepEqual(
      built.map(({ matrixJob }) => [matrixJob['platform'], matrixJob['runner'], matrixJob['emulated']]),
      builds,
    );
    const { outputs } = built[0]?.with ?? {};
    if (inputs['push'] === false) assert.equal(outputs, 'type=cacheonly');
    else
      assert.equal(
        outputs,
        `type=image,name=${repository},push-by-digest=true,name-canonical=true,push=true`,
      );
    const list = stepOf(jobs.at(-1), publisher);
    assert.equal(
      list.with['sources'],
      built.map((step) => `${repository}@${outputsOf(step)['digest']}`).join('\n'),
    );
    await checkOwnInputs(list);
    const { pattern } = stepOf(jobs.at(-1), 'actions/download-artifact').with;
    assert.deepEqual(
      legs.map((job) => stepOf(job, 'actions/upload-artifact').with['name']),
      builds.map(([platform]) => String(pattern).replace('*', platform.replaceAll('/', '-'))),
    );
  });

test('two calls of one run that build different images share no artifact, and caches outlive a release', {
  skip,
}, (t) => {
  const artifactOf = (inputs: Inputs): unknown =>
    stepOf(call(t, inputs).at(-1), 'actions/download-artifact').with['pattern'];
  const cacheOf = (inputs: Inputs): unknown => stepOf(call(t, inputs)[1], builder).with['cache-from'];
  const first = { tags: 'ghcr.io/acme/app:1' };
  assert.notEqual(artifactOf(first), artifactOf({ tags: 'ghcr.io/acme/app-api:1' }));
  assert.notEqual(artifactOf(first), artifactOf({ ...first, target: 'debug' }));
  assert.equal(cacheOf(first), cacheOf({ tags: 'ghcr.io/acme/app:2' }));
});

const refused: readonly { readonly name: string; readonly inputs: Inputs; readonly says: RegExp }[] = [
  {
    name: 'a platform that is none',
    inputs: { platforms: 'linux amd64' },
    says: /"linux amd64" is not a platform/,
  },
  { name: 'no platform', inputs: { platforms: ' ,\n' }, says: /platforms is empty/ },
  {
    name: 'a platform twice',
    inputs: { platforms: 'linux/amd64,linux/amd64' },
    says: /"linux\/amd64" stands there twice/,
  },
  {
    name: 'runners that are no JSON object',
    inputs: { runners: 'linux/arm64=x' },
    says: /runners: this is not a JSON/,
  },
  { name: 'a tag without a tag', inputs: { tags: 'localhost:5000/acme/app' }, says: /has no tag/ },
  {
    name: 'a repository in upper case',
    inputs: { tags: 'ghcr.io/acme/app:V1\nghcr.io/Bike4Mind/app:V1' },
    says: /"ghcr\.io\/Bike4Mind\/app" has upper-case letters.*Write "ghcr\.io\/bike4mind\/app"/,
  },
];

for (const { name, inputs, says } of refused)
  test(`nothing is built for ${name}`, { skip }, (t) => {
    assert.throws(() => call(t, { tags: 'ghcr.io/acme/app:1', ...inputs }), says);
  });
