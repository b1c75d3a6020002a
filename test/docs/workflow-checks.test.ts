/** The checks of the examples themselves: each of these mistakes must be found. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkOwnInputs } from './own-inputs.ts';
import { flawsOf } from './workflow/flaws.ts';
import { legsOf } from './workflow/matrix.ts';
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

interface Mistake {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly shows: RegExp;
}

const mistakes: readonly Mistake[] = [
  { name: 'a key that no step has', from: 'id: build', to: 'idd: build', shows: /Unexpected value 'idd'/ },
  { name: 'a job that is not there', from: 'needs: build', to: 'needs: built', shows: /built/ },
  { name: 'a context that is not there', from: 'matrix.slug', to: 'matrx.slug', shows: /matrx/ },
  { name: 'an unknown value of a matrix', from: 'matrix.slug', to: 'matrix.slag', shows: /matrix\.slag is/ },
  {
    name: 'an output of no step',
    from: 'outputs.digest }} $',
    to: 'outputs.diegst }} $',
    shows: /diegst is/,
  },
  {
    name: 'an output that a job does not hand on',
    from: 'outputs.linux-amd64 }}"',
    to: 'outputs.arm64 }}"',
    shows: /arm64 is/,
  },
  { name: 'a function that is not there', from: 'always()', to: 'allways()', shows: /allways/ },
  {
    name: 'a major version that is old',
    from: 'download-artifact@v8',
    to: 'download-artifact@v4',
    shows: /newest major version is v8/,
  },
  { name: 'an input that another action lacks', from: 'pattern:', to: 'patern:', shows: /input patern/ },
  {
    name: 'an artifact that is not uploaded',
    from: 'pattern: digest-*',
    to: 'pattern: digests-*',
    shows: /downloads digests-/,
  },
  {
    name: 'a push without a login',
    from: 'registry: ghcr.io',
    to: 'registry: quay.io',
    shows: /ghcr\.io without a login/,
  },
  {
    name: 'an input that this action lacks',
    from: 'platforms: linux',
    to: 'platform: linux',
    shows: /inputs that action\.yml lacks/,
  },
  {
    name: 'an input without which this action has nothing to do',
    from: '          sources:',
    to: '          # sources:',
    shows: /sources: lists no source/,
  },
  {
    name: 'a value that this action refuses',
    from: 'amd64,linux/arm/v7',
    to: 'amd64 arm64',
    shows: /several items on one line/,
  },
  {
    name: 'a source that nothing pushes',
    from: '-{platform}',
    to: '-{arch}',
    shows: /which no build step pushes/,
  },
];

describe('the checks of the examples', () => {
  test('find nothing in a workflow that is right', async () => assert.equal(await found(right), ''));

  for (const { name, from, to, shows } of mistakes)
    test(`find ${name}`, async () => {
      assert.ok(right.includes(from));
      assert.match(await found(right.replace(from, to)), shows);
    });
});

describe('a matrix', () => {
  const cases = [
    { name: 'without anything is one leg', in: null, out: [{}] },
    {
      name: 'is every combination',
      in: { a: [1, 2], b: ['x'] },
      out: [
        { a: 1, b: 'x' },
        { a: 2, b: 'x' },
      ],
    },
    { name: 'leaves out what is excluded', in: { a: [1, 2], exclude: [{ a: 1 }] }, out: [{ a: 2 }] },
    {
      name: 'extends the legs that agree',
      in: { a: [1, 2], include: [{ a: 1, b: 3 }] },
      out: [
        { a: 1, b: 3 },
        { a: 2, b: '' },
      ],
    },
    { name: 'has legs of include alone', in: { include: [{ a: 1 }, { a: 2 }] }, out: [{ a: 1 }, { a: 2 }] },
  ];
  for (const { name, in: matrix, out } of cases) test(name, () => assert.deepEqual(legsOf(matrix), out));
});
