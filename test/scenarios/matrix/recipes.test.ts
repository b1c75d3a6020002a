/**
 * The whole life of the recipes: a job fails or is cancelled, jobs run again, staging tags are removed in between. After
 * each attempt, the run is red, or the tags hold a complete list: never green and absent.
 */
import assert from 'node:assert/strict';
import { WorkflowAttempts } from '../../docs/workflow/attempts.ts';
import { readWorkflow } from '../../docs/workflow/parse-workflow.ts';
import { contexts } from '../../docs/workflow/run-example.ts';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { everywhere } from '../evidence.ts';
import { type Event, ended, live, scripted, workflowBelow } from './recipe-life.ts';

const matrix = workflowBelow('docs/RECIPES.md', 'A matrix without a merge job');
const merge = workflowBelow('docs/RECIPES.md', 'Clean up staging tags');
const scheduled = workflowBelow('docs/RECIPES.md', 'Remove what failed runs left');
const short = workflowBelow('README.md', 'A matrix without a merge job');

const [failed, all] = ['failed', 'all'] as const;
const green = { attempt: all, out: 'green, new' } as const;
const amd64 = { job: 'image linux/amd64' };
const last = { job: 'image linux/arm/v7' };

// CNCF distribution 2 removes no tags: there, staging tags are as if nobody had removed them.
const lives: Readonly<Record<string, readonly Event[]>> = {
  'all jobs pass': [green],
  'one fails, and is run again': [
    { attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'one fails, and all are run again': [
    { attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' },
    { attempt: all, out: 'green, new' },
  ],
  'all fail, and are run again one by one': [
    {
      attempt: all,
      mishaps: {
        'image linux/amd64': 'build fails',
        'image linux/arm64': 'build fails',
        'image linux/arm/v7': 'build fails',
      },
      out: 'red',
    },
    { attempt: amd64, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'the job that would publish is cancelled, and is run again': [
    { attempt: all, mishaps: { 'image linux/arm/v7': 'cancelled' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'the job that publishes is cancelled after its PUT, and is run again': [
    { attempt: all, mishaps: { 'image linux/arm/v7': 'cancelled after its step' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'one fails, somebody removes the staging tags, and it is run again': [
    { attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' },
    { removed: ['linux-amd64', 'linux-arm-v7'] },
    { attempt: failed, out: 'red', real: 'green, new' },
    { attempt: all, out: 'green, new' },
  ],
  'all pass, and one that deferred is run again an hour later': [
    green,
    { attempt: amd64, out: 'green, old', real: 'green, new' },
  ],
  'all pass, and the one that published is run again an hour later, then all': [
    green,
    { attempt: last, out: 'red', real: 'green, new' },
    { attempt: all, out: 'green, new' },
  ],
  'all pass, and all are run again': [green, { attempt: all, out: 'green, new' }],
  'all are run again with old staging tags, and one fails': [
    { attempt: all, mishaps: { published: 'cancelled', 'clean-up': 'cancelled' }, out: 'red' },
    { attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'the clean-up fails, and is run again': [
    { attempt: all, mishaps: { 'clean-up': 'step fails' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
};

for (const [name, events] of Object.entries(lives))
  scenario(`a matrix without a merge job: ${name}`, everywhere, (t) => live(t, matrix, events));

scenario('the matrix of the README: one fails, and is run again', everywhere, (t) =>
  live(t, short, lives['one fails, and is run again'] ?? []),
);

// A matrix that an earlier job computes may have one job.
const single = matrix
  .replaceAll(/^ +- \{ platform: linux\/arm.*\n/gm, '')
  .replaceAll('linux/amd64,linux/arm64,linux/arm/v7', 'linux/amd64');
const remedy = `missing-sources: \${{ strategy.job-total > 1 && 'defer' || 'error' }}`;

scenario('a matrix of one job refuses to defer', everywhere, (t) =>
  live(t, single, [{ attempt: all, out: 'red' }]),
);
for (const [name, recipe] of Object.entries({ one: single, three: matrix }))
  scenario(`a matrix that defers only if it has several jobs: ${name}`, everywhere, (t) =>
    live(t, recipe.replace('missing-sources: defer', remedy), [
      { attempt: all, out: 'green, new' },
      { attempt: all, out: 'green, new' },
    ]),
  );

const build = 'build linux/arm64';
const merged: Readonly<Record<string, readonly Event[]>> = {
  'all jobs pass': [green],
  'a build fails, and is run again': [
    { attempt: all, mishaps: { [build]: 'build fails' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'the job that publishes fails, and is run again': [
    { attempt: all, mishaps: { publish: 'step fails' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'the job that publishes is cancelled after its PUT, and is run again': [
    { attempt: all, mishaps: { publish: 'cancelled after its step' }, out: 'red' },
    { attempt: failed, out: 'green, new' },
  ],
  'all pass, and a build is run again an hour later, then all': [
    green,
    { attempt: { job: build }, out: 'red', real: 'green, new' },
    { attempt: all, out: 'green, new' },
  ],
  'a build fails, somebody removes the staging tags, and it is run again': [
    { attempt: all, mishaps: { [build]: 'build fails' }, out: 'red' },
    { removed: ['linux-amd64'] },
    { attempt: failed, out: 'red', real: 'green, new' },
    { attempt: all, out: 'green, new' },
  ],
};

for (const [name, events] of Object.entries(merged))
  scenario(`clean up staging tags: ${name}`, everywhere, (t) => live(t, merge, events));

// These lives tell good recipes from bad ones.
const unchecked = matrix
  .replace(/^ {2}published:\n[\s\S]*?\n\n/m, '')
  .replace('needs: [image, published]', 'needs: image')
  .replace('needs: published', 'needs: image\n    if: always()');
const alwaysCleaned = merge.replace('needs: publish\n', 'needs: [build, publish]\n    if: always()\n');

scenario('a matrix that nothing checks, and whose clean-up always runs, is green and absent', {}, (t) =>
  live(t, unchecked, [
    { attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' },
    { attempt: failed, out: 'green, absent' },
  ]),
);

scenario('a job that publishes can never pass again if the clean-up always runs', {}, (t) =>
  live(t, alwaysCleaned, [
    { attempt: all, mishaps: { [build]: 'build fails' }, out: 'red' },
    { attempt: failed, out: 'red' },
    { attempt: failed, out: 'red' },
  ]),
);

scenario('what failed runs left is removed, and nothing else', {}, async (t) => {
  const id = contexts['github']?.['run_id'];
  await live(t, matrix, [{ attempt: all, mishaps: { 'image linux/arm64': 'build fails' }, out: 'red' }]);
  await t.push(`app:run-9${id}-linux-amd64`, makeImage('linux/amd64'));
  // Stands in for `gh`: answers with the runs of the workflow, and checks what it was asked.
  const gh = `gh() {
    [[ "$1 $2 $3 $4 $5" == 'run list --workflow publish.yml --created' ]]
    [[ "$6" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}\\.\\.[0-9]{4}-[0-9]{2}-[0-9]{2}$ && "$6" < "$(date -d '30 days ago' +%F)" ]]
    echo '[{"databaseId":${id}},{"databaseId":7}]' | jq --raw-output "\${@: -1}"
  }`;
  const { document } = await readWorkflow('scheduled', scheduled);
  const life = new WorkflowAttempts(document, contexts, async (step) => {
    if (step.run !== undefined) return scripted(`${gh}\n${step.run}`);
    const tags = String(step.with['tags']).replaceAll('ghcr.io/acme/app', t.ref('app'));
    const run = await t.purge({ tags });
    assert.equal(run.exitCode, 0, run.stdout);
    return ended(0);
  });
  assert.equal(await life.attempt('all'), 'green');
  assert.deepEqual(Object.keys(t.registry.tags('app')), [`run-9${id}-linux-amd64`]);
});
