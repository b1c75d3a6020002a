import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

function workflow(file: string): Workflow {
  return parse(readFileSync(`${root}${file}`, 'utf8')) as Workflow;
}

for (const file of globSync('.github/workflows/*.yml', { cwd: root })) {
  const { permissions, jobs } = workflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test(`${file}: grants nothing at the top`, () => assert.deepEqual(permissions, {}));

  test(`${file}: no job runs without an end`, () => {
    for (const [name, job] of Object.entries(jobs)) assert.ok(job['timeout-minutes'], name);
  });

  test(`${file}: every action of others is pinned to a commit or an image digest`, () => {
    for (const { uses } of steps) if (uses) assert.match(uses, /^\.\/|@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$/);
  });

  test(`${file}: no checkout leaves the token on disk`, () => {
    const checkouts = steps.filter((step) => step.uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) assert.equal(step.with?.['persist-credentials'], false);
  });
}

test('the gate needs every other job, however they end', () => {
  const { gate, ...others } = workflow('.github/workflows/ci.yml').jobs;
  assert.deepEqual(gate?.needs?.toSorted(), Object.keys(others).toSorted());
  assert.equal(gate?.if, 'always()');
});
