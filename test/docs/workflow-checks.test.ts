/** The checks of the examples themselves: each of these mistakes must be found. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { composedWorkflows } from './composition.ts';
import { checkOwnInputs } from './own-inputs.ts';
import { flawsOf } from './workflow/flaws.ts';
import { matrixJobsOf } from './workflow/matrix.ts';
import { readWorkflow } from './workflow/parse-workflow.ts';
import { runExample } from './workflow/run-example.ts';

/** A correct workflow. */
const right = `
on: push
permissions: {}
jobs:
  build:
    strategy:
      matrix:
        include:
          - { platform: linux/amd64, slug: linux-amd64 }
          - { platform: linux/arm/v7, slug: linux-arm-v7 }
    runs-on: ubuntu-24.04
    permissions:
      packages: write
    outputs:
      linux-amd64: \${{ steps.digest.outputs.linux-amd64 }}
    steps:
      - uses: docker/login-action@v4
        with:
          registry: ghcr.io
      - id: build
        uses: docker/build-push-action@v7
        with:
          push: true
          tags: ghcr.io/acme/app:\${{ github.run_id }}-\${{ matrix.slug }}
      - id: digest
        run: echo "$SLUG=$DIGEST" >> "$GITHUB_OUTPUT"
        env:
          SLUG: \${{ matrix.slug }}
          DIGEST: \${{ steps.build.outputs.digest }}
      - uses: actions/upload-artifact@v7
        with: { name: 'digest-\${{ matrix.slug }}' }
  merge:
    needs: build
    if: \${{ needs.build.result == 'success' && always() }}
    runs-on: ubuntu-24.04
    permissions:
      packages: write
    steps:
      - uses: actions/download-artifact@v8
        with: { pattern: digest-* }
      - id: list
        uses: OWNER/multiarch-manifest-action@v1
        with:
          tags: ghcr.io/acme/app:1
          sources: ghcr.io/acme/app:\${{ github.run_id }}-{platform}
          platforms: linux/amd64,linux/arm/v7
      - run: echo "\${{ steps.list.outputs.digest }} \${{ needs.build.outputs.linux-amd64 }}"
`;

/** The flaws that the parser, the run or the checks find in a workflow. */
async function found(text: string): Promise<string> {
  const { problems, document } = await readWorkflow('example', text);
  if (problems.length > 0) return problems.join('\n');
  try {
    const jobs = runExample(document);
    for (const step of jobs.flatMap(({ steps }) => steps)) await checkOwnInputs(step);
    return flawsOf(jobs).join('\n');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Mistake = readonly [name: string, from: string, to: string, shows: RegExp];

const mistakes: readonly Mistake[] = [
  ['a key that no step has', 'id: build', 'idd: build', /Unexpected value 'idd'/],
  ['a job that is not there', 'needs: build', 'needs: built', /built/],
  ['a context that is not there', 'matrix.slug', 'matrx.slug', /matrx/],
  ['an unknown value of a matrix', 'matrix.slug', 'matrix.slag', /matrix\.slag is/],
  ['an output of no step', 'outputs.digest }} $', 'outputs.diegst }} $', /diegst is/],
  ['an output that a job does not hand on', 'outputs.linux-amd64 }}"', 'outputs.arm64 }}"', /arm64 is/],
  ['a function that is not there', 'always()', 'allways()', /allways/],
  [
    'a major version that is old',
    'download-artifact@v8',
    'download-artifact@v4',
    /newest major version is v8/,
  ],
  ['an input that another action lacks', 'pattern:', 'patern:', /input patern/],
  ['an artifact that is not uploaded', 'pattern: digest-*', 'pattern: digests-*', /downloads digests-/],
  ['a push without a login', 'registry: ghcr.io', 'registry: quay.io', /ghcr\.io without a login/],
  ['an input that this action lacks', 'platforms: linux', 'platform: linux', /inputs that action\.yml lacks/],
  [
    'an input without which this action has nothing to do',
    '          sources:',
    '          # sources:',
    /sources: lists no source/,
  ],
  ['a value that this action refuses', 'amd64,linux/arm/v7', 'amd64 arm64', /several items on one line/],
  ['a source that nothing pushes', '-{platform}', '-{arch}', /which no build step pushes/],
];

describe('the checks of the examples', () => {
  test('find nothing in a workflow that is right', async () => assert.equal(await found(right), ''));

  for (const [name, from, to, shows] of mistakes)
    test(`find ${name}`, async () => {
      assert.ok(right.includes(from));
      assert.match(await found(right.replace(from, to)), shows);
    });
});

describe('a workflow that takes a job from above', () => {
  const fence = (text: string): string => `\`\`\`yaml\n${text}\`\`\`\n`;
  const composed = (text: string): string | undefined =>
    [...composedWorkflows({ path: 'page', text: fence(right.trimStart()) + fence(text) }).values()][1];

  test('has the job, with its own keys, and the steps that it replaces or adds', async () => {
    const text = composed(`jobs:
  again: # job build above, with
    needs: []
    steps:
      - { id: digest, run: 'true' }
      - run: echo last
`);
    assert.match(text ?? '', /^on: push\npermissions: \{\}\njobs:\n {2}again:\n {4}strategy:/);
    assert.match(text ?? '', /needs: \[\]/);
    assert.match(text ?? '', /id: digest, run: 'true'.*upload-artifact.*run: echo last\n/s);
    assert.doesNotMatch(text ?? '', /SLUG=/);
  });

  test('is refused if no such job is above, and if no comment names one', async () => {
    assert.throws(() => composed('jobs:\n  again: # job built above\n'), /page:\d+: job built is not above/);
    assert.match(await found(composed('jobs:\n  build:\n') ?? ''), /./);
  });
});

describe('a matrix', () => {
  const cases = [
    ['without anything is one job', null, [{}]],
    [
      'is every combination',
      { a: [1, 2], b: ['x'] },
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'x' },
      ],
    ],
    ['leaves out what is excluded', { a: [1, 2], exclude: [{ a: 1 }] }, [{ a: 2 }]],
    [
      'extends the jobs that agree',
      { a: [1, 2], include: [{ a: 1, b: 3 }] },
      [
        { a: 1, b: 3 },
        { a: 2, b: '' },
      ],
    ],
    ['has jobs of include alone', { include: [{ a: 1 }, { a: 2 }] }, [{ a: 1 }, { a: 2 }]],
  ] as const;
  for (const [name, matrix, out] of cases) test(name, () => assert.deepEqual(matrixJobsOf(matrix), out));
});
