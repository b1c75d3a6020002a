import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = globSync('.github/workflows/*.yml', { cwd: root });

/** The jobs that may write to the repository, each with the environment that holds it back. */
const writers: Readonly<Record<string, string>> = {
  '.github/workflows/commit-dist.yml commit': 'dist',
  '.github/workflows/release.yml draft': 'none: a draft is not public, and a reviewer approves it',
  '.github/workflows/release.yml publish': 'release',
};

function text(file: string): string {
  return readFileSync(`${root}${file}`, 'utf8');
}

function workflow(file: string): Workflow {
  return parse(text(file)) as Workflow;
}

for (const file of files) {
  const { on, permissions, jobs } = workflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

  describe(file, () => {
    test('grants nothing at the top, and each job says what it needs', () => {
      assert.deepEqual(permissions, {});
      for (const [name, job] of Object.entries(jobs)) assert.ok(job.permissions, name);
    });

    test('no job runs without an end', () => {
      for (const [name, job] of Object.entries(jobs)) assert.ok(job.uses ?? job['timeout-minutes'], name);
    });

    test('every action of others is pinned to a commit, with its version beside it, or to an image digest', () => {
      const pinned = /^\.\/|^OWNER\/multiarch-manifest-action@v1$|@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$/;
      for (const { uses } of steps) if (uses) assert.match(uses, pinned);
      for (const [line] of text(file).matchAll(/^.*uses: .*@[0-9a-f]{40}.*$/gm))
        assert.match(line, / # v\d+\.\d+\.\d+$/);
    });

    test('no checkout leaves the token on disk', () => {
      const checkouts = steps.filter((step) => step.uses?.startsWith('actions/checkout@'));
      for (const step of checkouts) assert.equal(step.with?.['persist-credentials'], false);
    });

    test('no script contains an expression, whose value could be code', () => {
      for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/);
    });

    test('no workflow runs with secrets for the code of others', () => {
      assert.ok(!('pull_request_target' in on));
      assert.ok(!('workflow_run' in on) || file.endsWith('/commit-dist.yml'));
    });

    test('only the jobs that release or commit dist may write to the repository', () => {
      for (const [name, job] of Object.entries(jobs)) {
        if (job.permissions?.['contents'] !== 'write') continue;
        const environment = writers[`${file} ${name}`];
        assert.ok(environment, name);
        if (!environment.startsWith('none')) assert.equal(job.environment, environment);
      }
    });
  });
}

test('every pin of an action is the same in all workflows', () => {
  const pins = new Map<string, Set<string>>();
  for (const [, name = '', pin = ''] of files.flatMap((file) => [
    ...text(file).matchAll(/uses: ([^@\s]+)@([0-9a-f]{40})/g),
  ])) {
    const owner = name.split('/').slice(0, 2).join('/');
    pins.set(owner, (pins.get(owner) ?? new Set()).add(pin));
  }
  for (const [name, found] of pins) assert.equal(found.size, 1, name);
});

test('the gate needs every other job that has passed on GitHub before, however they end', () => {
  const { gate, systems: _, 'unit-systems': __, ...others } = workflow('.github/workflows/ci.yml').jobs;
  assert.deepEqual(gate?.needs?.toSorted(), Object.keys(others).toSorted());
  assert.equal(gate?.if, 'always()');
});

test('the jobs of CI run every part of .ci/run once, but for the nightly one', () => {
  const script = text('.ci/run');
  const [, names = ''] = /\^\(([a-z|]+)\)\$/.exec(script) ?? [];
  const asked = [...text('.github/workflows/ci.yml').matchAll(/parts: ([a-z ]+) \}/g)].flatMap(
    ([, parts = '']) => parts.split(' '),
  );
  assert.deepEqual([...asked, 'nightly'].toSorted(), names.split('|').toSorted());
  for (const name of names.split('|')) assert.match(script, new RegExp(`^if wants ${name};`, 'm'));
});

test('the nightly part runs every night, and a release needs it', () => {
  const nightly = workflow('.github/workflows/nightly.yml');
  assert.ok('schedule' in nightly.on && 'workflow_call' in nightly.on);
  assert.match(text('.github/workflows/nightly.yml'), /\.ci\/run nightly$/m);
  const { jobs } = workflow('.github/workflows/release.yml');
  assert.equal(jobs['nightly']?.uses, './.github/workflows/nightly.yml');
  assert.ok(jobs['draft']?.needs?.includes('nightly'));
});

test('what builds dist with new dependencies cannot write, and what can write runs nothing of them', () => {
  const { rebuild } = workflow('.github/workflows/rebuild-dist.yml').jobs;
  assert.deepEqual(rebuild?.permissions, { contents: 'read' });
  const { commit } = workflow('.github/workflows/commit-dist.yml').jobs;
  const scripts = (commit?.steps ?? []).map(({ run = '' }) => run).join('\n');
  assert.doesNotMatch(scripts, /\b(?:npm|npx|node)\b/);
});
