/** The shell steps of the release workflow, run against a stand-in for gh. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { skipWithout } from '../support/wire/programs.ts';

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Release {
  readonly id: number;
  readonly draft: boolean;
  readonly tag_name: string;
  readonly target_commitish: string;
}

/** The repository on GitHub, as the stand-in reads and writes it. */
interface GitHub {
  readonly main: string;
  readonly nextId: number;
  readonly workflows: Readonly<Record<string, string>>;
  readonly releases: readonly Release[];
  readonly tags: Readonly<Record<string, string>>;
  readonly checkRuns: readonly object[];
  readonly environment?: object;
  readonly outage?: boolean;
}

type JobName = 'check' | 'draft' | 'publish';

const root = fileURLToPath(new URL('../../', import.meta.url));
const commit = '1'.repeat(40);
const later = '2'.repeat(40);
const { jobs } = parse(readFileSync(`${root}.github/workflows/release.yml`, 'utf8')) as {
  readonly jobs: Readonly<Record<JobName, { readonly steps: readonly Step[] }>>;
};

const ready: GitHub = {
  main: commit,
  nextId: 7,
  workflows: { [commit]: 'tree-1', [later]: 'tree-1' },
  releases: [],
  tags: { v1: 'the release before' },
  checkRuns: [{ app: { slug: 'github-actions' }, conclusion: 'success' }],
  environment: { protection_rules: [{ type: 'required_reviewers', reviewers: [{ type: 'User' }] }] },
};
const draftOf = (id: number, target: string): Release => ({
  id,
  draft: true,
  tag_name: 'v1.2.3',
  target_commitish: target,
});

/** Runs the shell steps of jobs, one after the other, in a checkout whose package.json has this version. */
function runJobs(
  names: readonly JobName[],
  github: GitHub,
  version = '1.2.3',
  edit?: (folder: string) => void,
) {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    for (const each of ['.github', 'inspect', 'purge'])
      cpSync(`${root}${each}`, join(folder, each), { recursive: true });
    replaceOwner(folder);
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'README.md'), '# Read me\n');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
    writeFileSync(join(folder, 'CHANGELOG.md'), `# Changes\n\n## ${version} (2026-11-30)\n\nNews.\n`);
    edit?.(folder);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(`${root}test/real/gh.mjs`, join(bin, 'gh'));
    const state = join(folder, 'state.json');
    writeFileSync(state, JSON.stringify(github));
    const log = runSteps(
      names.flatMap((name) => jobs[name].steps),
      folder,
      {
        PATH: [bin, dirname(process.execPath), process.env['PATH']].join(':'),
        GH_STATE: state,
        GITHUB_OUTPUT: join(folder, 'output'),
        GITHUB_REF: 'refs/heads/main',
        GITHUB_REPOSITORY: 'acme/action',
        GITHUB_SHA: commit,
        VERSION: version,
      },
    );
    return { ...log, github: JSON.parse(readFileSync(state, 'utf8')) as GitHub };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function replaceOwner(folder: string): void {
  const { stdout } = spawnSync('grep', ['-rlw', 'OWNER', folder], { encoding: 'utf8' });
  for (const file of stdout.split('\n').filter((name) => name !== '')) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/\bOWNER\b/g, 'acme'));
  }
}

