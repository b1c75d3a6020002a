import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readExamples } from './examples.ts';
import { fencesOf, pages, root } from './markdown.ts';
import { checkOwnInputs } from './own-inputs.ts';
import { flawsOf } from './workflow/flaws.ts';
import { ownActions, ownFolder, ownWorkflow } from './workflow/own-actions.ts';
import { mappingOf, readAction, readWorkflow } from './workflow/parse-workflow.ts';
import { runExample } from './workflow/run-example.ts';

const examples = await readExamples();

describe('examples', () => {
  for (const { place, kind, parsed } of examples)
    test(`${place} (${kind}) is what GitHub and the actions in it accept`, async () => {
      assert.deepEqual(parsed.problems, []);
      const jobs = runExample(parsed.document);
      assert.deepEqual(kind === 'workflow' ? flawsOf(jobs) : [], []);
      for (const step of jobs.flatMap(({ steps }) => steps)) await checkOwnInputs(step);
    });

  test('each guide has whole workflows', () => {
    const wholes = examples.filter(({ kind }) => kind === 'workflow');
    const inFile = (file: string): number =>
      wholes.filter(({ place }) => place.startsWith(`${file}:`)).length;
    assert.ok(inFile('README.md') >= 1);
    assert.ok(inFile('docs/SOURCES.md') >= 5);
  });

  test('every job that is shown whole says its permissions', () => {
    for (const { place, kind, text } of examples)
      if (kind === 'workflow') assert.match(text, /^permissions: \{\}$/m, place);
  });
});

describe('workflows of this repository', () => {
  // test/real runs the scripts of the reusable workflow, whose matrix they make.
  const isRun = (file: string): boolean => !file.endsWith('/multiarch.yml');
  for (const file of globSync('.github/workflows/*.yml', { cwd: root }).filter(isRun))
    test(`${file} is what GitHub and the actions in it accept`, async () => {
      const { problems, document } = await readWorkflow(file, readFileSync(join(root, file), 'utf8'));
      assert.deepEqual(problems, []);
      for (const step of runExample(document).flatMap(({ steps }) => steps)) await checkOwnInputs(step);
    });
});

describe('actions of this repository', () => {
  for (const folder of ownActions.keys()) {
    const file = join(folder, 'action.yml');
    test(`${file} is one to GitHub`, () =>
      assert.deepEqual(readAction(file, readFileSync(join(root, file), 'utf8')).problems, []));
  }
});

test('every mention of an action of this repository in an example has its full name', () => {
  for (const { text, place } of pages.flatMap(fencesOf))
    for (const [, name] of text.matchAll(/uses: (\S*multiarch-manifest-action\S*)/g))
      assert.ok(name === ownWorkflow || ownFolder(name) !== undefined, `${place}: ${name}`);
});

test('every call of the reusable workflow has inputs that it declares, and every input is described', async () => {
  const file = '.github/workflows/multiarch.yml';
  const { document } = await readWorkflow(file, readFileSync(join(root, file), 'utf8'));
  const declared = Object.keys(
    mappingOf(mappingOf(mappingOf(mappingOf(document)['on'])['workflow_call'])['inputs']),
  );
  const calls = examples.flatMap(({ parsed }) =>
    Object.values(mappingOf(mappingOf(parsed.document)['jobs'])).map(mappingOf),
  );
  const given = calls
    .filter(({ uses }) => uses === ownWorkflow)
    .flatMap((job) => Object.keys(mappingOf(job['with'])));
  assert.ok(given.length > 0);
  assert.deepEqual(
    given.filter((name) => !declared.includes(name)),
    [],
  );
  const recipes = pages.find(({ path }) => path === 'docs/RECIPES.md')?.text ?? '';
  for (const name of declared) assert.match(recipes, new RegExp(`^\\| .*\`${name}\``, 'm'), name);
});