/** Stops at the first step that fails, as a job does. The step that builds dist has a test of its own. */
function runSteps(
  steps: readonly Step[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): { failed?: string; log: string } {
  let log = '';
  for (const { name, run } of steps) {
    if (run === undefined || run.includes('npm run build')) continue;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', run], { cwd, env, encoding: 'utf8' });
    log += stdout + stderr;
    if (status !== 0) return { failed: name ?? run, log };
  }
  return { log };
}

const skip = skipWithout('bash', 'grep', 'jq');

test('a release is drafted, published, and the major tag moves to it', { skip }, () => {
  const { failed, github } = runJobs(['check', 'draft', 'publish'], ready);
  assert.equal(failed, undefined);
  assert.deepEqual(github.tags, { 'v1.2.3': commit, v1: commit });
  assert.deepEqual(
    github.releases.map(({ id, draft }) => ({ id, draft })),
    [{ id: 7, draft: false }],
  );
});

test('the first release creates the major tag', { skip }, () => {
  const { github } = runJobs(['draft', 'publish'], { ...ready, tags: {} });
  assert.deepEqual(github.tags, { 'v1.2.3': commit, v1: commit });
});

test('a draft that an earlier run left for another commit is removed, and is not what is published', {
  skip,
}, () => {
  const stale = { ...ready, releases: [draftOf(3, later), draftOf(4, commit)] };
  const { failed, github } = runJobs(['check', 'draft', 'publish'], stale);
  assert.equal(failed, undefined);
  assert.deepEqual(
    github.releases.map(({ id }) => id),
    [7],
  );
  assert.equal(github.tags['v1.2.3'], commit);
});

const refusals: readonly {
  readonly name: string;
  readonly jobs: readonly JobName[];
  readonly github: GitHub;
  readonly version?: string;
  readonly edit?: (folder: string) => void;
  readonly says: RegExp;
}[] = [
  {
    name: 'another run has replaced the draft while the release waited for its reviewer',
    jobs: ['publish'],
    github: { ...ready, releases: [draftOf(9, later)] },
    says: /exactly one draft, of 1{40}/,
  },
  {
    name: 'the workflows of main have changed before the draft',
    jobs: ['check'],
    github: { ...ready, main: later, workflows: { [commit]: 'tree-1', [later]: 'tree-2' } },
    says: /workflow files of main have changed since 1{40}/,
  },
  {
    name: 'the workflows of main have changed while the release waited for its reviewer',
    jobs: ['publish'],
    github: {
      ...ready,
      main: later,
      workflows: { [commit]: 'tree-1', [later]: 'tree-2' },
      releases: [draftOf(7, commit)],
    },
    says: /Start the workflow Release again on main/,
  },
  {
    name: 'the version is released already',
    jobs: ['check'],
    github: { ...ready, releases: [{ ...draftOf(1, later), draft: false }] },
    says: /v1\.2\.3 exists already/,
  },
  {
    name: 'the tag of the version exists without a release',
    jobs: ['check'],
    github: { ...ready, tags: { 'v1.2.3': later } },
    says: /v1\.2\.3 exists already/,
  },
  {
    name: 'GitHub does not answer',
    jobs: ['check'],
    github: { ...ready, outage: true },
    says: /did not say whether v1\.2\.3 exists: gh: Service Unavailable \(HTTP 503\)/,
  },
  {
    name: 'the version is a pre-release',
    jobs: ['check'],
    github: ready,
    version: '2.0.0-rc.1',
    says: /pre-release: v2 would move to it/,
  },
  {
    name: 'the environment has no reviewers',
    jobs: ['check'],
    github: { ...ready, environment: { protection_rules: [{ type: 'branch_policy' }] } },
    says: /no required reviewers/,
  },
  {
    name: 'the gate did not pass',
    jobs: ['check'],
    github: { ...ready, checkRuns: [{ app: { slug: 'github-actions' }, conclusion: 'failure' }] },
    says: /the gate did not pass/,
  },
  {
    name: 'OWNER stands in the documentation',
    jobs: ['check'],
    github: ready,
    edit: (folder) => writeFileSync(join(folder, 'README.md'), 'uses: OWNER/multiarch-manifest-action@v1\n'),
    says: /README\.md:1:.*replace it with the account/s,
  },
];

for (const { name, jobs: names, github, version, edit, says } of refusals)
  test(`nothing is released when ${name}`, { skip }, () => {
    const run = runJobs(names, github, version, edit);
    assert.match(run.log, says);
    assert.notEqual(run.failed, undefined);
    assert.deepEqual(run.github, github);
  });
